"""Displacements of landmarks -> flow on a grid: `vfgan.face.flow` inside a network."""

import numpy as np
from keras import ops

from vfgan.face.flow import (
    BETWEEN,
    BORDER,
    FAR,
    JAW,
    LEFT,
    LOWER_LIP,
    NECK,
    REACH,
    SAFE,
    UPPER_LIP,
    WIDE,
    WIDE_SHARE,
    kernel_widths,
)


def spread(source, moved, grid: int, rows=None):
    """The flow of `spread_and_share` alone."""
    return spread_and_share(source, moved, grid, rows)[0]


def spread_and_share(source, moved, grid: int, rows=None):
    """The flow that takes landmarks from where they are to where they are to be (`flow_of_landmarks`).

    Args:
        source, moved: float32 [batch, 468, 2], crop sides.
        grid: nodes across.
        rows: nodes down; None: as many. More are of a picture that goes on below the crop; may be a tensor.
    Returns:
        (float32 [batch, rows, grid, 2], crop sides; float32 [batch, 1, 1, 1], how much of the way landmarks go: 1, or
        less where the flow would fold).
    """
    rows = grid if rows is None else rows
    x, y = (ops.arange(nodes, dtype="float32") / grid + 0.5 / grid for nodes in (grid, rows))
    source, moved = _with_mouth_and_neck(source, moved)
    wanted = source - moved
    flow = _regress_on_grid(x, y, moved, 2.0 * wanted - _regress(moved, wanted))
    y = y[:, None]
    edge = ops.minimum(ops.minimum(x, 1.0 - x), ops.minimum(y, ops.cast(rows, "float32") / grid - y))
    ramp = ops.clip(edge / BORDER, 0.0, 1.0)
    fade = ramp * ramp * (3.0 - 2.0 * ramp)
    return without_folds(flow * fade[None, :, :, None])


def _regress(landmarks, values):
    """K of `vfgan.face.flow`: values at landmarks, [batch, n, 2], at these landmarks, [batch, n, 2]: [batch, n, 2]."""
    length = ops.sum(ops.square(landmarks), axis=2)
    products = ops.matmul(landmarks, ops.transpose(landmarks, (0, 2, 1)))
    square = ops.maximum(length[:, :, None] + length[:, None] - 2.0 * products, 0.0)  # [batch, n, n]
    narrow, wide = _exponents()
    weight = ops.exp(square * narrow) + WIDE_SHARE * ops.exp(square * wide)
    return ops.matmul(weight, values) / (ops.sum(weight, axis=2, keepdims=True) + FAR)


def _regress_on_grid(x, y, landmarks, values):
    """The same at all nodes of a grid. A kernel is one along x times one along y: of 48 x 32 nodes a landmark has 80
    numbers.

    Args:
        x, y: float32 [grid] and [rows], of the nodes.
        landmarks, values: float32 [batch, n, 2].
    Returns:
        float32 [batch, rows, grid, 2].
    """
    narrow, wide = _exponents()

    def kernels(nodes, places):  # [batch, nodes, 2 n]
        square = ops.square(nodes[None, :, None] - places[:, None])
        return ops.concatenate([ops.exp(square * narrow), ops.exp(square * wide)], axis=2)

    summed = ops.transpose(ops.concatenate([values, ops.ones_like(values[..., :1])], axis=2), (0, 2, 1))
    summed = ops.concatenate([summed, WIDE_SHARE * summed], axis=2)  # [batch, 3, 2 n]
    down = kernels(y, landmarks[..., 1])[:, None] * summed[:, :, None]  # [batch, 3, rows, 2 n]
    across = ops.transpose(kernels(x, landmarks[..., 0]), (0, 2, 1))
    sums = ops.transpose(ops.matmul(down, across[:, None]), (0, 2, 3, 1))  # [batch, rows, grid, 3]
    return sums[..., :2] / (sums[..., 2:] + FAR)


def _exponents():
    """-1 / 2 s^2 of each landmark, float32 [n], and -1 / 2 t^2."""
    return ops.convert_to_tensor(-0.5 / kernel_widths() ** 2), -0.5 / WIDE**2


def _with_mouth_and_neck(source, moved):
    """Landmarks, and points between the lips and on the neck, so that the flow is not steep: [batch, 603, 2] each."""
    share = ops.convert_to_tensor(np.array(BETWEEN, np.float32)[None, :, None, None])

    def at_lips(points):
        upper, lower = (ops.take(points, np.array(lip[1:-1]), axis=1)[:, None] for lip in (UPPER_LIP, LOWER_LIP))
        return upper + share * (lower - upper), lower - upper  # [batch, 5, 9, 2], [batch, 1, 9, 2]

    (here, before), (there, after) = at_lips(source), at_lips(moved)
    here = here + LEFT * (share - 0.5) * (after - before)
    down = np.array(NECK, np.float32)[None, :, None, None]
    jaw, after = (ops.take(points, np.array(JAW), axis=1)[:, None] for points in (source, moved))
    below = jaw + ops.convert_to_tensor(down * np.array([0.0, 1.0], np.float32))  # [batch, 6, 15, 2]
    follows = below + ops.convert_to_tensor(1.0 - down / REACH) * (after - jaw)

    def flat(points):
        return ops.reshape(points, (-1, points.shape[1] * points.shape[2], 2))

    both = ((source, here, below), (moved, there, follows))
    return tuple(ops.concatenate([landmarks, flat(lips), flat(neck)], axis=1) for landmarks, lips, neck in both)


def without_folds(flow):
    """A flow of which no cell is turned over (`vfgan.face.flow.without_folds`), and what it was multiplied by."""
    grid = flow.shape[2]
    across = (flow[:, :-1, 1:] - flow[:, :-1, :-1]) * grid
    down = (flow[:, 1:, :-1] - flow[:, :-1, :-1]) * grid
    p, q = across[..., 0] + down[..., 1], across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
    under = p * p - 4.0 * q
    r = ops.where(under > 0.0, (ops.sqrt(ops.maximum(under, 1e-9)) - p) / 2.0, 0.0)
    most = ops.max(r, axis=(1, 2))[:, None, None, None]
    share = ops.minimum(1.0, SAFE / ops.maximum(most, 1e-6))
    return flow * share, share
