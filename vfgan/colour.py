"""Luma: what the networks see of a face. Colour stays with the source, so grey and colour faces train together."""

import numpy as np

#: ITU-R BT.601 weights of R, G, B.
LUMA_WEIGHTS = (0.299, 0.587, 0.114)


def luma(rgb):
    """Y = 0.299 R + 0.587 G + 0.114 B, in the range of the input.

    Args:
        rgb: float [..., 3], NumPy array or tensor.
    Returns:
        float [..., 1].
    """
    r, g, b = LUMA_WEIGHTS
    return r * rgb[..., 0:1] + g * rgb[..., 1:2] + b * rgb[..., 2:3]


def luma_uint8(rgb: np.ndarray) -> np.ndarray:
    """uint8 [..., 3] -> uint8 [..., 1], rounded."""
    return np.rint(luma(rgb.astype(np.float32))).astype(np.uint8)
