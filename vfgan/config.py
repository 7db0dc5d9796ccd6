"""Every default of the project, once: frozen dataclasses, validated when made, saved beside every result.

The command line is generated from these classes, so a comment under a field is that option's help text.
Networks take plain arguments, never a whole configuration. That of the CycleGAN fills a file of its own.
"""

import dataclasses
from typing import Literal

from vfgan.gan_config import GanConfig
from vfgan.train_config import TrainConfig, require

__all__ = [
    "BuildConfig",
    "CropConfig",
    "ExtractorConfig",
    "FaceClassifierConfig",
    "GanConfig",
    "MfscConfig",
    "TrainConfig",
    "VideoConfig",
]


@dataclasses.dataclass(frozen=True)
class MfscConfig:
    """Mel-frequency spectral coefficients: log mel energy and its first and second differences."""

    sample_rate_hz: int = 16_000
    """Rate to which every recording is resampled."""
    window_ms: float = 25.0
    """Length of the Hann analysis window."""
    hop_ms: float = 10.0
    """Step of the analysis window."""
    fft_samples: int = 512
    """Points of the Fourier transform; at least the window's samples."""
    mel_bands: int = 40
    """Mel filters (HTK scale, peak 1)."""
    low_hz: float = 20.0
    """Lower edge of the lowest filter."""
    high_hz: float = 8_000.0
    """Upper edge of the highest filter."""
    log_floor: float = 1e-10
    """Added to the energy before the natural logarithm."""
    hops_per_frame: int = 3
    """Analysis windows averaged into one MFSC frame: 3 x 10 ms = 30 ms a frame."""
    delta_span: int = 2
    """Differences are a regression over this many frames to either side."""
    window_frames: int = 40
    """MFSC frames that the network sees at once: 40 x 30 ms = 1.2 s."""
    window_hop_frames: int = 5
    """Step between the windows of an utterance, in MFSC frames."""
    active_range: float = 7.0
    """A frame counts as voice if its loudness is within this of the loudest one's (7.0 = 30 dB of power)."""
    dynamic_range: float = 10.0
    """Log energies are raised to this much below the voice's level (10.0 = 43 dB of power; 0: as they are)."""

    def __post_init__(self) -> None:
        require(self.sample_rate_hz >= 4_000, "mfsc.sample_rate_hz", "at least 4000", self.sample_rate_hz)
        require(0 < self.hop_ms <= self.window_ms, "mfsc.hop_ms", "more than 0, at most window_ms", self.hop_ms)
        require(self.fft_samples >= self.window_samples, "mfsc.fft_samples", "the window or more", self.fft_samples)
        require(self.mel_bands >= 8, "mfsc.mel_bands", "at least 8", self.mel_bands)
        require(0 <= self.low_hz < self.high_hz, "mfsc.low_hz", "0 or more, below high_hz", self.low_hz)
        require(self.high_hz <= self.sample_rate_hz / 2, "mfsc.high_hz", "half the rate or less", self.high_hz)
        require(self.log_floor > 0, "mfsc.log_floor", "more than 0", self.log_floor)
        require(self.dynamic_range >= 0, "mfsc.dynamic_range", "0 or more", self.dynamic_range)
        for name in ("hops_per_frame", "delta_span", "window_frames", "window_hop_frames"):
            require(getattr(self, name) >= 1, f"mfsc.{name}", "at least 1", getattr(self, name))

    @property
    def window_samples(self) -> int:
        """Samples of one analysis window; the least a sound must have."""
        return round(self.sample_rate_hz * self.window_ms / 1000)

    @property
    def hop_samples(self) -> int:
        """Samples between two analysis windows."""
        return round(self.sample_rate_hz * self.hop_ms / 1000)

    @property
    def frame_seconds(self) -> float:
        """Seconds between two MFSC frames."""
        return self.hops_per_frame * self.hop_samples / self.sample_rate_hz


