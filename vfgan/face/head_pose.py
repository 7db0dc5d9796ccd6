"""Computes the pose of a head from the landmarks of its face.

A rigid model is fitted to landmarks that neither speech nor expression moves: eye corners, bridge and tip of the nose.
The camera is a scaled orthographic projection (Gee & Cipolla, *Determining the gaze of faces in images*, 1994):

    p_i = M X_i + t,   M = the first two rows of a rotation, scaled

M is the least-squares solution; the rotation nearest to it is the pose. The model's points come from the canonical face
of MediaPipe's face mesh, in centimetres.
"""

import numpy as np

#: index in the face mesh, then x (to the right of the picture), y (down), z (away from the camera)
_MODEL = (
    (33, -4.446, -2.664, -3.173), (133, -1.856, -2.585, -3.758),
    (362, 1.856, -2.585, -3.758), (263, 4.446, -2.664, -3.173),
    (6, 0.0, -2.473, -5.789), (1, 0.0, 1.127, -7.476), (2, 0.0, 2.089, -6.058),
)  # fmt: skip
_POINTS = [int(row[0]) for row in _MODEL]
_PLACES = np.array([row[1:] for row in _MODEL]) - np.mean([row[1:] for row in _MODEL], axis=0)
_SOLVE = np.linalg.pinv(_PLACES)


def head_pose_degrees(landmarks: np.ndarray) -> np.ndarray:
    """Yaw, pitch and roll of a head.

    Args:
        landmarks: float [468, 2], (x, y) of the face mesh in pixels.
    Returns:
        float64 [3], degrees: turns about the upright axis, the level axis and the line of sight, in this order. Yaw is
        positive to the right of the picture, pitch downwards, roll clockwise. All are 0 for a frontal face. Beyond
        about 40 degrees they only say that the head is turned far.
    """
    seen = landmarks[_POINTS].astype(np.float64)
    left, _, right = np.linalg.svd((_SOLVE @ (seen - seen.mean(axis=0))).T, full_matrices=False)
    across, down = left @ right  # rows of the rotation
    away = np.cross(across, down)
    yaw, pitch = np.arctan2(away[0], away[2]), np.arcsin(np.clip(away[1], -1.0, 1.0))
    return np.degrees([yaw, pitch, np.arctan2(-across[1], down[1])])
