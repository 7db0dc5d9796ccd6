"""Luma, the range -1…1 and the fading border by hand."""

import numpy as np
import tensorflow as tf

from vfgan.config.data import CropConfig
from vfgan.face.pixels import LUMA_WEIGHTS, fade_mask, from_pm1, likeness, luma, luma_uint8, pm1


def test_primaries():
    pixels = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [10, 20, 30]], np.uint8)
    # 76.245, 149.685, 29.07, 255, 2.99 + 11.74 + 3.42
    np.testing.assert_array_equal(luma_uint8(pixels)[:, 0], [76, 150, 29, 255, 18])


def test_grey_stays():
    grey = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    np.testing.assert_array_equal(luma_uint8(grey)[:, 0], np.arange(256))


def test_arrays_and_tensors_alike():
    rgb = np.random.default_rng(1).uniform(-1, 1, size=(2, 4, 4, 3)).astype(np.float32)
    expected = (rgb @ np.array(LUMA_WEIGHTS, np.float32))[..., None]
    np.testing.assert_allclose(luma(rgb), expected, atol=1e-6)
    np.testing.assert_allclose(luma(tf.constant(rgb)), expected, atol=1e-6)


CROP = CropConfig()


def test_fade_is_one_inside_and_zero_at_the_border():
    mask = fade_mask(64)
    assert (mask[[0, -1]] == 0).all()
    assert (mask[:, [0, -1]] == 0).all()
    half, eyes = 0.5 * CROP.eye_distance, CROP.eye_height
    for x, y in ((-half, eyes), (half, eyes), (-half, eyes - 0.14), (0, 0.6), (-0.16, 0.76), (0.16, 0.76)):  # to mouth
        assert mask[round(y * 64), round((0.5 + x) * 64)] == 1
    assert (mask[:, :5] == 0).all()  # what is beside the head
    assert (mask[:9, :12] == 0).all()
    assert (mask[-9:, :9] == 0).all()
    assert (np.diff(mask[32, :32]) >= 0).all()
    np.testing.assert_array_equal(mask, mask[::-1, ::-1])


def test_pm1_by_hand_and_back():
    pixels = np.arange(256, dtype=np.uint8)
    np.testing.assert_allclose(pm1(pixels)[[0, 255]], [-1.0, 1.0])
    np.testing.assert_array_equal(from_pm1(pm1(pixels)), pixels)
    np.testing.assert_array_equal(pm1(tf.constant(pixels)), pm1(pixels))
    np.testing.assert_array_equal(from_pm1([-3.0, 3.0]), [0, 255])  # clipped, not wrapped


def test_likeness_of_covered_plain_and_other_crops():
    rng = np.random.default_rng(3)
    face, other = (np.kron(rng.integers(0, 256, (8, 8, 3)), np.ones((8, 8, 1))).astype(np.uint8) for _ in range(2))
    assert likeness(face, face) == 1.0
    covered = face.copy()
    covered[:16] = 128
    assert likeness(covered, face) > 0.5
    assert abs(likeness(np.full_like(face, 90), face)) < 1e-6
    assert likeness(other, face) < 0.3
