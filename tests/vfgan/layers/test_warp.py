"""Warping, against NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.layers.warp import upscale, warp

RANDOM = np.random.default_rng(2)


def warped_slowly(picture, flow):
    """The definition, pixel by pixel."""
    height, width, _ = picture.shape
    out = np.zeros_like(picture)
    for row in range(height):
        for column in range(width):
            x = np.clip(column + flow[row, column, 0] * width, 0, width - 1)
            y = np.clip(row + flow[row, column, 1] * height, 0, height - 1)
            left, top = int(x), int(y)
            right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
            a, d = x - left, y - top
            upper = (1 - a) * picture[top, left] + a * picture[top, right]
            lower = (1 - a) * picture[bottom, left] + a * picture[bottom, right]
            out[row, column] = (1 - d) * upper + d * lower
    return out


@pytest.mark.parametrize("size", [(9, 12), (16, 16)])
def test_warp_is_bilinear_and_repeats_the_edge(size):
    pictures = RANDOM.uniform(0, 255, (3, *size, 3)).astype(np.float32)
    flow = RANDOM.normal(0, 0.3, (3, *size, 2)).astype(np.float32)
    expected = np.stack([warped_slowly(*pair) for pair in zip(pictures, flow)])
    np.testing.assert_allclose(warp(pictures, flow), expected, atol=1e-2)
    graph = tf.function(
        warp, input_signature=[tf.TensorSpec([None, None, None, 3]), tf.TensorSpec([None, None, None, 2])]
    )
    np.testing.assert_allclose(graph(pictures, flow), expected, atol=1e-2)


def test_without_flow_every_pixel_is_what_it_was():
    picture = RANDOM.uniform(-1, 1, (2, 7, 7, 3)).astype(np.float32)
    np.testing.assert_array_equal(warp(picture, np.zeros((2, 7, 7, 2), np.float32)), picture)


def test_a_flow_of_one_value_is_that_value_at_any_size():
    flow = np.full((1, 4, 4, 2), 0.25, np.float32)
    np.testing.assert_allclose(upscale(flow, 10, 30), np.full((1, 10, 30, 2), 0.25), rtol=1e-5)


@pytest.mark.parametrize("size", [(128, 128), (256, 64), (32, 512)])
def test_upscaled_as_tensorflow_does(size):
    flow = np.random.default_rng(4).normal(size=(2, 32, 32, 3)).astype(np.float32)
    expected = tf.image.resize(flow, size, "bicubic")
    np.testing.assert_allclose(upscale(flow, *size), expected, atol=2e-6)
