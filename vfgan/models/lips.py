"""Where lips are, and what lies between them, from landmarks: crop sides, 0 the left or upper edge, 1 the other.

A map that is taller than it is wide goes on below the crop, which is its upper square.
"""

import numpy as np
from keras import ops

from vfgan.face.flow import LOWER_LIP, UPPER_LIP

#: Softness of the open mouth's edge, and of reading the lips' heights between landmarks; crop sides.
_EDGE, _BETWEEN = 1.5 / 256, 6 / 256
#: Of the gap between lips, what closed ones have by the landmarks' error, crop sides.
_CLOSED = 1 / 256
#: From so far apart on lips that open show what was between them, and in full, crop sides: they are wide apart, or else
#: there are ghost lips. A mouth that gets higher by so much of its height is one that opens.
SEEN, SEEN_WELL, HIGHER = 4 / 256, 8 / 256, 0.25
#: Share of the gap that was open before at which the inside is all new, and at which it stays as it was.
_NEW, _OLD = 0.4, 0.8
_ALL = slice(None)


def mouth_rows(width) -> slice:
    """Rows of a crop of this width in which there can be a mouth, however it opens.

    From 0.45 to 1.3 crop sides: of 4,144 faces (pairs, web, Actor 01) inner lips lie between 0.52 and 0.96, and a jaw
    drops by up to 0.2.
    """
    return slice(9 * width // 20, 13 * width // 10)


def open_mouth(landmarks, height, width, part: slice = _ALL):
    """Where the inner lips are apart: 1 between them, 0 outside, soft at the edge.

    Args:
        landmarks: float32 [batch, 468, 2].
        height, width: of the map, pixels.
        part: rows of it that are asked for.
    Returns:
        float32 [batch, rows, width, 1].
    """
    rows, columns = middles_down(height, width)[part][None, :, None], middles(width)[None, None, :]
    upper, lower = (edge[:, None] for edge in lip_edges(landmarks, columns[0]))
    left, right = (corner[:, None] for corner in corners(landmarks))
    # lips that touch have no inside: half an edge's width is taken off either side
    inside = ops.sigmoid((rows - upper) / _EDGE - 1.0) * ops.sigmoid((lower - rows) / _EDGE - 1.0)
    between = ops.sigmoid((columns - left) / _EDGE) * ops.sigmoid((right - columns) / _EDGE)
    return (inside * between)[..., None]


def opened_mouth(landmarks, moved, height, width, part: slice = _ALL):
    """`open_mouth` of where lips are moved to, as far as a mouth is opened: one that is open already keeps its inside.

    Of a mouth that was wide open all is new as far as it opens: `vfgan.models.closing` lays what there was on top.

    Args:
        landmarks, moved: float32 [batch, 468, 2].
    """
    before, after = (
        ops.maximum(ops.mean(lower - upper, axis=1)[:, 1], 0.0) + _CLOSED
        for upper, lower in map(lip_lines, (landmarks, moved))
    )
    new = 1.0 - smooth((before / after - _NEW) / (_OLD - _NEW))
    shown = smooth((before - SEEN) / (SEEN_WELL - SEEN))  # what there was is laid over it
    new = new + shown * (smooth((after / before - 1.0) / HIGHER) - new)
    return new[:, None, None, None] * open_mouth(moved, height, width, part)


def mouth_width(landmarks):
    """From corner to corner of the inner lips: float32 [batch, 1], crop sides; landmarks: float [batch, 468, 2]."""
    left, right = corners(landmarks)
    return right - left


def lip_edges(landmarks, columns):
    """Heights of the inner lips: (upper, lower), float32 [batch, columns] each, by kernel regression over landmarks.

    Args:
        columns: float32 [batch or 1, columns], x.
    """
    upper, lower = lip_lines(landmarks)
    return height_of(upper, columns, _BETWEEN), height_of(lower, columns, _BETWEEN)


def height_of(line, columns, deviation: float):
    """y of a line of landmarks at each column, by kernel regression over them: float32 [batch, columns].

    Args:
        line: float32 [batch, points, 2].
        columns: float32 [batch or 1, columns], x.
        deviation: of the kernel, crop sides.
    """
    distance = (columns[:, :, None] - line[:, None, :, 0]) / deviation
    weight = ops.softmax(-0.5 * ops.square(distance), axis=2)
    return ops.sum(weight * line[:, None, :, 1], axis=2)


def mouth_grid(landmarks, rows: int, columns: int):
    """Points from corner to corner and from lip to lip: x, y, float32 [batch, rows, columns] each.

    Args:
        landmarks: float32 [batch, 468, 2].
    """
    left, right = corners(landmarks)
    x = left + middles(columns)[None] * (right - left)
    upper, lower = (edge[:, None] for edge in lip_edges(landmarks, x))
    y = upper + middles(rows)[None, :, None] * (lower - upper)
    return ops.broadcast_to(x[:, None], ops.shape(y)), y


def lip_gap(landmarks, columns: int):
    """How far the lips are apart from corner to corner, in widths of the mouth: float32 [batch, columns].

    Args:
        landmarks: float32 [batch, 468, 2].
    """
    left, right = corners(landmarks)
    upper, lower = lip_edges(landmarks, left + middles(columns)[None] * (right - left))
    return (lower - upper) / ops.maximum(right - left, _CLOSED)


def in_mouth(landmarks, height, width, part: slice = _ALL):
    """The way back: where each pixel is in a mouth, u from corner to corner and v from lip to lip, 0…1 inside.

    Args:
        landmarks, height, width, part: as of `open_mouth`.
    Returns:
        u, v: float32 [batch, rows, width] each.
    """
    rows, columns = middles_down(height, width)[part][None, :, None], middles(width)[None]
    left, right = corners(landmarks)
    upper, lower = (edge[:, None] for edge in lip_edges(landmarks, columns))
    v = (rows - upper) / ops.maximum(lower - upper, _CLOSED)
    u = (columns - left) / ops.maximum(right - left, _CLOSED)
    return ops.broadcast_to(u[:, None], ops.shape(v)), v


def mouth_shape(landmarks):
    """What an open mouth looks like without its place: float32 [batch, 11].

    Heights of both inner lips over the line between the corners, in widths of the mouth, the mean of left and right,
    and that width in crop sides; each times what makes it about 1.
    """
    upper, lower = lip_lines(landmarks)
    left, right = upper[:, :1], upper[:, -1:]  # corners
    width = ops.maximum(right[..., 0] - left[..., 0], _CLOSED)
    line = 0.5 * (left[..., 1] + right[..., 1])

    def heights(lip):
        above = (lip[:, 1:-1, 1] - line) / width
        return 0.5 * (above + ops.flip(above, axis=1))[:, :5]

    return ops.concatenate([5.0 * heights(upper), 5.0 * heights(lower), 10.0 * (width - 0.33)], axis=1)


def smooth(share):
    """0 up to 0, 1 from 1 on, without a corner."""
    share = ops.clip(share, 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)


def middles(pixels):
    """Middles of the pixels along one side: float32 [pixels]."""
    return (ops.arange(pixels, dtype="float32") + 0.5) / ops.cast(pixels, "float32")


def middles_down(height, width):
    """The same from the top to the bottom of a map that may go on below the crop, in crop sides: float32 [height]."""
    return (ops.arange(height, dtype="float32") + 0.5) / ops.cast(ops.minimum(height, width), "float32")


def corners(landmarks) -> tuple:
    """x of the corners of the mouth, left and right in the picture: float32 [batch, 1] each."""
    return landmarks[:, UPPER_LIP[0], 0][:, None], landmarks[:, UPPER_LIP[-1], 0][:, None]


def lip_lines(landmarks) -> list:
    """Edges of the inner lips, upper and lower: float32 [batch, 11, 2]."""
    return [ops.take(landmarks, np.array(lip), axis=1) for lip in (UPPER_LIP, LOWER_LIP)]
