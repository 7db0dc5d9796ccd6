"""Configurations as plain values and back, told apart by a digest and by their first difference."""

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
    before = getattr(kind, "BEFORE", {})  # files that are older than a field
    assert from_dict(kind, {}) == dataclasses.replace(kind(), **before)


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
