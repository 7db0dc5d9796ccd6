"""Displacements of landmarks -> flow on a grid: `vfgan.face.flow` inside a network."""

import numpy as np
from keras import ops

from vfgan.face.flow import (
    BETWEEN,
    FAR,
    LEFT,
    LOWER_LIP,
    NARROW,
    SAFE,
    UPPER_LIP,
    WIDE,
    WIDE_SHARE,
    border_fade,
    grid_points,
)


def spread(source, moved, grid: int):
    """The flow that takes landmarks from where they are to where they are to be (`flow_of_landmarks`).

    Args:
        source, moved: float32 [batch, 468, 2], crop sides.
        grid: nodes either way.
    Returns:
        float32 [batch, grid, grid, 2], crop sides.
    """
    points = grid_points(grid)
    source, moved = _with_mouth(source, moved)
    wanted = source - moved
    flow = _regress(points[None], moved, 2.0 * wanted - _regress(moved, moved, wanted))
    fade = ops.convert_to_tensor(border_fade(points)[None, :, None])
    return without_folds(ops.reshape(flow * fade, (-1, grid, grid, 2)))


def _regress(places, landmarks, values):
    """K of `vfgan.face.flow`: values at landmarks, [batch, n, 2], at places, [batch or 1, m, 2]: [batch, m, 2]."""
    square = (
        ops.sum(ops.square(places), axis=2)[:, :, None]
        + ops.sum(ops.square(landmarks), axis=2)[:, None]
        - 2.0 * ops.matmul(places, ops.transpose(landmarks, (0, 2, 1)))
    )  # [batch, places, landmarks]
    square = ops.maximum(square, 0.0)
    weight = ops.exp(square * (-0.5 / NARROW**2)) + WIDE_SHARE * ops.exp(square * (-0.5 / WIDE**2))
    return ops.matmul(weight, values) / (ops.sum(weight, axis=2, keepdims=True) + FAR)


def _with_mouth(source, moved):
    """Landmarks and points between the lips, so that the flow is not steep there: [batch, 513, 2] each."""
    share = ops.convert_to_tensor(np.array(BETWEEN, np.float32)[None, :, None, None])

    def lips(points):
        upper, lower = (ops.take(points, np.array(lip[1:-1]), axis=1)[:, None] for lip in (UPPER_LIP, LOWER_LIP))
        return upper + share * (lower - upper), lower - upper  # [batch, 5, 9, 2], [batch, 1, 9, 2]

    (here, before), (there, after) = lips(source), lips(moved)
    here = here + LEFT * (share - 0.5) * (after - before)
    both = ((source, here), (moved, there))
    return tuple(ops.concatenate([old, ops.reshape(new, (-1, new.shape[1] * new.shape[2], 2))], 1) for old, new in both)


def without_folds(flow):
    """A flow of which no cell is turned over (`vfgan.face.flow.without_folds`), of the same shape."""
    grid = flow.shape[1]
    across = (flow[:, :-1, 1:] - flow[:, :-1, :-1]) * grid
    down = (flow[:, 1:, :-1] - flow[:, :-1, :-1]) * grid
    p, q = across[..., 0] + down[..., 1], across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
    under = p * p - 4.0 * q
    r = ops.where(under > 0.0, (ops.sqrt(ops.maximum(under, 1e-9)) - p) / 2.0, 0.0)
    most = ops.max(r, axis=(1, 2))[:, None, None, None]
    return flow * ops.minimum(1.0, SAFE / ops.maximum(most, 1e-6))
