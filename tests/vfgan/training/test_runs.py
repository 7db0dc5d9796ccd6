"""Networks that a training begins with."""

import pytest

from vfgan.config.gan import GanConfig, MotionConfig
from vfgan.errors import SchemaError
from vfgan.models.build import make_cyclegan
from vfgan.storage.weights import save_weights
from vfgan.training import runs


def make(z_size: int = 3, components: int = 5):
    motion = MotionConfig(paint_units=4, components=components, corrections=3)
    config = GanConfig.of(head="motion", size_px=64, discriminator_filters=4, discriminator_layers=2, motion=motion)
    return make_cyclegan(config, z_size, None)


@pytest.fixture
def started(tmp_path, monkeypatch):
    model = make()
    for weight in model.trainable_variables:
        weight.assign_add(0.1 + 0 * weight)
    save_weights(model, tmp_path / "model.weights.h5")
    monkeypatch.setattr(runs, "open_run", lambda run, kind: ({}, tmp_path / "model.weights.h5"))
    return model


def test_another_z_is_read_anew_and_the_rest_goes_on(started):
    model = make(z_size=4)
    runs.load_networks(model, "run", skip_mismatch=True)
    for old, new in zip(started.g.look.trainable_variables, model.g.look.trainable_variables, strict=True):
        assert (old.numpy() == new.numpy()).all()


def test_another_landmark_net_does_not_begin_untrained(started):
    with pytest.raises(SchemaError, match="run finds landmarks with another network: train it anew"):
        runs.load_networks(make(components=6), "run", skip_mismatch=True)
