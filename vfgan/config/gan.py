"""The configuration of the voice-conditioned CycleGAN."""

import dataclasses
from typing import Literal

from vfgan.config.checks import require
from vfgan.config.training import TrainConfig


@dataclasses.dataclass(frozen=True)
class MotionConfig:
    """The generator that bends a face and paints the rest (head motion): its networks, and what it learns when.

    First the flow learns from landmarks alone, then the paint on faces bent by their true flow, then the paper's losses
    join: pixels would pull the flow to 0, since pairs are never aligned to the pixel.
    """

    grid: int = 32
    """Nodes of the flow either way."""
    components: int = 40
    """Components of a face's shape."""
    corrections: int = 12
    """Components of an emotional face's way back to rest (F)."""
    paint_filters: int = 24
    """Filters of the painter's first stage."""
    flow_steps: int = 600
    """Steps in which only the flow learns."""
    paint_steps: int = 1_000
    """Steps after those in which only the paint learns."""
    flow_learning_rate: float = 2e-3
    """Adam's step of what finds and moves landmarks."""
    paint_learning_rate: float = 1e-3
    """Adam's step of what paints."""
    detail: float = 6.0
    """Weight of the paint's L1 distance after 8 px means are subtracted, beside the plain one of 1."""
    sparing: float = 0.3
    """Weight of the mean of all that is painted."""
    mouth: float = 2.0
    """How much more a pixel of the open mouth counts."""
    voice: float = 2.0
    """Weight of the cross-entropy of the emotion that the flow reads from z."""
    strong: float = 1.15
    """A strong voice moves a face so many times as far as one of unknown intensity, a normal one as much less."""
    realness: float = 0.01
    """Weight of the adversarial loss in the last stage."""
    cycle: float = 0.2
    """Weight of the cycle consistency in the last stage."""
    verification: float = 0.01
    """Weight of the verification loss in the last stage."""

    def __post_init__(self) -> None:
        for name in ("grid", "components", "corrections", "paint_filters"):
            require(getattr(self, name) >= 1, f"motion.{name}", "at least 1", getattr(self, name))
        for name in ("flow_learning_rate", "paint_learning_rate"):
            require(getattr(self, name) > 0, f"motion.{name}", "more than 0", getattr(self, name))
        require(1 <= self.strong < 2, "motion.strong", "1 to below 2", self.strong)
        for name in (
            "flow_steps", "paint_steps", "detail", "sparing", "mouth", "voice", "realness", "cycle", "verification",
        ):  # fmt: skip
            require(getattr(self, name) >= 0, f"motion.{name}", "0 or more", getattr(self, name))


