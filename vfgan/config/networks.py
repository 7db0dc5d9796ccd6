"""Defaults of the voice attribute extractor and of the face classifiers."""

import dataclasses
from typing import Literal

from vfgan.config.checks import require
from vfgan.config.training import TrainConfig


@dataclasses.dataclass(frozen=True)
class ExtractorConfig:
    """The voice attribute extractor: AlexNet on windows of MFSC."""

    widths: tuple[int, ...] = (32, 64, 96, 96)
    """Filters of the four convolutions."""
    dense: int = 128
    """Units of the dense layer after them."""
    z_size: int = 32
    """Numbers in the voice attribute z."""
    dropout: float = 0.4
    """Share of units dropped before and after the dense layer."""
    learning_rate: float = 2e-3
    """Adam's learning rate, falling to 0 along a cosine."""
    weight_decay: float = 1e-4
    """Decoupled weight decay."""
    label_smoothing: float = 0.1
    """Share of the label spread over all emotions."""
    mask_bands: int = 8
    """Most mel bands masked in training (SpecAugment)."""
    mask_frames: int = 8
    """Most MFSC frames masked in training (SpecAugment)."""
    gain_range: float = 2.0
    """Log energy of a training window moves up or down by up to this (2.0 = 8.7 dB)."""
    noise_share: float = 0.3
    """Share of the training clips that get noise, 4 to 39 dB below the voice."""
    band_share: float = 0.25
    """Share of the training clips that lose high and low frequencies, as on a telephone."""
    warp_range: float = 0.0
    """Frequencies of a training window are scaled by up to this share either way, as by another vocal tract."""
    mix_share: float = 0.0
    """At most this share of another example is mixed into one, and into its label."""
    patience: int = 0
    """Stop after this many evaluations without a better validation UAR and keep the best weights; 0 never stops."""
    train: TrainConfig = TrainConfig(steps=2_500, batch_size=64, evaluate_every=100, save_every=200)

    def __post_init__(self) -> None:
        require(len(self.widths) == 4, "widths", "four numbers of filters", self.widths)
        require(min(self.widths) >= 1, "widths", "positive numbers", self.widths)
        for name in ("dense", "z_size"):
            require(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        for name in ("weight_decay", "mask_bands", "mask_frames", "gain_range", "warp_range", "mix_share", "patience"):
            require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        require(self.learning_rate > 0, "learning_rate", "more than 0", self.learning_rate)
        require(0 <= self.dropout < 1, "dropout", "0 to 1", self.dropout)
        for name in ("label_smoothing", "noise_share", "band_share"):
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
        require(self.size_px % 16 == 0 and self.size_px >= 32, "size_px", "a multiple of 16 from 32", self.size_px)
        for name in ("width", "features"):
            require(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        require(0 <= self.dropout < 1, "dropout", "0 to 1", self.dropout)
        require(0 <= self.erased_share <= 1, "erased_share", "0 to 1", self.erased_share)
        require(0 <= self.label_smoothing < 1, "label_smoothing", "0 to 1", self.label_smoothing)
        require(self.weight_decay >= 0, "weight_decay", "0 or more", self.weight_decay)
        require(self.learning_rate > 0, "learning_rate", "more than 0", self.learning_rate)
