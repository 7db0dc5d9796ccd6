"""Converts pixels of a face crop for the networks: luma, range -1…1, and the oval that may change."""

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


def as_luma(pixels: np.ndarray) -> np.ndarray:
    """uint8 [..., 3], or luma already -> uint8 [..., 1]."""
    return luma_uint8(pixels) if pixels.shape[-1] == 3 else pixels


def as_seen(pixels: np.ndarray, size_px: int) -> np.ndarray:
    """Faces as a face classifier sees them: luma of its size.

    Args:
        pixels: uint8 [faces, size, size, channels].
    Returns:
        uint8 [faces, size_px, size_px, 1].
    """
    import cv2

    grey = as_luma(pixels)
    if grey.shape[1] == size_px:
        return grey
    return np.stack([cv2.resize(one[..., 0], (size_px, size_px), interpolation=cv2.INTER_AREA) for one in grey])[
        ..., None
    ]


def likeness(crop: np.ndarray, known: np.ndarray) -> float:
    """How much of a known crop another one shows: R^2 of its luma at 16 px; 1: all, 0: as much as a plain one.

    Args:
        crop, known: uint8 [height, width, 3].
    """
    import cv2

    small = [cv2.resize(luma_uint8(one)[..., 0], (16, 16), interpolation=cv2.INTER_AREA) for one in (crop, known)]
    seen, there = (grey - grey.mean() for grey in np.stack(small).astype(np.float64))
    return 1.0 - float(np.square(seen - there).sum() / max(1e-9, np.square(there).sum()))


def fade_mask(size: int) -> np.ndarray:
    """Mask of the oval: 1 at brows, eyes, nose and mouth, falling to 0 inside the crop.

    Outside are hair, ears and background, which do not change.

    Returns:
        float32 [size, size].
    """
    axis = np.linspace(-1.0, 1.0, size)
    radius = np.hypot(axis[:, None], axis[None, :] / 0.8)
    ramp = np.clip((1.0 - radius) / 0.25, 0.0, 1.0)
    return (ramp * ramp * (3.0 - 2.0 * ramp)).astype(np.float32)


def border_mask(height: int, width: int) -> np.ndarray:
    """1 inside a crop, falling to 0 at its border over a twentieth of its width: float32 [height, width]."""

    def ramp(size: int) -> np.ndarray:
        axis = np.clip(np.minimum(np.arange(size), np.arange(size)[::-1]) / (0.05 * width), 0.0, 1.0)
        return axis * axis * (3.0 - 2.0 * axis)

    return np.minimum(ramp(height)[:, None], ramp(width)[None, :]).astype(np.float32)


def pm1(pixels):
    """Converts uint8 0…255 to float32 -1…1; takes a NumPy array or a tensor."""
    if isinstance(pixels, np.ndarray):
        return pixels.astype(np.float32) / 127.5 - 1.0
    import tensorflow as tf  # only for tensors: finding faces needs no TensorFlow

    return tf.cast(pixels, tf.float32) / 127.5 - 1.0


def from_pm1(face) -> np.ndarray:
    """Converts float32 -1…1 to uint8 0…255, rounded."""
    return np.clip(np.rint((np.asarray(face) + 1.0) * 127.5), 0, 255).astype(np.uint8)
