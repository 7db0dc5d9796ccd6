"""Between lips that are apart in the picture: lips slide over teeth, which are neither squeezed nor stretched.

A map that is taller than it is wide goes on below the crop, which is its upper square. All places are in crop sides.
"""

from keras import ops

from vfgan.layers.warp import sample
from vfgan.models.lips import HIGHER, SEEN, SEEN_WELL, corners, height_of, lip_lines, middles, middles_down, smooth

#: Softness of reading the lips' heights between landmarks; of the edges of what lies between lips.
_BETWEEN, _EDGE = 6 / 256, 0.5 / 256
#: From so far apart on lips that close cover what is between them, and in full.
_APART, _OPEN = 1.5 / 256, 4 / 256
#: A mouth that gets lower by so much of its height is one that closes.
_LOWER = 0.5
#: Deviation of what counts as the middle of a mouth, of its width.
_MIDDLE = 0.15
#: Lips that touch are so far apart by their landmarks.
_MET = 2.5 / 256
#: Lips are taken from so far outside their edge, and what is between them from so far inside: landmarks have errors.
_OUTSIDE, _INSIDE = 1 / 256, 2 / 256
#: How far beside the lips' edges what is around them is moved along, at least, and in lengths of what it is moved by.
_AROUND, _ALONG, _BESIDE = 6 / 256, 1.5, 3.0
#: Of the face mesh: below the nose. What is above the lips is moved along for so much of the way there: noses stay.
_NOSE, _ROOM = 2, 0.35


def over_teeth(flow, landmarks, moved, part: slice):
    """A flow in which teeth keep their shape, and lips that close cover them.

    A flow on a grid cannot tell two lips that touch apart: it squeezes the teeth that were between them. Here the edge
    of either lip comes exactly from its edge in the source, and what is around it follows. What was between the lips
    goes with the upper lip: where a mouth opens as one, where it closes column by column. At the lower lip the source
    jumps, over what they cover: nothing folds. Of lips that are closed in the picture nothing changes.

    Args:
        flow: float32 [batch, height, width, 2] (`vfgan.face.flow`).
        landmarks, moved: float32 [batch, 468, 2].
        part: rows in which there can be a mouth.
    Returns:
        (float32 of the flow's shape; float32 [batch, rows of the part, width, 1], 0…1: how much of what was between the
        lips is seen).
    """
    _, height, width, _ = ops.shape(flow)
    rows, columns = middles_down(height, width)[part][None, :, None], middles(width)[None]
    before, after = lip_lines(landmarks), lip_lines(moved)
    (left, right), (left_after, right_after) = corners(landmarks), corners(moved)
    aside = ops.maximum(left - left_after, 0.0) + ops.minimum(right - right_after, 0.0)
    upper, lower = (height_of(lip, columns + aside, _BETWEEN) for lip in before)
    edges = [height_of(lip, columns, _BETWEEN) for lip in after]
    gap, gap_after = lower - upper, edges[1] - edges[0]
    aside_of_middle = (columns - 0.5 * (left_after + right_after)) / ops.maximum(right_after - left_after, _APART)
    middle = ops.softmax(-0.5 * ops.square(aside_of_middle / _MIDDLE), axis=1)

    def mean(values):
        return ops.sum(middle * values, axis=1, keepdims=True)

    ratio = mean(gap_after) / ops.maximum(mean(gap), _APART)
    opens, closes = smooth((ratio - 1.0) / HIGHER), smooth((1.0 - ratio) / _LOWER)
    edges = _met(*edges, closes * _MET)
    with_lip = upper - edges[0]
    down = with_lip + opens * (mean(with_lip) - with_lip)
    covered, seen = smooth((gap - _APART) / (_OPEN - _APART)), smooth((gap - SEEN) / (SEEN_WELL - SEEN))
    outside = _OUTSIDE * (closes + 2.0 * opens)
    share = (covered + opens * (seen - covered))[:, None]  # [batch, 1, width]

    apart = smooth((mean(gap) - _APART) / (_OPEN - _APART))
    flow = ops.concatenate(
        [
            flow[:, : part.start],
            flow[:, part] + sum(_corner(flow, rows, columns, before[0], after[0], end, apart) for end in (0, -1)),
            flow[:, part.stop :],
        ],
        axis=1,
    )
    here = flow[:, part]
    above = ops.cast(rows < 0.5 * (edges[0] + edges[1])[:, None], "float32")
    room = _ROOM * ops.maximum(edges[0] - moved[:, _NOSE, 1][:, None], 0.0)
    sides = ((before[0], edges[0], above, 1.0, room), (before[1], edges[1], 1.0 - above, -1.0, ops.ones_like(room)))
    follow = sum(
        side * _followed(flow, rows, columns, lip, edge, sign, outside, most) for lip, edge, side, sign, most in sides
    )
    lips = ops.stack([here[..., 0], here[..., 1] + share * follow], axis=-1)

    source = rows + down[:, None]
    within = [rows - edges[0][:, None], edges[1][:, None] - rows]
    within += [one[:, None] for one in (columns - left_after, right_after - columns)]
    there = [lower[:, None] - _INSIDE - source, source - upper[:, None]]
    there += [one[:, None] - _INSIDE for one in (columns + aside - left, right - columns - aside)]
    inside, pictured = share * ops.sigmoid(_least(within) / _EDGE - 2.0), _least(there) / _EDGE
    teeth = ops.stack([ops.broadcast_to(aside, ops.shape(down)), down], axis=-1)[:, None]
    lips = lips + (inside * ops.sigmoid(pictured + 2.0))[..., None] * (teeth - lips)
    shown = inside * ops.sigmoid(pictured - 2.0)
    return ops.concatenate([flow[:, : part.start], lips, flow[:, part.stop :]], axis=1), shown[..., None]


