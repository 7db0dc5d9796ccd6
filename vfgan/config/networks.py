"""Defaults of the voice attribute extractor and of the face classifiers."""

import dataclasses
from typing import Any, ClassVar, Literal

from vfgan.config.checks import require, require_choices
from vfgan.config.training import TrainConfig

_SHARES = (
    "label_smoothing", "noise_share", "band_share", "cut_share", "babble_share", "room_share", "spectrum_share",
)  # fmt: skip
_RANGES = ("response_range", "familiar_range", "compression_range", "warp_range", "tempo_range", "corpus_power")


@dataclasses.dataclass(frozen=True)
class ExtractorConfig:
    """The voice attribute extractor: AlexNets on windows of MFSC, side by side."""

    widths: tuple[int, ...] = (32, 64, 128, 128)
    """Filters of the four convolutions."""
    dense: int = 256
    """Units of the dense layer after them."""
    z_size: int = 32
    """Numbers of the voice attribute z."""
    dropout: float = 0.15
    """Share of units dropped before and after the dense layer."""
    features: Literal["mfsc", "mfcc", "static"] = "mfsc"
    """What of a voice is seen. mfsc: log mel energies and their first and second differences. mfcc: their cosine
    transforms. static: log mel energies alone. The latter two are for comparison (`vfgan compare --table features`)."""
    over_time: Literal["all", "statistics"] = "statistics"
    """What of the last convolution's map the dense layer sees: all of it, or its mean and deviation over time."""
    towers: int = 3
    """Networks side by side, each trained by itself under the same last layer; z is their mean."""
    learning_rate: float = 2e-3
    """Adam's step, falling to 0 along a cosine."""
    weight_decay: float = 1e-4
    """Decoupled weight decay."""
    label_smoothing: float = 0.1
    """Share of the label spread over all emotions."""
    mask_bands: int = 3
    """At most this many mel bands are masked in training (SpecAugment)."""
    mask_frames: int = 3
    """At most this many frames are masked in training (SpecAugment)."""
    gain_range: float = 0.7
    """Log energy of a training window moves by up to this (0.7 = 3 dB) either way."""
    noise_share: float = 0.2
    """Share of the training clips that get noise, 4 to 39 dB below the voice."""
    band_share: float = 0.2
    """Share of the training clips that lose high and low frequencies, as on a telephone."""
    cut_share: float = 0.15
    """Share of the training windows that are cut short, as in recordings shorter than a window."""
    spectrum_share: float = 0.3
    """Share of the training clips that get the mean spectrum of another voice, of any corpus, with the same emotion."""
    babble_share: float = 0.1
    """Share of the training clips that get other voices behind them."""
    room_share: float = 0.15
    """Share of the training clips that are heard in a room, with its echoes."""
    response_range: float = 0.4
    """Strength of the random frequency response of a microphone in training (0.4 = 1.7 dB)."""
    compression_range: float = 0.1
    """Loudness contrasts of a training clip grow or shrink by up to this share."""
    warp_range: float = 0.08
    """Frequencies of a training clip are scaled by up to this share either way, as by another vocal tract."""
    tempo_range: float = 0.1
    """A training clip is up to this share faster or slower."""
    corpus_power: float = 0.5
    """Corpora are drawn by their number of people to this power (0: all the same; 1: by people)."""
    temperature: float = 0.75
    """Logits are divided by this before the softmax, outside of training, so that the probabilities are right."""
    familiar_range: float = 1.5
    """A voice is familiar up to this many times the training utterances' median distance; the answer to others is
    flatter (0: not measured)."""
    patience: int = 0
    """Stop after so many evaluations without a better UAR on validation actors, and keep the best weights (0: not)."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision of the arithmetic in training; bfloat16 is faster where the processor knows it."""
    train: TrainConfig = TrainConfig(steps=8_000, batch_size=64, evaluate_every=1_000, save_every=500)

    #: Fields of earlier versions, with the value under which they change nothing.
    RETIRED: ClassVar[dict[str, Any]] = {"mix_share": 0.0}
    #: What a configuration from before these fields stands for.
    BEFORE: ClassVar[dict[str, Any]] = {"over_time": "all", "towers": 1, "temperature": 1.0, "familiar_range": 0.0}

    def __post_init__(self) -> None:
        require_choices(self)
        require(len(self.widths) == 4, "widths", "four numbers of filters", self.widths)
        require(min(self.widths) >= 1, "widths", "positive numbers", self.widths)
        for name in ("dense", "z_size", "towers"):
            require(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        for name in ("weight_decay", "mask_bands", "mask_frames", "gain_range", "patience", *_RANGES):
            require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        for name in ("learning_rate", "temperature"):
            require(getattr(self, name) > 0, name, "more than 0", getattr(self, name))
        require(0 <= self.dropout < 1, "dropout", "0 to 1", self.dropout)
        for name in _SHARES:
            require(0 <= getattr(self, name) <= 1, name, "0 to 1", getattr(self, name))


@dataclasses.dataclass(frozen=True)
class FaceClassifierConfig:
    """A network that classifies a face's emotion: the emotion CNN, or the judge of evaluations."""

    architecture: Literal["vgg", "separable"] = "vgg"
    """Plain convolutions (the emotion CNN), or residual separable ones (the judge)."""
    size_px: int = 64
    """Faces are scaled to this width and height, pixels; a multiple of 16 from 32."""
    width: int = 32
    """Filters of the first stage, doubled at each stage."""
    features: int = 128
    """Numbers in the penultimate layer."""
    dropout: float = 0.4
    """Share of features dropped in training."""
    erased_share: float = 0.5
    """Share of the training faces in which a rectangle is made grey (random erasing)."""
    augment: tuple[Literal["randaugment", "cut-out", "mix-up"], ...] = ()
    """More augmentation of the training faces, by keras-cv: randaugment (contrast, brightness and others), cut-out
    (a grey rectangle in each), mix-up (two faces and their labels)."""
    learning_rate: float = 1e-3
    """Adam's learning rate, falling to 0 along a cosine."""
    weight_decay: float = 0.05
    """Decoupled weight decay."""
    label_smoothing: float = 0.1
    """Share of the label spread over all emotions."""
    half: Literal["first", "second", "all"] = "first"
    """Half of the training clips to learn from; by default the emotion CNN takes the first, the judge the second."""
    train: TrainConfig = TrainConfig(steps=2_500, batch_size=64, evaluate_every=250, save_every=250)

    def __post_init__(self) -> None:
        require_choices(self)
        require(self.size_px % 16 == 0 and self.size_px >= 32, "size_px", "a multiple of 16 from 32", self.size_px)
        for name in ("width", "features"):
            require(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        require(0 <= self.dropout < 1, "dropout", "0 to 1", self.dropout)
        require(0 <= self.erased_share <= 1, "erased_share", "0 to 1", self.erased_share)
        require(0 <= self.label_smoothing < 1, "label_smoothing", "0 to 1", self.label_smoothing)
        require(self.weight_decay >= 0, "weight_decay", "0 or more", self.weight_decay)
        require(self.learning_rate > 0, "learning_rate", "more than 0", self.learning_rate)


@dataclasses.dataclass(frozen=True)
class MouthConfig:
    """The network that moves a mouth by the moment's sound."""

    components: int = 5
    """Principal components of the motion of mouth and jaw."""
    context: int = 8
    """MFSC frames heard before and behind the moment: 8 x 30 ms on either side."""
    units: tuple[int, ...] = (128, 64)
    """Units of the two dense layers."""
    dropout: float = 0.2
    """Share of units dropped in training."""
    noise: float = 1.0
    """Deviation of the noise added to the sound in training, log energy."""
    warp_range: float = 0.1
    """Frequencies of a training example are scaled by up to this share either way, as by another vocal tract."""
    level_range: float = 1.0
    """Log energies of a training example move by up to this either way (1 = 4 dB)."""
    most_range: float = 2.0
    """What is told is made at most so many times as large, so that mouths open as far as real ones."""
    learning_rate: float = 1e-3
    """Adam's learning rate, falling to 0 along a cosine."""
    train: TrainConfig = TrainConfig(steps=2_000, batch_size=64, evaluate_every=250, save_every=250)

    def __post_init__(self) -> None:
        require(len(self.units) == 2, "units", "two numbers of units", self.units)
        for name in ("components", "context"):
            require(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        require(min(self.units) >= 1, "units", "positive numbers", self.units)
        require(0 <= self.dropout < 1, "dropout", "0 to 1", self.dropout)
        require(0 <= self.warp_range < 0.5, "warp_range", "0 to 0.5", self.warp_range)
        require(0 <= self.noise <= 1, "noise", "0 to 1", self.noise)
        require(self.level_range >= 0, "level_range", "0 or more", self.level_range)
        require(self.most_range >= 1, "most_range", "at least 1", self.most_range)
        require(self.learning_rate > 0, "learning_rate", "more than 0", self.learning_rate)
