"""How variants of the CycleGAN are scored."""

import dataclasses

import pytest

from pipelines.commands.compare import compare
from vfgan.errors import ConfigError

pytestmark = pytest.mark.medium


def test_movement_is_not_measured_on_single_pictures(comparison, monkeypatch):
    from pipelines.gan import scorer as compare_scores

    monkeypatch.setattr(compare_scores, "LEAST_FRAMES", 1000)
    with pytest.raises(ConfigError, match="single pictures"):
        compare(dataclasses.replace(comparison, table="ratio"), lambda name, args: None)
