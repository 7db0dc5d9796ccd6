"""Upper teeth: the gaps between them, and an edge that is not straight; what no mean of many mouths has."""

import numpy as np
from keras import ops

from vfgan.face.pixels import luma
from vfgan.models.lips import middles

#: Gaps between upper teeth as they are seen from the front: the middle; incisors and canine are 8.5, 6.5 and 7.5 mm
#: wide (Nelson & Ash, Wheeler's Dental Anatomy, 2010), and what lies further aside is turned away. Millimetres.
_GAPS = (0.0, 8.5, 15.0, 21.5, 26.5, 30.5)
#: Between the pupils of adults; middle of lateral incisors, which are shorter, and its deviation; millimetres.
_PUPILS, _LATERAL = 63.0, (11.75, 2.0)
#: Deviation of a gap's darkness, and of that of a tooth's sides, which are turned away from the light; millimetres.
_GAP, _SIDE = 0.4, 1.1
#: By how much they are darker, and by how much the edge is higher there and at lateral incisors, of lip to lip.
_GAP_DARK, _SIDE_DARK, _SIDE_UP, _LATERAL_UP = 0.13, 0.1, 0.07, 0.05
#: What is at least so bright, in multiples of the light, is tooth in part, and in full.
_TOOTH, _WHITE = 0.45, 0.85
#: (most - least) / most of a tooth's colours.
_TOOTH_SATURATION = 0.18
#: Eyes are at least so far apart, crop sides.
_NEAREST = 0.05
#: Of the face mesh: the middle of the upper lip's edge, and the corners of either eye.
_MIDDLE, _EYES = 13, ((33, 133), (362, 263))


def tooth_columns(landmarks, width):
    """What teeth do along a row of a picture, as far as there are any.

    Args:
        landmarks: float32 [batch, 468, 2], crop sides.
        width: of the picture, pixels.
    Returns:
        float32 [batch, width] each: by how much they are darker, 0…1, and how much further down the picture of them is
        taken from, of lip to lip.
    """
    left, right = (ops.mean(ops.take(landmarks, np.array(eye), axis=1), axis=1) for eye in _EYES)
    apart = ops.sqrt(ops.sum(ops.square(right - left), axis=1, keepdims=True))
    millimetre = ops.maximum(apart, _NEAREST) / _PUPILS  # crop sides
    x = ops.abs(middles(width)[None] - landmarks[:, _MIDDLE, 0][:, None]) / millimetre
    # a gap that is narrower than a pixel is as wide as one, and lighter
    half = ops.maximum(_GAP, 0.6 / (millimetre * ops.cast(width, "float32")))
    gap, side = (sum(_bump(x, place, one) for place in _GAPS) for one in (half, _SIDE))
    gap, side = ops.minimum(gap * _GAP / half, 1.0), ops.minimum(side, 1.0)
    return _GAP_DARK * gap + _SIDE_DARK * side, _SIDE_UP * side + _LATERAL_UP * _bump(x, *_LATERAL)


def whiteness(colours):
    """How much of a tooth there is: float32 [..., 1], 0…1.

    Args:
        colours: float32 [..., 3], multiples of the light.
    """
    return ops.clip((ops.min(colours, axis=-1, keepdims=True) - _TOOTH) / (_WHITE - _TOOTH), 0.0, 1.0)


def pale(colours):
    """Colours of a mouth's inside, of which the bright ones are teeth: at most as saturated as teeth are.

    In warm light, and beside dark skin, what is learnt of other faces is yellow.

    Args:
        colours: float32 [..., 3], multiples of the light.
    """
    grey, most = luma(colours), ops.max(colours, axis=-1, keepdims=True)
    saturation = (most - ops.min(colours, axis=-1, keepdims=True)) / ops.maximum(most, 1e-3)
    bright = ops.clip((grey - _TOOTH) / (_WHITE - _TOOTH), 0.0, 1.0)
    kept = ops.minimum(1.0, _TOOTH_SATURATION / ops.maximum(saturation, 1e-3))
    return grey + (colours - grey) * (1.0 + bright * (kept - 1.0))


def _bump(x, middle: float, deviation):
    return ops.exp(-0.5 * ops.square((x - middle) / deviation))
