"""Random augmentation of face crops, the same for replicas as for one device."""

import keras
import tensorflow as tf

from vfgan.face.pixels import pm1


def augment_faces(face: tf.Tensor, seed: tf.Tensor, strength: float, part: tuple = (0, 1)) -> tf.Tensor:
    """Random mirror, turn (+-12 degrees), scale (+-12 %), shift (+-8 %), contrast, light and blur, times `strength`.

    Args:
        face: float32 [batch, size, size, channels], -1…1.
        seed: stateless, int64 [2].
        strength: 0 (mirror only) to 1.
        part: (which, of how many) equal parts of a batch these faces are: replicas draw what one alone would draw.
    """
    count, size = keras.ops.shape(face)[:2]  # under several workers a batch has no static size
    seeds = split_seed(seed, 6)
    which, parts = part

    def between(index, low, high, *shape):
        return tf.random.stateless_uniform([parts, count, *shape], seeds[index], low, high)[which]

    mirror = tf.where(between(0, 0.0, 1.0) < 0.5, -1.0, 1.0)
    turn, scale = between(1, -0.21, 0.21) * strength, tf.exp(between(2, -0.12, 0.12) * strength)
    shift = between(3, -0.08, 0.08, 2) * strength * size
    face = _transform(face, _origins(size, mirror, turn, scale, shift))
    if not strength:
        return face
    light = between(4, -0.3, 0.3, 2) * strength
    face = face * tf.exp(light[:, 0])[:, None, None, None] + light[:, 1][:, None, None, None]
    # some pictures of every set are small: none of them is told by its sharpness
    blurred = tf.image.resize(tf.nn.avg_pool2d(face, 2, 2, "SAME"), [size, size], "bilinear")
    share = between(5, 0.0, 1.0, 1, 1, 1) * strength
    return face + share * (blurred - face)


def move_faces(
    face: tf.Tensor, points: tf.Tensor, order: tf.Tensor, seed: tf.Tensor, strength: float = 0.25
) -> tuple[tf.Tensor, tf.Tensor]:
    """Random mirror, turn, scale, shift, contrast and light as `augment_faces`, of faces together with their landmarks.

    Args:
        face: uint8 [batch, size, size, channels]; pictures of one person stacked in the channels stay together.
        points: float32 [batch, n * 468, 2], crop sides, landmarks of n pictures.
        order: int32 [468], which landmark a mirrored one becomes (`vfgan.face.mirror.mirror_order`).
        seed: stateless, int64 [2].
        strength: 0 (mirror only) to 1.
    Returns:
        (faces float32, -1…1, and landmarks, of the same shapes).
    """
    count, size = face.shape[0], face.shape[1]
    seeds = split_seed(seed, 5)
    mirror = tf.where(tf.random.stateless_uniform([count], seeds[0]) < 0.5, -1.0, 1.0)
    turn = tf.random.stateless_uniform([count], seeds[1], -0.21, 0.21) * strength
    scale = tf.exp(tf.random.stateless_uniform([count], seeds[2], -0.12, 0.12) * strength)
    shift = tf.random.stateless_uniform([count, 2], seeds[3], -0.08, 0.08) * strength
    light = tf.random.stateless_uniform([count, 2], seeds[4], -0.3, 0.3) * strength
    face = _redrawn(face, *_places(size, _origins(size, mirror, turn, scale, shift * size)), light)
    # a pixel of the result comes from A p + b; landmarks go the other way
    cos, sin = tf.cos(turn) / scale, tf.sin(turn) / scale
    matrix = tf.stack([tf.stack([cos * mirror, -sin], 1), tf.stack([sin * mirror, cos], 1)], 1)  # [batch, 2, 2]
    middle = (size - 1) / (2 * size)
    offset = middle - tf.reduce_sum(matrix, axis=2) * middle + shift
    moved = tf.linalg.matmul(points - offset[:, None], tf.linalg.inv(matrix), transpose_b=True)
    pictures = points.shape[1] // len(order)
    turned = tf.reshape(tf.gather(tf.reshape(moved, (count, pictures, -1, 2)), order, axis=2), tf.shape(moved))
    return face, tf.where(mirror[:, None, None] < 0, turned, moved)