@dataclasses.dataclass(frozen=True)
class CropConfig:
    """The one crop geometry: eyes level, at the same place and distance in every crop."""

    size_px: int = 128
    """Width and height of a stored crop."""
    eye_distance: float = 0.36
    """Distance of the eye centres as a share of the crop's width."""
    eye_height: float = 0.34
    """Height of the eye line from the top as a share of the crop's height."""

    def __post_init__(self) -> None:
        require(16 <= self.size_px <= 1024, "crop.size_px", "16 to 1024", self.size_px)
        require(0.1 <= self.eye_distance <= 0.8, "crop.eye_distance", "0.1 to 0.8", self.eye_distance)
        require(0.1 <= self.eye_height <= 0.9, "crop.eye_height", "0.1 to 0.9", self.eye_height)


@dataclasses.dataclass(frozen=True)
class VideoConfig:
    """How videos are generated."""

    smooth_seconds: float = 0.08
    """How long what trembles is held (0: not); what moves is followed at once, whatever this is."""

    def __post_init__(self) -> None:
        require(0 <= self.smooth_seconds <= 1, "smooth_seconds", "0 to 1", self.smooth_seconds)


@dataclasses.dataclass(frozen=True)
class BuildConfig:
    """What goes into a record, and how clips are divided between people and shards."""

    mfsc: MfscConfig = MfscConfig()
    crop: CropConfig = CropConfig()
    face_fps: float = 12.5
    """Face crops a second of video, at most (0: every frame)."""
    face: Literal["largest", "central"] = "largest"
    """Which face is taken where there are several."""
    jpeg_quality: int = 95
    """Quality of the stored crops; 0 stores PNG, lossless."""
    keep_waveform: bool = False
    """Store the mono waveform too (64 kB a second)."""
    max_clip_seconds: float = 60.0
    """Longer clips are rejected."""
    split: Literal["auto", "actor", "recording", "one-actor-out"] = "auto"
    """Divide by actor, or by recording; auto: by actor where there are at least 3, else by recording; one-actor-out:
    the test is one actor, the one of the number `fold`."""
    validation: float = 0.1
    """Share of the actors (or recordings) for validation."""
    test: float = 0.2
    """Share of the actors (or recordings) for the test."""
    test_actors: tuple[str, ...] = ()
    """Exactly these actors are the test (instead of a share): 01 in every corpus, or ravdess/01 in one."""
    validation_actors: tuple[str, ...] = ()
    """Exactly these actors are the validation (instead of a share)."""
    split_seed: int | None = None
    """Shuffles before dividing; without it the last actors by name are the test, those before them validation."""
    folds: int = 0
    """Divide into this many folds, of which one is the test; 0: by the share `test`."""
    fold: int = 0
    """Which fold, or which actor with one-actor-out, is the test: from 0."""
    near_duplicates: bool = True
    """Pictures divided by recording: keep mirrored, turned, shifted and brightened copies on one side."""
    clips_per_shard: int = 64
    """Clips a TFRecord file."""
    seed: int = 1
    """Of the order of clips in the shards."""

    def __post_init__(self) -> None:
        require(self.face_fps >= 0, "face_fps", "0 or more", self.face_fps)
        require(self.face in ("largest", "central"), "face", "largest or central", self.face)
        require(0 <= self.jpeg_quality <= 100, "jpeg_quality", "0 to 100", self.jpeg_quality)
        require(0 < self.max_clip_seconds <= 36_000, "max_clip_seconds", "up to 36000", self.max_clip_seconds)
        require(0 <= self.validation < 1, "validation", "a share from 0 to below 1", self.validation)
        require(0 <= self.test < 1, "test", "a share from 0 to below 1", self.test)
        require(self.validation + self.test < 1, "validation + test", "less than 1", self.validation + self.test)
        require(self.clips_per_shard >= 1, "clips_per_shard", "at least 1", self.clips_per_shard)
        require(self.folds == 0 or self.folds >= 2, "folds", "0, or 2 and more", self.folds)
        require(self.fold >= 0, "fold", "0 or more", self.fold)
        require(
            self.fold < self.folds or self.split == "one-actor-out" or not self.fold,
            "fold",
            "less than folds",
            self.fold,
        )
        one_way = sum([self.folds > 0, self.split == "one-actor-out", bool(self.test_actors)])
        require(one_way <= 1, "folds", "one of folds, --split one-actor-out and test_actors", self.folds)
        both = set(self.test_actors) & set(self.validation_actors)
        require(not both, "validation_actors", "actors that are not in test_actors", sorted(both))


