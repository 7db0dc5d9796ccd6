"""A change of luma on a photo in colour."""

import numpy as np

from vfgan.face.pixels import luma
from vfgan.savedmodel.relight import relight, resize_area


def test_relight_changes_luma_by_what_it_is_told():
    rgb = np.random.default_rng(1).uniform(0, 255, (2, 8, 8, 3)).astype(np.float32)
    change = np.random.default_rng(2).uniform(-120, 60, (2, 8, 8, 1)).astype(np.float32)
    made = np.asarray(relight(rgb, change))
    np.testing.assert_allclose(luma(made), np.maximum(luma(rgb) + change, 0), atol=1e-2)
    assert made.min() >= 0
    np.testing.assert_array_equal(relight(np.zeros_like(rgb), -np.abs(change)), np.zeros_like(rgb))


def test_a_face_of_any_size_becomes_a_square():
    face = np.full((1, 40, 20, 3), 7.0, np.float32)
    face[:, 20:] = 9.0
    made = np.asarray(resize_area(face, 10))
    assert made.shape == (1, 10, 10, 3)
    np.testing.assert_allclose(made[0, [0, -1], 5, 0], [7.0, 9.0], atol=1e-5)
    assert made.mean() == 8.0