def erase_part(face: tf.Tensor, seed: tf.Tensor, share: float) -> tf.Tensor:
    """Random erasing (Zhong et al., 2020): a rectangle, 0.1 to 0.5 of the size either way, becomes middle grey.

    Args:
        face: float32 [batch, size, size, channels], -1…1.
        seed: stateless, int64 [2].
        share: of the faces this is done to.
    """
    count, size = face.shape[0], face.shape[1]
    seeds = split_seed(seed, 3)
    sides = tf.random.stateless_uniform([count, 2], seeds[0], 0.1, 0.5) * size
    middle = tf.random.stateless_uniform([count, 2], seeds[1], 0.0, 1.0) * size
    chosen = tf.random.stateless_uniform([count, 1, 1, 1], seeds[2]) < share
    inside = tf.abs(tf.range(size, dtype=tf.float32) + 0.5 - middle[:, :, None]) < sides[:, :, None] / 2
    rectangle = inside[:, 0, :, None, None] & inside[:, 1, None, :, None]  # [batch, size, size, 1]
    return tf.where(chosen & rectangle, 0.0, face)


def _origins(size: int, mirror, turn, scale, shift) -> tf.Tensor:
    """Where pixel (x, y) comes from in a similarity about the centre: (a x + b y + c, d x + e y + f).

    Args:
        shift: float32 [batch, 2], pixels; the others [batch].
    Returns:
        float32 [batch, 6], a…f.
    """
    centre = (size - 1) / 2
    cos, sin = tf.cos(turn) / scale, tf.sin(turn) / scale
    a, b, d, e = cos * mirror, -sin, sin * mirror, cos
    c = centre - (a + b) * centre + shift[:, 0]
    f = centre - (d + e) * centre + shift[:, 1]
    return tf.stack([a, b, c, d, e, f], axis=1)


def _transform(face, origins) -> tf.Tensor:
    """Bilinear, edges repeated; it has a gradient."""
    size = face.shape[1]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=face, transforms=tf.pad(origins, [[0, 0], [0, 2]]), output_shape=[size, size],
        interpolation="BILINEAR", fill_mode="NEAREST", fill_value=0.0,
    )  # fmt: skip


@tf.function(jit_compile=True, autograph=False)
def _places(size: int, origins) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Of the pixels of a batch one after the other, for each pixel of the result the one up and left of its origin:
    int32 [batch, size, size]; and how far the origin is right of it and below: float32, 0…1."""
    places = tf.range(size, dtype=tf.float32)
    a, b, c, d, e, f = tf.unstack(origins[:, :, None, None], axis=1)
    across = tf.clip_by_value(a * places + b * places[:, None] + c, 0.0, size - 1.0)
    down = tf.clip_by_value(d * places + e * places[:, None] + f, 0.0, size - 1.0)
    left, top = (tf.minimum(tf.floor(place), size - 2.0) for place in (across, down))
    first = (tf.range(origins.shape[0])[:, None, None] * size + tf.cast(top, tf.int32)) * size + tf.cast(left, tf.int32)
    return first, across - left, down - top


@tf.function(jit_compile=True, autograph=False)
def _redrawn(face, first, across, down, light) -> tf.Tensor:
    """Pictures uint8 as `_transform` draws them, with contrast and light: float32, -1…1.

    Compiled, for input pipelines: a quarter of the time, as that works out an origin for each channel of a pixel.

    Args:
        first, across, down: from `_places`.
        light: float32 [batch, 2].
    """

    pixels = tf.cast(tf.transpose(tf.reshape(face, (-1, face.shape[3]))), tf.float32)  # [channels, pixels]

    def row(index):
        one, next_one = (tf.gather(pixels, index + step, axis=1) for step in (0, 1))
        return one + across * (next_one - one)

    upper = row(first)
    drawn = pm1(upper + down * (row(first + face.shape[2]) - upper))
    contrast, bright = tf.exp(light[:, 0])[:, None, None], light[:, 1][:, None, None]
    return tf.transpose(tf.clip_by_value(drawn * contrast + bright, -1.0, 1.0), (1, 2, 3, 0))


def split_seed(seed: tf.Tensor, count: int) -> list[tf.Tensor]:
    """`count` independent stateless seeds from one."""
    return tf.unstack(tf.random.split(seed, count))
