"""Pictures in SavedModels: their size, and how a change of luma is put on a photo in colour."""

import tensorflow as tf

from vfgan.face.pixels import luma


def relight(rgb, change):
    """Pictures whose luma is changed: what becomes brighter by the same amount in R, G and B, as light does that is
    thrown back; what becomes darker by the same factor, as in shade. So an open mouth is dark, not deep red, and no
    colour is cut off at 0.

    Args:
        rgb: float32 [batch, height, width, 3], 0…255.
        change: float32 [batch, height, width, 1], grey levels.
    """
    before = luma(rgb)
    shade = tf.maximum(before + tf.minimum(change, 0.0), 0.0) / tf.maximum(before, 1.0)
    return rgb * shade + tf.maximum(change, 0.0)


def resize_area(picture, size_px: int):
    """Averages down (or interpolates up) to a square: float32 [batch, size, size, channels]."""
    return tf.image.resize(picture, [size_px, size_px], antialias=True)
