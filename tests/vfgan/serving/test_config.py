"""Settings that a server cannot have."""

import pytest

from vfgan.errors import ConfigError
from vfgan.serving.config import ServeConfig


def test_settings_that_cannot_be():
    for wrong in ({"port": 70_000}, {"max_pending": 0}, {"request_seconds": -1.0}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            ServeConfig(**wrong)
