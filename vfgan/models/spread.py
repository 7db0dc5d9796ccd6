"""Displacements of landmarks -> flow on a grid, and -> where a mouth is open: `vfgan.face.flow` inside a network."""

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

#: Corners, top and bottom of the outer lips; and how far beyond them is still theirs, crop sides.
_OUTER_LIPS, _MARGIN = (61, 291, 0, 17), 4 / 256
#: Softness of the open mouth's edge, and of reading the lips' heights between landmarks; crop sides.
_EDGE, _BETWEEN = 1.5 / 256, 6 / 256
#: How bright the inside of a mouth is, of the mean colour around it.
_DARK = 0.2


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
    return without_folds(ops.reshape(flow * border_fade(points)[None, :, None], (-1, grid, grid, 2)))


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
    share = np.array(BETWEEN, np.float32)[None, :, None, None]

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


def around_mouth(landmarks, height, width):
    """Where lips and what they uncover are: 1 in an ellipse around them, falling to 0 at 1.4 times its size.

    Args:
        landmarks: float32 [batch, 468, 2], crop sides.
        height, width: of the map, pixels.
    Returns:
        float32 [batch, height, width, 1].
    """
    outer = ops.take(landmarks, np.array(_OUTER_LIPS), axis=1)  # [batch, left, right, top, bottom; 2]
    middle = ops.mean(outer, axis=1)[:, None, None, :]
    half_width = 0.6 * ops.abs(outer[:, 1, 0] - outer[:, 0, 0])[:, None, None] + _MARGIN
    half_height = 0.6 * ops.abs(outer[:, 3, 1] - outer[:, 2, 1])[:, None, None] + _MARGIN
    across = (_middles(width)[None, None, :] - middle[..., 0]) / half_width
    down = (_middles(height)[None, :, None] - middle[..., 1]) / half_height
    radius = ops.sqrt(ops.square(across) + ops.square(down) + 1e-9)
    ramp = ops.clip((1.4 - radius) / 0.4, 0.0, 1.0)
    return (ramp * ramp * (3.0 - 2.0 * ramp))[..., None]


def open_mouth(landmarks, height, width):
    """Where the inner lips are apart: 1 between them, 0 outside, soft at the edge.

    Args:
        landmarks: float32 [batch, 468, 2], crop sides.
        height, width: of the map, pixels.
    Returns:
        float32 [batch, height, width, 1].
    """
    rows, columns = _middles(height)[None, :, None], _middles(width)[None, None, :]

    def edge_at(indices):
        """The edge's y at each column: kernel regression over its landmarks: [batch, 1, columns]."""
        edge = ops.take(landmarks, np.array(indices), axis=1)  # [batch, 11, 2]
        distance = (columns[0, 0][None, :, None] - edge[:, None, :, 0]) / _BETWEEN
        weight = ops.softmax(-0.5 * ops.square(distance), axis=2)
        return ops.sum(weight * edge[:, None, :, 1], axis=2)[:, None]

    upper, lower = edge_at(UPPER_LIP), edge_at(LOWER_LIP)
    left, right = landmarks[:, UPPER_LIP[0], 0][:, None, None], landmarks[:, UPPER_LIP[-1], 0][:, None, None]
    # lips that touch have no inside: half an edge's width is taken off either side
    inside = ops.sigmoid((rows - upper) / _EDGE - 1.0) * ops.sigmoid((lower - rows) / _EDGE - 1.0)
    between = ops.sigmoid((columns - left) / _EDGE) * ops.sigmoid((right - columns) / _EDGE)
    return (inside * between)[..., None]


def darken(picture, opened, near):
    """Pictures that are dark where a mouth opened: what is stretched there are the lips, and they are red.

    The dark is a fifth of the mean colour around the mouth, so that it fits the skin and the light.

    Args:
        picture: float32 [batch, height, width, channels], 0 is black.
        opened: float32 [batch, height, width, 1], 0…1.
        near: float32 [batch, height, width, 1], around the mouth.
    """
    colour = ops.sum(picture * near, axis=(1, 2), keepdims=True) / ops.sum(near, axis=(1, 2), keepdims=True)
    return picture + opened * (_DARK * colour - picture)


def _middles(pixels):
    """Middles of the pixels along one side, crop sides: float32 [pixels]."""
    return (ops.arange(pixels, dtype="float32") + 0.5) / ops.cast(pixels, "float32")
