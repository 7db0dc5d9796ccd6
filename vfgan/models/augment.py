"""Random augmentation of face crops, the same for replicas as for one device."""

import keras
import tensorflow as tf


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
    face = _transform(face, mirror, turn, scale, shift)
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
        face: float32 [batch, size, size, channels], -1…1; pictures of one person stacked in the channels stay together.
        points: float32 [batch, n * 468, 2], crop sides, landmarks of n pictures.
        order: int32 [468], which landmark a mirrored one becomes (`vfgan.face.mirror.mirror_order`).
        seed: stateless, int64 [2].
        strength: 0 (mirror only) to 1.
    Returns:
        (faces, landmarks) of the same shapes.
    """
    count, size = face.shape[0], face.shape[1]
    seeds = split_seed(seed, 5)
    mirror = tf.where(tf.random.stateless_uniform([count], seeds[0]) < 0.5, -1.0, 1.0)
    turn = tf.random.stateless_uniform([count], seeds[1], -0.21, 0.21) * strength
    scale = tf.exp(tf.random.stateless_uniform([count], seeds[2], -0.12, 0.12) * strength)
    shift = tf.random.stateless_uniform([count, 2], seeds[3], -0.08, 0.08) * strength
    face = _transform(face, mirror, turn, scale, shift * size)
    # _transform says where a pixel of the result comes from: A p + b; landmarks go the other way
    cos, sin = tf.cos(turn) / scale, tf.sin(turn) / scale
    matrix = tf.stack([tf.stack([cos * mirror, -sin], 1), tf.stack([sin * mirror, cos], 1)], 1)  # [batch, 2, 2]
    middle = (size - 1) / (2 * size)
    offset = middle - tf.reduce_sum(matrix, axis=2) * middle + shift
    moved = tf.linalg.matmul(points - offset[:, None], tf.linalg.inv(matrix), transpose_b=True)
    pictures = points.shape[1] // len(order)
    turned = tf.reshape(tf.gather(tf.reshape(moved, (count, pictures, -1, 2)), order, axis=2), tf.shape(moved))
    moved = tf.where(mirror[:, None, None] < 0, turned, moved)
    light = tf.random.stateless_uniform([count, 2], seeds[4], -0.3, 0.3) * strength
    face = face * tf.exp(light[:, 0])[:, None, None, None] + light[:, 1][:, None, None, None]
    return tf.clip_by_value(face, -1.0, 1.0), moved


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


def _transform(face, mirror, turn, scale, shift) -> tf.Tensor:
    """Similarity about the centre, edges repeated."""
    size = face.shape[1]
    centre = (size - 1) / 2
    cos, sin = tf.cos(turn) / scale, tf.sin(turn) / scale
    a0, a1, b0, b1 = cos * mirror, -sin, sin * mirror, cos
    a2 = centre - (a0 + a1) * centre + shift[:, 0]
    b2 = centre - (b0 + b1) * centre + shift[:, 1]
    zero = tf.zeros_like(a0)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=face, transforms=tf.stack([a0, a1, a2, b0, b1, b2, zero, zero], axis=1),
        output_shape=[size, size], interpolation="BILINEAR", fill_mode="NEAREST", fill_value=0.0,
    )  # fmt: skip


def split_seed(seed: tf.Tensor, count: int) -> list[tf.Tensor]:
    """`count` independent stateless seeds from one."""
    return tf.unstack(tf.random.split(seed, count))
