"""Eyes that are narrowed: lids close over an eyeball, which is not squeezed."""

import numpy as np
from keras import ops

from vfgan.models.lips import height_of, middles, middles_down

#: Of the face mesh, upper and lower lid of either eye, from the corner at the left of the picture to the other one.
LIDS = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)),
)
#: Softness of the lids' edges, and of reading their heights between landmarks; crop sides.
_EDGE, _BETWEEN = 1.0 / 256, 3 / 256
#: An eye that is narrower by this share is one that is narrowed. Eyes are at least so high, crop sides.
_NARROWED, _LEAST = 0.1, 1e-3


def unsqueezed(flow, landmarks, moved):
    """A flow that moves what lies between narrowed lids as a whole, with the corners of the eye.

    A flow that follows the lids makes an oval of the iris. Lids that open wider do stretch it: of what they bare there
    is no picture. At the lids the source jumps outwards, over what they cover: nothing folds.

    Args:
        flow: float32 [batch, height, width, 2], crop sides (`vfgan.face.flow`).
        landmarks, moved: float32 [batch, 468, 2], crop sides.
    Returns:
        float32 of the flow's shape.
    """
    _, height, width, _ = ops.shape(flow)
    rows, columns = middles_down(height, width)[None, :, None], middles(width)[None, None]
    for lids in LIDS:
        before, after = ([ops.take(points, np.array(lid), axis=1) for lid in lids] for points in (landmarks, moved))
        share = 1.0 - _opening(*after) / ops.maximum(_opening(*before), _LEAST)
        share = ops.clip(share / _NARROWED, 0.0, 1.0)[:, None, None]
        upper, lower = (height_of(lid, columns[0], _BETWEEN)[:, None] for lid in after)
        left, right = (after[0][:, end, 0][:, None, None] for end in (0, -1))
        inside = ops.minimum(ops.minimum(rows - upper, lower - rows), ops.minimum(columns - left, right - columns))
        as_a_whole = 0.5 * (_corners(before[0]) - _corners(after[0]))[:, None, None]
        flow = flow + (share * ops.sigmoid(inside / _EDGE))[..., None] * (as_a_whole - flow)
    return flow


def _opening(upper, lower):
    """How far lids are apart: float32 [batch]."""
    return ops.mean(lower[:, 1:-1, 1] - upper[:, 1:-1, 1], axis=1)


def _corners(lid):
    return lid[:, 0] + lid[:, -1]
