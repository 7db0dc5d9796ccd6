"""Configurations: defaults stand, values are checked, plain values and back."""

import dataclasses
import json

import pytest

from vfgan.config.data import BuildConfig, CropConfig, MfscConfig
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig
from vfgan.config.serialise import digest, first_difference, from_dict, to_dict
from vfgan.config.training import TrainConfig
from vfgan.errors import ConfigError, SchemaError

CHANGED = (
    MfscConfig(sample_rate_hz=22_050, fft_samples=1_024, low_hz=0.0),
    CropConfig(size_px=64),
    BuildConfig(mfsc=MfscConfig(hops_per_frame=6), test_actors=("20", "19"), split_seed=4),
    TrainConfig(steps=3, batch_size=2),
    ExtractorConfig(widths=(1, 2, 3, 4), train=TrainConfig(steps=7, batch_size=5, seed=9)),
    FaceClassifierConfig(architecture="separable", half="first"),
    GanConfig.of(condition="film", lambda_cycle=3.5, spectral_norm=False),
)


@pytest.mark.parametrize("config", CHANGED, ids=lambda config: type(config).__name__)
def test_plain_values_and_back(config):
    values = to_dict(config)
    assert json.loads(json.dumps(values)) == values
    assert from_dict(type(config), values) == config
    assert from_dict(type(config), json.loads(json.dumps(values))) == config


@pytest.mark.parametrize(
    "kind", [MfscConfig, CropConfig, BuildConfig, ExtractorConfig, FaceClassifierConfig, GanConfig]
)
def test_missing_fields_get_their_default(kind):
    assert from_dict(kind, {}) == kind()


def test_unknown_fields_are_refused():
    with pytest.raises(SchemaError, match="GanConfig.*'colour'.*another version"):
        from_dict(GanConfig, {"filters": 8, "colour": True})
    with pytest.raises(SchemaError, match="mfsc.*'bands'"):
        from_dict(BuildConfig, {"mfsc": {"bands": 40}})
    with pytest.raises(SchemaError, match="manifest.config.mfsc"):
        from_dict(BuildConfig, {"mfsc": {"bands": 40}}, "manifest.config")


def test_stored_values_are_checked_too():
    with pytest.raises(ConfigError, match=r"mfsc\.hop_ms"):
        from_dict(BuildConfig, {"mfsc": {"hop_ms": 0.0}})


@pytest.mark.parametrize(
    ("kind", "values", "named"),
    [
        (ExtractorConfig, {"dense": 0}, "dense"),
        (ExtractorConfig, {"learning_rate": 0.0}, "learning_rate"),
        (ExtractorConfig, {"mask_bands": -1}, "mask_bands"),
        (FaceClassifierConfig, {"width": 0}, "width"),
        (FaceClassifierConfig, {"features": 0}, "features"),
        (FaceClassifierConfig, {"label_smoothing": 1.0}, "label_smoothing"),
        (GanConfig, {"verification_change": 1.5}, "verification_change"),
        (GanConfig, {"discriminator_learning_rate": -1.0}, "discriminator_learning_rate"),
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
        (TrainConfig, {"steps": 0, "batch_size": 1}, "train.steps"),
        (TrainConfig, {"steps": 1, "batch_size": 0}, "train.batch_size"),
        (TrainConfig, {"steps": 1, "batch_size": 1, "log_every": 0}, "train.log_every"),
        (TrainConfig, {"steps": 1, "batch_size": 1, "keep_checkpoints": 0}, "train.keep_checkpoints"),
        (ExtractorConfig, {"widths": (1, 2, 3)}, "widths"),
        (ExtractorConfig, {"widths": (1, 2, 3, 0)}, "widths"),
        (ExtractorConfig, {"z_size": 0}, "z_size"),
        (ExtractorConfig, {"dropout": 1.0}, "dropout"),
        (ExtractorConfig, {"label_smoothing": -0.1}, "label_smoothing"),
        (FaceClassifierConfig, {"size_px": 40}, "size_px"),
        (FaceClassifierConfig, {"dropout": 1.0}, "dropout"),
        (GanConfig, {"size_px": 16}, "size_px"),
        (GanConfig, {"size_px": 72}, "size_px"),
        (GanConfig, {"filters": 0}, "filters"),
        (GanConfig, {"blocks": 0}, "blocks"),
        (GanConfig, {"discriminator_layers": 0}, "discriminator_layers"),
        (GanConfig, {"lambda_cycle": -1.0}, "lambda_cycle"),
        (GanConfig, {"verification_ratio": -0.5}, "verification_ratio"),
        (GanConfig, {"pool_size": -1}, "pool_size"),
    ],
)
def test_values_that_cannot_be_used(kind, values, named):
    with pytest.raises(ConfigError) as caught:
        getattr(kind, "of", kind)(**values)
    assert str(caught.value).startswith(f"{named}: expected ")
    assert ", got " in str(caught.value)


def test_limits_can_be_used():
    MfscConfig(sample_rate_hz=4_000, fft_samples=100, high_hz=2_000, hop_ms=25.0, low_hz=0.0, mel_bands=8)
    CropConfig(size_px=16)
    GanConfig.of(size_px=32, lambda_cycle=0, pool_size=0)


def test_configurations_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        GanConfig().networks.filters = 3


def test_units_follow_by_hand():
    config = MfscConfig()
    assert (config.window_samples, config.hop_samples, config.frame_seconds) == (400, 160, 0.03)
    assert MfscConfig(sample_rate_hz=48_000, fft_samples=2_048).window_samples == 1_200


def test_first_difference():
    mine, other = to_dict(GanConfig()), to_dict(GanConfig.of(train=TrainConfig(steps=2_500, batch_size=9)))
    assert first_difference(mine, mine) is None
    assert first_difference(mine, other) == "train.batch_size is 8 here and 9 there"
    assert first_difference({"a": 1}, {}) == "a is 1 here and None there"
    assert first_difference({"a": {"b": 1}}, {"a": 3}) == "a is {'b': 1} here and 3 there"


def test_digest_tells_apart_and_does_not_depend_on_order():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
    assert len(digest({})) == 16


def test_options_stand_in_their_groups():
    config = GanConfig.of(lambda_cycle=4.0, filters=8, train=TrainConfig(steps=3, batch_size=2))
    assert (config.losses.lambda_cycle, config.networks.filters, config.train.steps) == (4.0, 8, 3)
    assert config.stability == GanConfig().stability
    with pytest.raises(ConfigError, match="GanConfig has no option 'filter'"):
        GanConfig.of(filter=8)


def test_what_was_written_before_there_were_groups_is_read():
    flat = {
        "lambda_cycle": 4.0,
        "filters": 8,
        "short_time": False,
        "mouth_ratio": 1.0,
        "train": {"steps": 3, "batch_size": 2},
    }
    assert from_dict(GanConfig, flat) == GanConfig.of(
        lambda_cycle=4.0, filters=8, train=TrainConfig(steps=3, batch_size=2)
    )
    with pytest.raises(SchemaError, match="short_time is True, which this version no longer supports"):
        from_dict(GanConfig, flat | {"short_time": True})
    with pytest.raises(SchemaError, match="unknown field 'size_px'"):
        from_dict(BuildConfig, {"size_px": 64})
