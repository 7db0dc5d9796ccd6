"""RandAugment, cut-out and mix-up of face crops: keras-cv's operations, with draws that are a function of the seed.

keras-cv draws from generators with a state, so that a batch would depend on all batches before it. Here its layers are
given their transformations. The package is frozen at 0.9.0 and slow to import; nothing else imports it.
"""

import functools

import tensorflow as tf

from vfgan.models.augment import split_seed

#: Operations of RandAugment for each face, each left out once in eleven times (Cubuk et al., 2020); its magnitude, 0…1.
_ROUNDS, _RATE, _MAGNITUDE, _DEVIATION = 2, 10 / 11, 0.3, 0.15
#: Sides of what is cut out, as shares of the face's.
_CUT = (0.15, 0.45)
#: Of the beta distribution of mix-up (Zhang et al., 2018).
_ALPHA = 0.2
_RANGE = (-1.0, 1.0)


@functools.cache
def _layers():
    """What keras-cv's layers do to the light of a face; turns and shifts are `augment_faces`'."""
    from keras_cv import layers

    with tf.init_scope():  # they hold generators, though none is used, which a tf.data graph could not make
        made = {
            "auto contrast": layers.AutoContrast(_RANGE),
            "equalize": layers.Equalization(_RANGE),
            "solarize": layers.Solarization(_RANGE),
            "contrast": layers.RandomContrast(_RANGE, 0.5),
            "brightness": layers.RandomBrightness(0.5, _RANGE),
            "cut-out": layers.RandomCutout(1.0, 1.0, fill_value=0.0),
        }
    return {name: tf.function(layer.augment_images) for name, layer in made.items()}  # theirs need autograph


def rand_augment(face: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """RandAugment (Cubuk et al., 2020) without geometry: twice one of five operations, drawn for each face.

    Args:
        face: float32 [batch, size, size, channels], -1…1.
        seed: stateless, int64 [2].
    """
    count = face.shape[0]
    for one in split_seed(seed, _ROUNDS):
        seeds = split_seed(one, 4)
        made = _changed(tf.clip_by_value(face, *_RANGE), seeds[0], seeds[1])
        which = tf.random.stateless_uniform([count], seeds[2], 0, len(made), tf.int32)
        chosen = tf.gather(tf.stack(made, axis=1), which, axis=1, batch_dims=1)
        kept = tf.random.stateless_uniform([count, 1, 1, 1], seeds[3]) < _RATE
        face = tf.where(kept, chosen, face)
    return face


def _changed(face: tf.Tensor, seed: tf.Tensor, sign_seed: tf.Tensor) -> list[tf.Tensor]:
    """The faces after each operation, of a strength drawn around `_MAGNITUDE`."""
    shape, layers = [face.shape[0], 1, 1, 1], _layers()
    strength = tf.random.stateless_normal(shape, seed, _MAGNITUDE, _DEVIATION)
    strength = tf.clip_by_value(strength, 0.0, 1.0)
    sign = tf.where(tf.random.stateless_uniform(shape, sign_seed) < 0.5, -1.0, 1.0)
    solarized = {"additions": 110.0 * strength, "thresholds": 255.0 * (1.0 - strength)}
    return [
        layers["auto contrast"](face),
        layers["equalize"](face),
        layers["solarize"](face, solarized),
        layers["contrast"](face, 1.0 + sign * strength),
        layers["brightness"](face, sign * strength),
    ]


def cut_out(face: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Cut-out (DeVries & Taylor, 2017): a rectangle of every face becomes middle grey.

    Args:
        face: float32 [batch, size, size, channels], -1…1.
        seed: stateless, int64 [2].
    """
    count, size = face.shape[0], face.shape[1]
    seeds = split_seed(seed, 2)
    centres = tf.random.stateless_uniform([2, count], seeds[0], 0, size, tf.int32)
    low, high = round(_CUT[0] * size), round(_CUT[1] * size) + 1
    sides = tf.random.stateless_uniform([2, count], seeds[1], low, high, tf.int32)
    places = {
        "centers_x": centres[0], "centers_y": centres[1],
        "rectangles_width": sides[0], "rectangles_height": sides[1],
    }  # fmt: skip
    return _layers()["cut-out"](face, places)


def mix_up(face: tf.Tensor, label: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mix-up (Zhang et al., 2018): l x + (1 - l) x', the same of the labels, l of Beta(0.2, 0.2).

    keras-cv's layer takes no draws, and has nothing but this line.

    Args:
        face: float32 [batch, size, size, channels].
        label: float32 [batch, classes].
        seed: stateless, int64 [2].
    """
    count = face.shape[0]
    seeds = split_seed(seed, 3)
    first, second = (tf.random.stateless_gamma([count], one, _ALPHA) + 1e-9 for one in seeds[:2])
    share = first / (first + second)
    other = tf.argsort(tf.random.stateless_uniform([count], seeds[2]))

    def mixed(values, shape):
        weight = tf.reshape(share, shape)
        return weight * values + (1.0 - weight) * tf.gather(values, other)

    return mixed(face, [count, 1, 1, 1]), mixed(label, [count, 1])
