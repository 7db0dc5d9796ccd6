"""Displacements of landmarks -> flow on a grid, and -> where a mouth is open: `vfgan.face.flow` inside a network."""

import numpy as np
from keras import ops

from vfgan.face.flow import FAR, NARROW, WIDE, WIDE_SHARE, border_fade, grid_points

#: Of the face mesh, from the corner at the left of the picture to the one at its right: edges of the inner lips.
UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
#: Softness of the open mouth's edge, and of reading the lips' heights between landmarks; crop sides.
_EDGE, _BETWEEN = 1.5 / 256, 6 / 256


def spread(source, moved, grid: int):
    """The flow that takes landmarks from where they are to where they are to be (`flow_of_landmarks`).

    Args:
        source, moved: float32 [batch, 468, 2], crop sides.
        grid: nodes either way.
    Returns:
        float32 [batch, grid, grid, 2], crop sides.
    """
    points = grid_points(grid)
    square = (
        np.square(points).sum(axis=1)[None, :, None]
        + ops.sum(ops.square(moved), axis=2)[:, None]
        - 2.0 * ops.matmul(points[None], ops.transpose(moved, (0, 2, 1)))
    )  # [batch, nodes, landmarks]
    square = ops.maximum(square, 0.0)
    weight = ops.exp(square * (-0.5 / NARROW**2)) + WIDE_SHARE * ops.exp(square * (-0.5 / WIDE**2))
    flow = ops.matmul(weight, source - moved) / (ops.sum(weight, axis=2, keepdims=True) + FAR)
    return ops.reshape(flow * border_fade(points)[None, :, None], (-1, grid, grid, 2))


def open_mouth(landmarks, size_px: int):
    """Where the inner lips are apart: 1 between them, 0 outside, soft at the edge.

    Args:
        landmarks: float32 [batch, 468, 2], crop sides.
        size_px: of the map.
    Returns:
        float32 [batch, size_px, size_px, 1].
    """
    axis = ((np.arange(size_px) + 0.5) / size_px).astype(np.float32)

    def height(indices):
        """The edge's y at each column: kernel regression over its landmarks: [batch, columns]."""
        edge = ops.take(landmarks, np.array(indices), axis=1)  # [batch, 11, 2]
        distance = (axis[None, :, None] - edge[:, None, :, 0]) / _BETWEEN
        weight = ops.softmax(-0.5 * ops.square(distance), axis=2)
        return ops.sum(weight * edge[:, None, :, 1], axis=2)

    upper, lower = height(UPPER_LIP)[:, None], height(LOWER_LIP)[:, None]  # [batch, 1, columns]
    left, right = landmarks[:, UPPER_LIP[0], 0][:, None, None], landmarks[:, UPPER_LIP[-1], 0][:, None, None]
    rows, columns = axis[None, :, None], axis[None, None, :]
    # lips that touch have no inside: half an edge's width is taken off either side
    inside = ops.sigmoid((rows - upper) / _EDGE - 1.0) * ops.sigmoid((lower - rows) / _EDGE - 1.0)
    between = ops.sigmoid((columns - left) / _EDGE) * ops.sigmoid((right - columns) / _EDGE)
    return (inside * between)[..., None]
