"""The studio's limits are checked."""

import pytest

from vfgan.errors import ConfigError
from vfgan.studio.config import StudioConfig


@pytest.mark.parametrize("values", [{"max_upload_mb": 0}, {"port": 70_000}, {"leave_minutes": -1}])
def test_limits_are_checked(values):
    with pytest.raises(ConfigError, match=f"{next(iter(values))}: expected"):
        StudioConfig(**values)