def _corner(flow, rows, columns, lip, lip_after, end, apart):
    """How much further away pixels are taken from, so that a corner comes from its corner: [batch, rows, width, 2].

    Args:
        lip, lip_after: float32 [batch, 11, 2].
        end: of the lip, 0 or -1.
        apart: float32 [batch, 1], how far the lips are apart, 0…1.
    """
    _, height, width, _ = ops.shape(flow)
    sides = ops.stack([ops.cast(width, "float32"), ops.cast(ops.minimum(height, width), "float32")])
    corner = lip_after[:, end]  # [batch, 2]
    x, y = ops.split(corner * sides - 0.5, 2, axis=1)
    missing = lip[:, end] - corner - sample(flow, x[:, None], y[:, None])[:, 0, 0]
    far = ops.maximum(_AROUND, _BESIDE * ops.sqrt(ops.sum(ops.square(missing), axis=1)))[:, None, None]
    away = ops.square(rows - corner[:, 1, None, None]) + ops.square(columns[:, None] - corner[:, 0, None, None])
    return (apart[:, None] * ops.exp(-0.5 * away / ops.square(far)))[..., None] * missing[:, None, None]


def _followed(flow, rows, columns, lip, edge, sign, outside, most):
    """How much further down pixels are taken from, so that a lip's edge comes from its edge: [batch, rows, width].

    Args:
        lip: float32 [batch, 11, 2], the lip's edge in the source.
        edge: float32 [batch, width], its height where it is moved to.
        sign: 1 of the upper lip, -1 of the lower one.
        outside: float32 [batch, width], so far outside its edge the lip is taken from.
        most: float32 [batch, width], no more than so far is what is around it moved along.
    """
    _, height, width, _ = ops.shape(flow)
    x = columns * ops.cast(width, "float32") - 0.5
    y = edge * ops.cast(ops.minimum(height, width), "float32") - 0.5
    there = sample(flow, ops.broadcast_to(x, ops.shape(y))[:, None], y[:, None])[:, 0]  # [batch, width, 2]
    missing = height_of(lip, columns + there[..., 0], _BETWEEN) - sign * outside - edge - there[..., 1]
    beside = ops.concatenate([edge[:, :1], edge, edge[:, -1:]], axis=1)
    slope = 0.5 * (beside[:, 2:] - beside[:, :-2]) * ops.cast(width, "float32")
    far = ops.maximum(_AROUND, ops.minimum(most, _ALONG * ops.abs(missing)))
    far = far * ops.sqrt(1.0 + slope * slope)  # down to a slanting edge
    away = ops.maximum(sign * (edge[:, None] - rows), 0.0) / far[:, None]
    return ops.exp(-0.5 * ops.square(away)) * missing[:, None]


def _met(upper, lower, apart):
    """Edges of lips so far apart that they touch: they meet, and do not cross."""
    middle, half = 0.5 * (upper + lower), 0.5 * ops.maximum(lower - upper - apart, 0.0)
    return middle - half, middle + half


def _least(values):
    least = values[0]
    for value in values[1:]:
        least = ops.minimum(least, value)
    return least
