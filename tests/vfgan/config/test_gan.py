"""A CycleGAN's configuration: frozen, and which values cannot be used."""

import dataclasses

import pytest

from vfgan.config.gan import GanConfig
from vfgan.config.training import TrainConfig
from vfgan.errors import ConfigError


@pytest.mark.parametrize(
    ("kind", "values", "named"),
    [
        (GanConfig, {"verification_change": 1.5}, "verification_change"),
        (GanConfig, {"discriminator_learning_rate": -1.0}, "discriminator_learning_rate"),
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


def test_configurations_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        GanConfig().networks.filters = 3


def test_options_stand_in_their_groups():
    config = GanConfig.of(lambda_cycle=4.0, filters=8, train=TrainConfig(steps=3, batch_size=2))
    assert (config.losses.lambda_cycle, config.networks.filters, config.train.steps) == (4.0, 8, 3)
    assert config.stability == GanConfig().stability
    with pytest.raises(ConfigError, match="GanConfig has no option 'filter'"):
        GanConfig.of(filter=8)