_RANGES = ("response_range", "familiar_range", "compression_range", "warp_range", "tempo_range", "corpus_power")


@dataclasses.dataclass(frozen=True)
class ExtractorConfig:
    """The voice attribute extractor: AlexNet on windows of MFSC."""

    widths: tuple[int, ...] = (32, 64, 128, 128)
    """Filters of the four convolutions."""
    dense: int = 256
    """Units of the dense layer after them."""
    z_size: int = 32
    """Numbers of the voice attribute z."""
    dropout: float = 0.15
    """Share of units dropped before and after the dense layer."""
    over_time: Literal["all", "statistics"] = "statistics"
    """What of the last convolution's map the dense layer sees: all of it, or its mean and deviation over time."""
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
    temperature: float = 0.85
    """Logits are divided by this before the softmax, outside of training, so that the probabilities are right."""
    familiar_range: float = 1.5
    """A voice is familiar up to this many times the training utterances' median distance; the answer to others is
    flatter (0: not measured)."""
    patience: int = 0
    """Stop after so many evaluations without a better UAR on validation actors, and keep the best weights (0: not)."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the arithmetic in training; bfloat16 is faster where the processor knows it."""
    train: TrainConfig = TrainConfig(steps=8_000, batch_size=64, evaluate_every=1_000, save_every=500)

    def __post_init__(self) -> None:
        require(len(self.widths) == 4, "widths", "four numbers of filters", self.widths)
        require(min(self.widths) >= 1, "widths", "positive numbers", self.widths)
        for name in ("dense", "z_size"):
            require(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        for name in ("weight_decay", "mask_bands", "mask_frames", "gain_range", "patience", *_RANGES):
            require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        for name in ("learning_rate", "temperature"):
            require(getattr(self, name) > 0, name, "more than 0", getattr(self, name))
        require(0 <= self.dropout < 1, "dropout", "0 to 1", self.dropout)
        for name in (
            "label_smoothing",
            "noise_share",
            "band_share",
            "cut_share",
            "babble_share",
            "room_share",
            "spectrum_share",
        ):
            require(0 <= getattr(self, name) <= 1, name, "0 to 1", getattr(self, name))


@dataclasses.dataclass(frozen=True)
class FaceClassifierConfig:
    """A network from a face to an emotion: the emotion CNN, or the judge of evaluations."""

    architecture: Literal["vgg", "separable"] = "vgg"
    """Plain convolutions (the emotion CNN), or residual separable ones (the judge)."""
    size_px: int = 64
    """Faces are scaled to this."""
    width: int = 32
    """Filters of the first stage; doubled at each."""
    features: int = 128
    """Numbers of the penultimate layer."""
    dropout: float = 0.4
    """Share of features dropped in training."""
    erased_share: float = 0.5
    """Share of the training faces in which a rectangle is made grey (random erasing)."""
    learning_rate: float = 1e-3
    """Adam's step, falling to 0 along a cosine."""
    weight_decay: float = 0.05
    """Decoupled weight decay."""
    label_smoothing: float = 0.1
    """Share of the label spread over all emotions."""
    half: Literal["first", "second", "all"] = "first"
    """Which half of the training clips is seen: the emotion CNN learns from the first, the judge from the second."""
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
