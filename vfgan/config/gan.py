"""Defaults of the voice-conditioned CycleGAN, in groups.

On the command line the groups' options stand side by side (`--lambda-cycle 4`); in code they are
`config.losses.lambda_cycle`. Cards and runs written before there were groups have the same names without them.
"""

import dataclasses
from typing import Annotated, Any, ClassVar, Literal

import tyro

from vfgan.config.checks import require
from vfgan.config.serialise import with_options
from vfgan.config.training import TrainConfig

#: The group's name is not part of its options' names.
_FLAT = tyro.conf.arg(name="")


@dataclasses.dataclass(frozen=True)
class ExamplesConfig:
    """Which faces and voices are drawn: X, Y and z."""

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
    attribute: Literal["voice", "label"] = "voice"
    """z: the voice attribute, or the emotion's name as 0 and 1 (the authors' code; for comparison, not exported)."""
    own_voice: bool = True
    """z of a face that was seen while its own voice was heard is of the window around its time, not of another
    voice of the same emotion; where the extractor hears it rightly and has not learnt from its actor."""
    same_intensity: bool = True
    """Voices of the same emotion are also of the same intensity, where both are known."""

    def __post_init__(self) -> None:
        require(0 <= self.corpus_power <= 1, "corpus_power", "0 to 1", self.corpus_power)
        expected = "an actor, with --recipe person-to-person or one-person, and none without"
        require(bool(self.target) == (self.recipe != "same-people"), "target", expected, self.target)


@dataclasses.dataclass(frozen=True)
class NetworksConfig:
    """Generators and discriminators."""

    size_px: int = 64
    """Width and height of the faces it works on."""
    filters: int = 24
    """Filters of the generators' first stage."""
    blocks: int = 4
    """Residual blocks of a generator."""
    head: Literal["residual", "attention", "plain"] = "residual"
    """Output: the input plus a change, plus a masked change, or the new face alone."""
    oval: bool = True
    """Only the oval of brows, eyes, nose and mouth changes, as where a face is put back into its picture, and the
    discriminators see only that: hair and background tell them a picture's source, not its emotion."""
    equal_contrast: bool = False
    """The generators see every face at the same mean and contrast, and what they add is of the face's own contrast; not
    with the plain head."""
    condition: Literal["add", "film", "concat", "input", "none"] = "add"
    """How z enters: added after normalisation at every stage, scale and shift, concatenated, at the input only (a
    conditional CycleGAN), or not at all (a plain CycleGAN)."""
    discriminator_filters: int = 32
    """Filters of the discriminators' first stage."""
    discriminator_layers: int = 4
    """Strided stages of the patch discriminators."""
    projection: bool = True
    """D_Y also scores how the voice fits features of the face, which begin as the emotion CNN's (projection
    discriminator, Miyato & Koyama, 2018): patches alone do not learn to hear in a few thousand steps."""

    def __post_init__(self) -> None:
        require(self.size_px % 16 == 0 and self.size_px >= 32, "size_px", "a multiple of 16 from 32", self.size_px)
        for name in ("filters", "blocks", "discriminator_filters", "discriminator_layers"):
            require(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        keeps_contrast = self.equal_contrast and self.head == "plain"
        require(not keeps_contrast, "equal_contrast", "off with --head plain", self.equal_contrast)


@dataclasses.dataclass(frozen=True)
class LossesConfig:
    """The terms of the objective and their weights."""

    adversarial: Literal["least-squares", "log", "hinge"] = "hinge"
    """Adversarial loss: least squares (the authors' code), the paper's log loss, or hinge. With spectral normalisation
    a discriminator's scores differ too little to come near the targets of least squares."""
    wrong_voices: Literal["none", "real", "both"] = "real"
    """Wrong attributes that D_Y learns to refuse: with real faces (the paper), with fakes too (the authors' code)."""
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

    def __post_init__(self) -> None:
        for name in ("lambda_cycle", "verification_ratio", "verification_realness"):
            require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        require(0 <= self.verification_change <= 1, "verification_change", "0 to 1", self.verification_change)


@dataclasses.dataclass(frozen=True)
class StabilityConfig:
    """What keeps an adversarial training from breaking."""

    spectral_norm: bool = True
    """Spectral normalisation in the discriminators."""
    real_smoothing: float = 0.0
    """Real faces are to score this much below 1 (one-sided label smoothing)."""
    r1_penalty: float = 0.0
    """Weight of the penalty on the discriminators' gradients at real faces (R1; 10 is common, 0: none)."""
    discriminator_change: float = 0.0
    """How much faces, real and fake, are changed at random before the discriminators see them (for little data)."""
    pool_size: int = 50
    """Earlier fakes kept for the discriminators (0: none)."""
    average_decay: float = 0.0
    """What is exported is the running average of G's weights with this decay a step (such as 0.999; 0: G itself)."""
    guard: Literal["act", "tell", "off"] = "act"
    """act: repair a fault or stop. tell: repair NaN and exploding rates, report slow faults. off: repair nothing."""

    def __post_init__(self) -> None:
        for name in ("r1_penalty", "pool_size"):
            require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        for name in ("real_smoothing", "average_decay"):
            require(0 <= getattr(self, name) < 1, name, "0 to 1", getattr(self, name))
        require(0 <= self.discriminator_change <= 1, "discriminator_change", "0 to 1", self.discriminator_change)


@dataclasses.dataclass(frozen=True)
class OptimisationConfig:
    """Learning rates, and what the networks compute in."""

    generator_learning_rate: float = 2e-4
    """Adam's step of G and F."""
    discriminator_learning_rate: float = 4e-4
    """Adam's step of D_X and D_Y (authors: 1e-4; with spectral normalisation they learn too slowly with it)."""
    beta_1: float = 0.5
    """Adam's decay of the first moment."""
    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    """What the networks compute in; the two short ones are for GPUs, weights stay float32."""
    xla: bool = False
    """Let XLA join operations (for GPUs; on CPUs it was four times slower)."""

    def __post_init__(self) -> None:
        require(0 <= self.beta_1 < 1, "beta_1", "0 to 1", self.beta_1)
        for name in ("generator_learning_rate", "discriminator_learning_rate"):
            require(getattr(self, name) > 0, name, "more than 0", getattr(self, name))


@dataclasses.dataclass(frozen=True)
class GanConfig:
    """The voice-conditioned CycleGAN and its training."""

    data: Annotated[ExamplesConfig, _FLAT] = ExamplesConfig()
    networks: Annotated[NetworksConfig, _FLAT] = NetworksConfig()
    losses: Annotated[LossesConfig, _FLAT] = LossesConfig()
    stability: Annotated[StabilityConfig, _FLAT] = StabilityConfig()
    optimisation: Annotated[OptimisationConfig, _FLAT] = OptimisationConfig()
    train: TrainConfig = TrainConfig(steps=2_400, batch_size=8, log_every=25, evaluate_every=250, save_every=250)

    #: Fields of earlier versions, with the value under which they change nothing.
    RETIRED: ClassVar[dict[str, Any]] = {"short_time": False, "mouth_ratio": None}

    @classmethod
    def of(cls, **options: Any) -> "GanConfig":
        """The defaults with some options changed by their names, whichever group they are in.

        >>> GanConfig.of(lambda_cycle=4.0).losses.lambda_cycle
        4.0
        """
        return with_options(cls(), **options)
