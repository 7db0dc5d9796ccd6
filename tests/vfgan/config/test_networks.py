"""Configurations of extractor and face classifiers: which values cannot be used."""

import pytest

from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig
from vfgan.errors import ConfigError


@pytest.mark.parametrize(
    ("kind", "values", "named"),
    [
        (ExtractorConfig, {"dense": 0}, "dense"),
        (ExtractorConfig, {"learning_rate": 0.0}, "learning_rate"),
        (ExtractorConfig, {"mask_bands": -1}, "mask_bands"),
        (FaceClassifierConfig, {"width": 0}, "width"),
        (FaceClassifierConfig, {"features": 0}, "features"),
        (FaceClassifierConfig, {"label_smoothing": 1.0}, "label_smoothing"),
        (ExtractorConfig, {"widths": (1, 2, 3)}, "widths"),
        (ExtractorConfig, {"widths": (1, 2, 3, 0)}, "widths"),
        (ExtractorConfig, {"z_size": 0}, "z_size"),
        (ExtractorConfig, {"dropout": 1.0}, "dropout"),
        (ExtractorConfig, {"label_smoothing": -0.1}, "label_smoothing"),
        (FaceClassifierConfig, {"size_px": 40}, "size_px"),
        (FaceClassifierConfig, {"dropout": 1.0}, "dropout"),
    ],
)
def test_values_that_cannot_be_used(kind, values, named):
    with pytest.raises(ConfigError) as caught:
        kind(**values)
    assert str(caught.value).startswith(f"{named}: expected ")
    assert ", got " in str(caught.value)
