"""Mirrored faces: which landmark of the face mesh becomes which."""

import numpy as np


def mirror_order(landmarks: np.ndarray) -> np.ndarray:
    """For each landmark the one on the other side of the face, so that mirrored = (1 - x, y)[order].

    Found on the mean of many aligned faces, which is symmetric: the pairing of the least sum of distances between it
    and its mirror image (Kuhn, 1955).

    Args:
        landmarks: float [faces, 468, 2], crop sides, of frontal faces.
    Returns:
        int32 [468].
    """
    from scipy.optimize import linear_sum_assignment

    mean = landmarks.mean(axis=0, dtype=np.float64)
    distance = np.linalg.norm(mean[:, None] - (mean * [-1.0, 1.0] + [1.0, 0.0])[None], axis=2)
    # the mean of both directions, so that a pair is each other's
    return linear_sum_assignment(distance + distance.T)[1].astype(np.int32)


def mirrored(landmarks: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Landmarks of mirrored pictures: float [..., 468, 2], crop sides."""
    return (landmarks * np.array([-1.0, 1.0], landmarks.dtype) + np.array([1.0, 0.0], landmarks.dtype))[..., order, :]
