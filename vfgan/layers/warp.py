"""Moving pixels along a backward flow, by gathers: core operations that every loader knows."""

import functools

import numpy as np
from keras import ops


def upscale(flow, height: int, width: int):
    """A flow on a coarse grid -> one displacement for each pixel, bicubic: float32 [batch, height, width, 2].

    As TensorFlow does it, under every backend: others mean another cubic.

    Args:
        flow: float32 [batch, grid, grid, channels], in sides of the picture.
        height, width: of the picture, pixels.
    """
    rows, columns, channels = flow.shape[1:]
    down, across = ops.convert_to_tensor(bicubic(rows, height)), ops.convert_to_tensor(bicubic(columns, width))
    flow = ops.matmul(down, ops.reshape(flow, (-1, rows, columns * channels)))
    if channels == 1:  # one product, not one for each row
        return ops.matmul(flow, ops.transpose(across))[..., None]
    return ops.matmul(across, ops.reshape(flow, (-1, height, columns, channels)))


@functools.cache
def bicubic(size: int, larger: int) -> np.ndarray:
    """What each of `larger` pixels takes of `size` along one side: float32 [larger, size], rows sum to 1.

    Cubic convolution (Keys, 1981, a = -1/2) between the middles of pixels; beyond the edge there is nothing.
    """
    place = (np.arange(larger) + 0.5) * size / larger - 0.5
    distance = np.abs(place[:, None] - np.arange(size))
    near = (1.5 * distance - 2.5) * distance**2 + 1.0
    far = ((-0.5 * distance + 2.5) * distance - 4.0) * distance + 2.0
    taken = np.where(distance <= 1.0, near, np.where(distance < 2.0, far, 0.0))
    return (taken / taken.sum(axis=1, keepdims=True)).astype(np.float32)


def warp(picture, flow):
    """y(p) = x(p + flow(p)), bilinear between pixels; beyond the picture its edge repeats.

    Where the flow is 0 a pixel is exactly what it was.

    Args:
        picture: float32 [batch, height, width, channels], x.
        flow: float32 [batch, height, width, 2], displacements in x and y, in sides of the picture; of one that is
            taller than it is wide, in sides of its upper square (`vfgan.face.flow`).
    Returns:
        float32 of the picture's shape.
    """
    _, height, width, _ = ops.shape(picture)
    rows, columns = ops.cast(ops.minimum(height, width), "float32"), ops.cast(width, "float32")
    x = ops.arange(0, width, dtype="float32")[None, None, :] + flow[..., 0] * columns
    y = ops.arange(0, height, dtype="float32")[None, :, None] + flow[..., 1] * rows
    return sample(picture, x, y)


def sample(picture, x, y):
    """Pixels at any places, bilinear between them; beyond the picture its edge repeats.

    Args:
        picture: float32 [batch, height, width, channels].
        x, y: float32 [batch, rows, columns], pixels: 0 is the middle of the first.
    Returns:
        float32 [batch, rows, columns, channels].
    """
    batch, height, width, channels = ops.shape(picture)
    last_x, last_y = ops.cast(width, "float32") - 1.0, ops.cast(height, "float32") - 1.0
    x, y = ops.clip(x, 0.0, last_x), ops.clip(y, 0.0, last_y)
    left, top = ops.floor(x), ops.floor(y)
    right, bottom = ops.minimum(left + 1.0, last_x), ops.minimum(top + 1.0, last_y)
    across, down = (x - left)[..., None], (y - top)[..., None]
    pixels = ops.reshape(picture, (-1, channels))
    first = ops.arange(0, batch, dtype="int32")[:, None, None] * (height * width)

    def at(row, column):
        place = first + ops.cast(row, "int32") * width + ops.cast(column, "int32")  # [batch, rows, columns]
        return ops.take(pixels, place, axis=0)

    upper = at(top, left) * (1.0 - across) + at(top, right) * across
    lower = at(bottom, left) * (1.0 - across) + at(bottom, right) * across
    return upper * (1.0 - down) + lower * down
