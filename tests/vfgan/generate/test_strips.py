"""One face over the intensity dial and with several voices."""

from types import SimpleNamespace

import numpy as np
import pytest

from vfgan.config.data import CropConfig
from vfgan.errors import NoFaceError
from vfgan.face.face import Face
from vfgan.generate.strips import INTENSITIES, over_intensity, over_voices, rows_shown, strip_crop


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


def test_what_a_picture_does_not_have_is_not_shown():
    landmarks = np.zeros((468, 2), np.float32)
    landmarks[[33, 133]], landmarks[[362, 263]], landmarks[2] = [82, 100], [118, 100], [100, 120]  # a crop of 100 px
    model = SimpleNamespace(crop=CropConfig())
    crop = np.zeros((150, 100, 3), np.uint8)  # from row 66 on
    for rows, shown in ((400, 150), (190, 124), (150, 100)):
        assert rows_shown(model, np.zeros((rows, 200, 3), np.uint8), Face(landmarks), crop) == shown
    assert rows_shown(model, np.zeros((150, 200, 3), np.uint8), Face(landmarks), crop[:100]) == 100
