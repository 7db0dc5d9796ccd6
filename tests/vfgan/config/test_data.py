"""Configurations of sound, crops and data sets: which values can be used, and units by hand."""

import pytest

from vfgan.config.data import BuildConfig, CropConfig, MfscConfig
from vfgan.config.gan import GanConfig
from vfgan.errors import ConfigError


@pytest.mark.parametrize(
    ("kind", "values", "named"),
    [
        (MfscConfig, {"sample_rate_hz": 3_999, "high_hz": 1_000}, "mfsc.sample_rate_hz"),
        (MfscConfig, {"hop_ms": 0.0}, "mfsc.hop_ms"),
        (MfscConfig, {"hop_ms": 26.0}, "mfsc.hop_ms"),
        (MfscConfig, {"fft_samples": 399}, "mfsc.fft_samples"),
        (MfscConfig, {"mel_bands": 7}, "mfsc.mel_bands"),
        (MfscConfig, {"low_hz": -1.0}, "mfsc.low_hz"),
        (MfscConfig, {"low_hz": 8_000.0}, "mfsc.low_hz"),
        (MfscConfig, {"high_hz": 8_001.0}, "mfsc.high_hz"),
        (MfscConfig, {"log_floor": 0.0}, "mfsc.log_floor"),
        (MfscConfig, {"log_floor": float("nan")}, "mfsc.log_floor"),
        (MfscConfig, {"hops_per_frame": 0}, "mfsc.hops_per_frame"),
        (MfscConfig, {"delta_span": 0}, "mfsc.delta_span"),
        (MfscConfig, {"window_frames": 0}, "mfsc.window_frames"),
        (MfscConfig, {"window_hop_frames": 0}, "mfsc.window_hop_frames"),
        (CropConfig, {"size_px": 15}, "crop.size_px"),
        (CropConfig, {"eye_distance": 0.9}, "crop.eye_distance"),
        (CropConfig, {"eye_height": 0.0}, "crop.eye_height"),
        (BuildConfig, {"face_fps": -1.0}, "face_fps"),
        (BuildConfig, {"jpeg_quality": 101}, "jpeg_quality"),
        (BuildConfig, {"max_clip_seconds": 0.0}, "max_clip_seconds"),
        (BuildConfig, {"test": 1.0}, "test"),
        (BuildConfig, {"validation": -0.1}, "validation"),
        (BuildConfig, {"validation": 0.5, "test": 0.5}, "validation + test"),
        (BuildConfig, {"clips_per_shard": 0}, "clips_per_shard"),
        (BuildConfig, {"test_actors": ("01", "02"), "validation_actors": ("02",)}, "validation_actors"),
    ],
)
def test_values_that_cannot_be_used(kind, values, named):
    with pytest.raises(ConfigError) as caught:
        kind(**values)
    assert str(caught.value).startswith(f"{named}: expected ")
    assert ", got " in str(caught.value)


def test_limits_can_be_used():
    MfscConfig(sample_rate_hz=4_000, fft_samples=100, high_hz=2_000, hop_ms=25.0, low_hz=0.0, mel_bands=8)
    CropConfig(size_px=16)
    GanConfig.of(size_px=32, lambda_cycle=0, pool_size=0)


def test_units_follow_by_hand():
    config = MfscConfig()
    assert (config.window_samples, config.hop_samples, config.frame_seconds) == (400, 160, 0.03)
    assert MfscConfig(sample_rate_hz=48_000, fft_samples=2_048).window_samples == 1_200
