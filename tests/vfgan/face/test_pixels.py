"""Luma by hand."""

import numpy as np
import tensorflow as tf

from vfgan.face.pixels import LUMA_WEIGHTS, luma, luma_uint8


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
