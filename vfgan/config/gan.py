"""Defaults of the voice-conditioned CycleGAN, in groups.

On the command line options have no group (`--lambda-cycle 4`); in code they do (`config.losses.lambda_cycle`).
Older cards and runs hold the same names without groups.
"""

import dataclasses
from typing import Annotated, Any, ClassVar, Literal

import tyro

from vfgan.config.checks import require, require_choices
from vfgan.config.serialise import with_options
from vfgan.config.training import TrainConfig

#: Leaves the group's name out of the options' names.
_FLAT = tyro.conf.arg(name="")


@dataclasses.dataclass(frozen=True)
class ExamplesConfig:
    """Which faces and voices are drawn: X, Y and z."""

    recipe: Literal["same-people", "person-to-person", "one-person"] = "same-people"
    """Whose faces are X and Y. same-people: everyone's. person-to-person: X of all others, Y of --target. one-person:
    both of --target."""
    target: str = ""
    """The actor whose faces are Y, for the recipes person-to-person and one-person."""
    source: Literal["neutral", "any"] = "neutral"
    """Faces X: those of neutral and calm clips (neutral), or every face (any)."""
    clear_faces: bool = True
    """Use only faces Y in which the emotion CNN sees their label. Emotions with fewer than 20 such faces keep all."""
    corpus_power: float = 0.0
    """Draw a corpus in proportion to its number of faces to this power, 0 to 1. 0: all corpora equally; 1: all faces
    equally."""
    attribute: Literal["voice", "label"] = "voice"
    """What z is. voice: the voice attribute. label: the emotion as 0 and 1, as in the authors' code; for comparison
    only, it cannot be exported."""
    own_voice: bool = True
    """Pair each face with its own clip's voice at that time. The clip must have sound, the extractor must not have been
    trained on the actor and must classify the voice correctly, and at least two emotions must have such faces. Other
    faces get a voice of the same emotion."""
    same_intensity: bool = True
    """Pair a face only with voices of its intensity, where both intensities are known."""

    def __post_init__(self) -> None:
        require_choices(self)
        require(0 <= self.corpus_power <= 1, "corpus_power", "0 to 1", self.corpus_power)
        expected = "an actor, with --recipe person-to-person or one-person, and none without"
        require(bool(self.target) == (self.recipe != "same-people"), "target", expected, self.target)