@dataclasses.dataclass(frozen=True)
class GanConfig:
    """The voice-conditioned CycleGAN."""

    size_px: int = 64
    """Width and height of the faces it works on."""
    filters: int = 24
    """Filters of the generators' first stage."""
    blocks: int = 4
    """Residual blocks of a generator."""
    head: Literal["residual", "attention", "plain", "motion"] = "residual"
    """Output: the input plus a change, plus a masked change, or the new face alone; or the input bent and painted on,
    in colour (`motion`)."""
    motion: MotionConfig = MotionConfig()
    oval: bool = True
    """Only the oval of brows, eyes, nose and mouth changes, as where a face is put back into its picture, and the
    discriminators see only that: hair and background tell them a picture's source, not its emotion."""
    equal_contrast: bool = False
    """The generators see every face at the same mean and contrast, and what they add is of the face's own contrast; not
    with the plain head."""
    condition: Literal["add", "film", "concat", "input", "none"] = "add"
    """How z enters: added after normalisation at every stage, scale and shift, concatenated, at the input only (a
    conditional CycleGAN), or not at all (a plain CycleGAN)."""
    attribute: Literal["voice", "label"] = "voice"
    """z: the voice attribute, or the emotion's name as 0 and 1 (the authors' code; for comparison, not exported)."""
    discriminator_filters: int = 32
    """Filters of the discriminators' first stage."""
    discriminator_layers: int = 4
    """Strided stages of the patch discriminators."""
    projection: bool = True
    """D_Y also scores how the voice fits features of the face, which begin as the emotion CNN's (projection
    discriminator, Miyato & Koyama, 2018): patches alone do not learn to hear in a few thousand steps."""
    spectral_norm: bool = True
    """Spectral normalisation in the discriminators."""
    adversarial: Literal["least-squares", "log", "hinge"] = "hinge"
    """Adversarial loss: least squares (the authors' code), the paper's log loss, or hinge. With spectral normalisation
    a discriminator's scores differ too little to come near the targets of least squares."""
    wrong_voices: Literal["none", "real", "both"] = "real"
    """Wrong attributes that D_Y learns to refuse: with real faces (the paper), with fakes too (the authors' code)."""
    real_smoothing: float = 0.0
    """Real faces are to score this much below 1 (one-sided label smoothing)."""
    r1_penalty: float = 0.0
    """Weight of the penalty on the discriminators' gradients at real faces (R1; 10 is common, 0: none)."""
    discriminator_change: float = 0.0
    """How much faces, real and fake, are changed at random before the discriminators see them (for little data)."""
    lambda_cycle: float = 2.0
    """Weight of the cycle consistency (authors: 10, which holds a generator that begins at the identity there; 0:
    no cycle, a conditional GAN)."""
    verification_ratio: float = 1.0
    """Weight of the verification loss."""
    verification_target: Literal["face", "emotion", "critic"] = "critic"
    """What is to be seen in a generated face: by the emotion CNN the features of the face that the voice was paired
    with (the paper), or that face's emotion (cross-entropy); or that emotion by a copy of the emotion CNN which goes on
    learning and knows generated faces as one class more. The features are those of a person, too: with many people the
    distance to somebody else's hardly tells the emotion."""
    verification_realness: float = 1.0
    """With the critic: weight of "not generated" beside the emotion (1: the cross-entropy of all its classes)."""
    verification_schedule: Literal["constant", "rise", "fall"] = "constant"
    """The weight over the training: the same, from 0 up to it, or from it down to 0."""
    verification_change: float = 0.7
    """How much faces are turned, shifted and blurred at random before the emotion CNN sees them (0: not). Without it
    the generator paints what only the emotion CNN sees."""
    average_decay: float = 0.0
    """What is exported is the running average of G's weights with this decay a step (such as 0.999; 0: G itself)."""
    pool_size: int = 50
    """Earlier fakes kept for the discriminators (0: none)."""
    generator_learning_rate: float = 2e-4
    """Adam's step of G and F."""
    discriminator_learning_rate: float = 4e-4
    """Adam's step of D_X and D_Y (authors: 1e-4; with spectral normalisation they learn too slowly with it)."""
    beta_1: float = 0.5
    """Adam's decay of the first moment."""
    guard: Literal["act", "tell", "off"] = "act"
    """What happens at a fault (`vfgan.training.guard`): mended or stopped, only told, or nothing is looked for."""
    recipe: Literal["same-people", "person-to-person", "one-person"] = "same-people"
    """Whose faces are X and Y: everyone's; X of all others and Y of `target`; both of `target` alone."""
    target: str = ""
    """The actor whose faces are Y; for the last two recipes."""
    source: Literal["neutral", "any"] = "neutral"
    """Faces X: those of neutral and calm clips, or every face."""
    clear_faces: bool = True
    """Of faces Y only those in which the emotion CNN sees the emotion that they are labelled with, as voices count
    only where the extractor hears it; emotions with fewer than 20 such faces keep all."""
    corpus_power: float = 0.0
    """How likely a corpus is that has faces Y of an emotion: as their number to this power (0: each as likely as the
    others, 1: each face as likely)."""
    own_voice: bool = True
    """z of a face that was seen while its own voice was heard is of the window around its time, not of another
    voice of the same emotion; where the extractor hears it rightly and has not learnt from its actor."""
    same_intensity: bool = True
    """Voices of the same emotion are also of the same intensity, where both are known."""
    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    """What the networks compute in; the two short ones are for GPUs, weights stay float32."""
    xla: bool = False
    """Let XLA join operations (for GPUs; on CPUs it was four times slower)."""
    train: TrainConfig = TrainConfig(steps=2_400, batch_size=8, log_every=25, evaluate_every=250, save_every=250)

    def __post_init__(self) -> None:
        require(self.size_px % 16 == 0 and self.size_px >= 32, "size_px", "a multiple of 16 from 32", self.size_px)
        for name in ("filters", "blocks", "discriminator_filters", "discriminator_layers"):
            require(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        for name in ("lambda_cycle", "verification_ratio", "verification_realness", "pool_size", "r1_penalty"):
            require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        for name in ("verification_change", "discriminator_change", "corpus_power"):
            require(0 <= getattr(self, name) <= 1, name, "0 to 1", getattr(self, name))
        for name in ("real_smoothing", "average_decay"):
            require(0 <= getattr(self, name) < 1, name, "0 to 1", getattr(self, name))
        needs_target = self.recipe != "same-people"
        require(
            bool(self.target) == needs_target,
            "target",
            "an actor, with --recipe person-to-person or one-person, and none without",
            self.target,
        )
        require(
            not (self.equal_contrast and self.head == "plain"), "equal_contrast", "off with --head plain",
            self.equal_contrast,
        )  # fmt: skip
        require(
            self.head != "motion" or (self.size_px >= 64 and self.attribute == "voice"),
            "head", "motion with --size-px 64 or more and --attribute voice", self.head,
        )  # fmt: skip
        require(0 <= self.beta_1 < 1, "beta_1", "0 to 1", self.beta_1)
        for name in ("generator_learning_rate", "discriminator_learning_rate"):
            require(getattr(self, name) > 0, name, "more than 0", getattr(self, name))

    @property
    def channels(self) -> int:
        """Of the faces that the networks see: 3, RGB, or 1, luma."""
        return 3 if self.head == "motion" else 1
