"""The part of a face crop that a voice may change."""

import numpy as np


def fade_mask(size: int) -> np.ndarray:
    """1 where brows, eyes, nose and mouth are, falling to 0 in an oval inside the crop.

    What is outside of it is hair, ears and background, which no voice changes.

    Returns:
        float32 [size, size].
    """
    axis = np.linspace(-1.0, 1.0, size)
    radius = np.hypot(axis[:, None], axis[None, :] / 0.8)
    ramp = np.clip((1.0 - radius) / 0.25, 0.0, 1.0)
    return (ramp * ramp * (3.0 - 2.0 * ramp)).astype(np.float32)
