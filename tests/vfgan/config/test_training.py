"""What trainings have in common: which values cannot be used."""

import pytest

from vfgan.config.training import TrainConfig
from vfgan.errors import ConfigError


@pytest.mark.parametrize(
    ("kind", "values", "named"),
    [
        (TrainConfig, {"steps": 0, "batch_size": 1}, "train.steps"),
        (TrainConfig, {"steps": 1, "batch_size": 0}, "train.batch_size"),
        (TrainConfig, {"steps": 1, "batch_size": 1, "log_every": 0}, "train.log_every"),
        (TrainConfig, {"steps": 1, "batch_size": 1, "keep_checkpoints": 0}, "train.keep_checkpoints"),
    ],
)
def test_values_that_cannot_be_used(kind, values, named):
    with pytest.raises(ConfigError) as caught:
        kind(**values)
    assert str(caught.value).startswith(f"{named}: expected ")
    assert ", got " in str(caught.value)
