"""One face over the intensity dial and with several voices."""

import numpy as np
import pytest

from vfgan.errors import NoFaceError
from vfgan.generate.strips import INTENSITIES, over_intensity, over_voices, strip_crop


class Model:
    """Adds 10 times the intensity, and the first number of z."""

    intensity, crop_height = 0.7, 1.0

    def edit(self, crops, z):
        return crops + np.round(10 * self.intensity + z[:, 0]).astype(np.uint8)[:, None, None, None]


CROP = np.full((4, 4, 3), 100, np.uint8)


def test_each_mark_of_the_dial_is_used_and_the_dial_goes_back():
    model = Model()
    strip = over_intensity(model, CROP, np.zeros(2, np.float32))
    assert [int(face[0, 0, 0]) for face in strip] == [100 + round(10 * mark) for mark in INTENSITIES]
    assert model.intensity == 0.7


def test_each_voice_has_its_face():
    strip = over_voices(Model(), CROP, {"one": np.array([1.0]), "two": np.array([5.0])})
    assert [int(face[0, 0, 0]) for face in strip] == [108, 112]


def test_no_face_is_named():
    with pytest.raises(NoFaceError, match="wall"):
        strip_crop(Model(), np.full((64, 64, 3), 128, np.uint8), "wall")