@dataclasses.dataclass(frozen=True)
class NetworksConfig:
    """Generators and discriminators."""

    size_px: int = 64
    """Width and height of the faces, pixels; a multiple of 16 from 32."""
    filters: int = 24
    """Filters of the generators' first stage."""
    blocks: int = 4
    """Residual blocks of a generator."""
    head: Literal["residual", "attention", "plain", "motion", "icgan"] = "residual"
    """Output. residual: the input plus a change. attention: the input plus a masked change. plain: a new face. motion:
    the input bent and painted on, in colour. icgan: a new face from a code of the input, by a conditional DCGAN with
    encoders (IcGAN), for comparison."""
    oval: bool = True
    """Change only the oval of brows, eyes, nose and mouth, as when a face is pasted back. The discriminators see only
    the oval, because hair and background reveal the corpus."""
    equal_contrast: bool = False
    """Give every face the same mean and contrast before the generators. The change is scaled back to the face's own
    contrast. Not with --head plain."""
    condition: Literal["add", "film", "concat", "concat-all", "input", "none"] = "add"
    """How z enters G and D_Y. add, film, concat: at every stage, added after normalisation, as scale and shift, or
    concatenated. concat-all: concatenated at every convolution, the last ones too (the paper). input: at the input
    only. none: not at all, a plain CycleGAN."""
    discriminator_filters: int = 32
    """Filters of the discriminators' first stage."""
    discriminator_layers: int = 4
    """Strided stages of the patch discriminators."""
    projection: bool = True
    """D_Y also scores how the voice fits features of the face (projection discriminator, Miyato & Koyama, 2018). The
    features start as the emotion CNN's. Without it D_Y does not learn to use z within a few thousand steps."""

    def __post_init__(self) -> None:
        require_choices(self)
        require(self.size_px % 16 == 0 and self.size_px >= 32, "size_px", "a multiple of 16 from 32", self.size_px)
        for name in ("filters", "blocks", "discriminator_filters", "discriminator_layers"):
            require(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        keeps_contrast = self.equal_contrast and self.head == "plain"
        require(not keeps_contrast, "equal_contrast", "off with --head plain", self.equal_contrast)


@dataclasses.dataclass(frozen=True)
class LossesConfig:
    """The terms of the objective and their weights."""

    adversarial: Literal["least-squares", "log", "hinge"] = "hinge"
    """Adversarial loss: hinge, least-squares (the authors' code) or log (the paper). Least squares suits spectral
    normalisation badly: the scores then vary too little to reach its targets."""
    wrong_voices: Literal["none", "real", "both", "generated"] = "real"
    """Which faces D_Y learns to refuse with a wrong voice. real: real ones. both: real and generated ones (the authors'
    code). generated: real ones, and faces generated for the wrong voice, with that and with the right one (the paper).
    none: no wrong voices."""
    lambda_cycle: float = 2.0
    """Weight of the cycle consistency; 0 makes a conditional GAN. The authors use 10, but our generators start at the
    identity and 10 keeps them there."""
    verification_ratio: float = 1.0
    """Weight of the verification loss."""
    verification_target: Literal["face", "emotion", "critic"] = "critic"
    """What the verification loss compares. face: the emotion CNN's features of the paired face (the paper). emotion:
    that face's emotion, by cross-entropy. critic: the same, by a copy of the emotion CNN that keeps learning, with
    generated faces as an extra class. Choose face for one person only: its features also tell people apart."""
    verification_realness: float = 1.0
    """With the critic: weight of "not generated" beside the emotion; 1 is the cross-entropy over all classes."""
    verification_schedule: Literal["constant", "rise", "fall"] = "constant"
    """The verification weight over the training: constant, rise (from 0) or fall (to 0)."""
    verification_change: float = 0.7
    """Strength of the augmentation before the emotion CNN sees a face, 0 to 1: turns, shifts and blur. At 0 the
    generator learns adversarial patterns that only the emotion CNN sees."""

    def __post_init__(self) -> None:
        require_choices(self)
        for name in ("lambda_cycle", "verification_ratio", "verification_realness"):
            require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        require(0 <= self.verification_change <= 1, "verification_change", "0 to 1", self.verification_change)


@dataclasses.dataclass(frozen=True)
class StabilityConfig:
    """Options that keep an adversarial training stable."""

    spectral_norm: bool = True
    """Spectral normalisation in the discriminators."""
    real_smoothing: float = 0.0
    """The target for real faces is this far below 1 (one-sided label smoothing), 0 to below 1."""
    r1_penalty: float = 0.0
    """Weight of the R1 penalty on the discriminators' gradients at real faces; 10 is common, 0 disables it."""
    discriminator_change: float = 0.0
    """Strength of the augmentation before the discriminators see a face, 0 to 1. For little data."""
    pool_size: int = 50
    """Earlier generated faces kept for the discriminators (image pool); 0 keeps none."""
    average_decay: float = 0.0
    """Export the running average of G's weights with this decay a step, such as 0.999; 0 exports G itself."""
    guard: Literal["act", "tell", "off"] = "act"
    """What the guard does at a fault. act: repair or stop. tell: repair NaN and exploding rates, only report slow
    faults. off: repair nothing; NaN stops the training."""

    def __post_init__(self) -> None:
        require_choices(self)
        for name in ("r1_penalty", "pool_size"):
            require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        for name in ("real_smoothing", "average_decay"):
            require(0 <= getattr(self, name) < 1, name, "0 to 1", getattr(self, name))
        require(0 <= self.discriminator_change <= 1, "discriminator_change", "0 to 1", self.discriminator_change)


@dataclasses.dataclass(frozen=True)
class OptimisationConfig:
    """Learning rates and arithmetic."""

    generator_learning_rate: float = 2e-4
    """Adam's learning rate of G and F."""
    discriminator_learning_rate: float = 4e-4
    """Adam's learning rate of D_X and D_Y. The authors use 1e-4, too slow with spectral normalisation."""
    beta_1: float = 0.5
    """Adam's decay of the first moment."""
    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    """Arithmetic of the networks; bfloat16 and float16 are for GPUs. Weights stay float32."""
    xla: bool = False
    """Let XLA join operations. For GPUs: on CPUs it was four times slower."""

    def __post_init__(self) -> None:
        require_choices(self)
        require(0 <= self.beta_1 < 1, "beta_1", "0 to 1", self.beta_1)
        for name in ("generator_learning_rate", "discriminator_learning_rate"):
            require(getattr(self, name) > 0, name, "more than 0", getattr(self, name))


@dataclasses.dataclass(frozen=True)
class MotionConfig:
    """The generator that bends and shades a face and paints the rest (head motion): its networks, and what learns when.

    First the flow learns from landmarks alone, then the paint from what is seen between lips, then the paper's losses
    join: pixels would pull the flow to 0, since pairs are never aligned to the pixel.
    """

    grid: int = 32
    """Nodes of the flow either way."""
    components: int = 40
    """Components of a face's shape."""
    corrections: int = 12
    """Components of an emotional face's way back to rest (F)."""
    paint_units: int = 64
    """Units of the layers that paint the inside of a mouth."""
    flow_steps: int = 600
    """Steps in which only the flow learns."""
    paint_steps: int = 1_000
    """Steps after those in which only the paint learns."""
    flow_learning_rate: float = 2e-3
    """Adam's step of what finds and moves landmarks."""
    paint_learning_rate: float = 1e-3
    """Adam's step of what paints."""
    voice: float = 2.0
    """Weight of the cross-entropy of the emotion that the flow reads from z."""
    strong: float = 1.4
    """A strong voice moves a face so many times as far as one of unknown intensity, a normal one as much less."""
    effort: bool = True
    """Hear in z how strong a voice is, and move faces by that. False: the intensity tells training examples alone."""
    realness: float = 0.01
    """Weight of the adversarial loss in the last stage."""
    cycle: float = 0.2
    """Weight of the cycle consistency in the last stage."""
    verification: float = 0.01
    """Weight of the verification loss in the last stage."""
    calibration_rounds: int = 0
    """After training, enlarge displacements this many times until a face mesh sees in bent faces what it sees in real
    ones; 0 leaves them."""

    shading: float = 3.0
    """Furrows and folds are shaded so many times as strongly as the mean of real faces has them. That mean is soft:
    everybody's lie elsewhere; those of one person do not (preset `actor01`). 0 is a generator that does not shade."""

    emphasis: float = 0.0
    """Fear moves brows and lids so much further than measured (0.7: 1.7 times as far). Sad brows slant as fearful ones
    do, fearful jaws drop, disgust raises nose and upper lip. People who pose hardly do (0.7 in the preset `anyone`)."""

    #: What a configuration of before had.
    BEFORE: ClassVar[dict[str, Any]] = {"shading": 0.0, "effort": False}
    #: Fields of earlier versions: those of a painter, and one that acted at the end of a training alone.
    RETIRED: ClassVar[dict[str, Any]] = dict.fromkeys(("paint_filters", "detail", "sparing", "mouth", "worry"))

    def __post_init__(self) -> None:
        for name in ("grid", "components", "corrections", "paint_units"):
            require(getattr(self, name) >= 1, f"motion.{name}", "at least 1", getattr(self, name))
        for name in ("flow_learning_rate", "paint_learning_rate"):
            require(getattr(self, name) > 0, f"motion.{name}", "more than 0", getattr(self, name))
        require(1 <= self.strong < 2, "motion.strong", "1 to below 2", self.strong)
        for name in (
            "flow_steps", "paint_steps", "voice", "realness", "cycle", "verification", "calibration_rounds",
            "shading", "emphasis",
        ):  # fmt: skip
            require(getattr(self, name) >= 0, f"motion.{name}", "0 or more", getattr(self, name))


@dataclasses.dataclass(frozen=True)
class GanConfig:
    """The voice-conditioned CycleGAN and its training."""

    data: Annotated[ExamplesConfig, _FLAT] = ExamplesConfig()
    networks: Annotated[NetworksConfig, _FLAT] = NetworksConfig()
    losses: Annotated[LossesConfig, _FLAT] = LossesConfig()
    stability: Annotated[StabilityConfig, _FLAT] = StabilityConfig()
    optimisation: Annotated[OptimisationConfig, _FLAT] = OptimisationConfig()
    motion: MotionConfig = MotionConfig()
    train: TrainConfig = TrainConfig(steps=2_400, batch_size=8, log_every=25, evaluate_every=250, save_every=250)

    #: Fields of earlier versions, with the value under which they change nothing.
    RETIRED: ClassVar[dict[str, Any]] = {"short_time": False, "mouth_ratio": None}

    def __post_init__(self) -> None:
        bends, fits = self.networks.head == "motion", self.networks.size_px >= 64 and self.data.attribute == "voice"
        expected = "motion with --size-px 64 or more and --attribute voice"
        require(not bends or fits, "head", expected, self.networks.head)
        recipe = self.data.recipe  # what is bent stays that person
        require(not bends or recipe != "person-to-person", "recipe", "another with --head motion", recipe)
        precision = self.optimisation.precision  # landmarks are to be known to less than a pixel
        require(not bends or precision == "float32", "precision", "float32 with --head motion", precision)

    @property
    def channels(self) -> int:
        """Of the faces that the networks see: 3, RGB, or 1, luma."""
        return 3 if self.networks.head == "motion" else 1

    @classmethod
    def of(cls, **options: Any) -> "GanConfig":
        """Gives the defaults with some options changed. Options are named without their group.

        >>> GanConfig.of(lambda_cycle=4.0).losses.lambda_cycle
        4.0
        """
        return with_options(cls(), **options)
