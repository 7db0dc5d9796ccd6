"""Configurations of the embedded corpus that cannot be."""

import pytest

from tfrecords_builder.synthetic.corpus import SyntheticConfig
from vfgan.errors import ConfigError


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("actors", 0), ("actors", 100), ("seed", -1), ("statements", 0), ("repetitions", 100), ("intensities", ()),
        ("intensities", (3,)), ("channels", ("opera",)), ("modalities", ("full-av", "full-av")), ("fps", 0.0),
        ("size_px", 32), ("size_px", 255), ("seconds", 0.0), ("silence_seconds", -1.0), ("workers", 0),
        ("fps", float("nan")), ("actors", 1.5),
    ],
)  # fmt: skip
def test_bad_configuration_is_refused_naming_the_field(field, value):
    with pytest.raises(ConfigError, match=field):
        SyntheticConfig(**{field: value})
