"""Defaults of sound, crops, data sets and videos.

They are frozen dataclasses: checked when made, saved beside results. The command line is generated from them; the text
under a field is its option's help.
"""

import dataclasses
import numbers
from typing import Literal

from vfgan.config.checks import require, require_choices


@dataclasses.dataclass(frozen=True)
class MfscConfig:
    """Mel-frequency spectral coefficients: log mel energy and its first and second differences."""

    sample_rate_hz: int = 16_000
    """Every recording is resampled to this rate, Hz."""
    window_ms: float = 25.0
    """Length of the Hann analysis window, ms."""
    hop_ms: float = 10.0
    """Step of the analysis window, ms."""
    fft_samples: int = 512
    """Points of the Fourier transform; at least one analysis window."""
    mel_bands: int = 40
    """Mel filters (HTK scale, peak 1)."""
    low_hz: float = 20.0
    """Lower edge of the lowest filter, Hz."""
    high_hz: float = 8_000.0
    """Upper edge of the highest filter, Hz."""
    log_floor: float = 1e-10
    """Added to the energy before the natural logarithm."""
    hops_per_frame: int = 3
    """Analysis windows averaged into one MFSC frame: 3 x 10 ms = 30 ms."""
    delta_span: int = 2
    """Differences are a regression over this many frames on either side."""
    window_frames: int = 40
    """MFSC frames that the network sees at once: 40 x 30 ms = 1.2 s."""
    window_hop_frames: int = 5
    """Step between the windows of an utterance, MFSC frames."""
    active_range: float = 7.0
    """A frame counts as voice if its log energy is within this of the loudest frame's (7 = 30 dB)."""
    dynamic_range: float = 10.0
    """Log energies are raised to this far below the voice's level (10 = 43 dB; 0 leaves them)."""

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
    """Geometry of all crops: eyes level, at the same place and distance."""

    size_px: int = 256
    """Width and height of a stored crop, pixels."""
    eye_distance: float = 0.36
    """Distance of the eye centres, as a share of the crop's width."""
    eye_height: float = 0.34
    """Height of the eye line from the top, as a share of the crop's height."""

    def __post_init__(self) -> None:
        require(16 <= self.size_px <= 1024, "crop.size_px", "16 to 1024", self.size_px)
        require(0.1 <= self.eye_distance <= 0.8, "crop.eye_distance", "0.1 to 0.8", self.eye_distance)
        require(0.1 <= self.eye_height <= 0.9, "crop.eye_height", "0.1 to 0.9", self.eye_height)


@dataclasses.dataclass(frozen=True)
class VideoConfig:
    """How videos are generated."""

    smooth_seconds: float = 0.08
    """Temporal smoothing in seconds, 0 to 1; 0 disables it. Where the face moves, the change follows at once."""

    def __post_init__(self) -> None:
        is_number = isinstance(self.smooth_seconds, numbers.Real)
        require(is_number and 0 <= self.smooth_seconds <= 1, "smooth_seconds", "0 to 1", self.smooth_seconds)


@dataclasses.dataclass(frozen=True)
class ReadConfig:
    """How data sets are read in training. It changes no result."""

    cache_mib: int = 1024
    """Memory for what was read, MiB. Pictures and voices that fit in as a whole are read once, others each time."""

    def __post_init__(self) -> None:
        require(self.cache_mib >= 0, "cache_mib", "0 or more", self.cache_mib)


@dataclasses.dataclass(frozen=True)
class BuildConfig:
    """What a record holds, and how clips are split and put into shards."""

    mfsc: MfscConfig = MfscConfig()
    crop: CropConfig = CropConfig()
    face_fps: float = 12.5
    """Most face crops a second of video; 0 takes every frame."""
    face: Literal["largest", "central", "left", "right"] = "largest"
    """Which of several faces: the largest, the most central, or the one on the left or right."""
    jpeg_quality: int = 95
    """JPEG quality of the stored crops, 1 to 100; 0 stores lossless PNG."""
    keep_waveform: bool = False
    """Also store the mono waveform (64 kB a second)."""
    max_clip_seconds: float = 60.0
    """Longer clips are rejected, seconds."""
    split: Literal["auto", "actor", "recording", "one-actor-out"] = "auto"
    """Split by actor, or by recording. auto: by actor from 3 actors on, else by recording. one-actor-out: the test is
    the actor with the number --fold."""
    validation: float = 0.1
    """Share of the actors (or recordings) for validation."""
    test: float = 0.2
    """Share of the actors (or recordings) for the test."""
    test_actors: tuple[str, ...] = ()
    """Exactly these actors are the test; replaces the share --test."""
    validation_actors: tuple[str, ...] = ()
    """Exactly these actors are the validation; replaces the share --validation."""
    split_seed: int | None = None
    """Shuffles before splitting. Without it the last actors by name are the test, those before them validation."""
    folds: int = 0
    """Split into this many folds, one of which is the test; 0 uses the share --test."""
    fold: int = 0
    """Number of the test fold (or of the actor, with one-actor-out), from 0."""
    near_duplicates: bool = True
    """Keep mirrored, turned, shifted and brightened copies of a picture in one split."""
    clips_per_shard: int = 64
    """Clips in a TFRecord file."""
    seed: int = 1
    """Seed for the order of clips in the shards."""

    def __post_init__(self) -> None:
        require_choices(self)
        require(self.face_fps >= 0, "face_fps", "0 or more", self.face_fps)
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
