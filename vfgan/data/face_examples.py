"""Face pictures as the networks see them, and training examples of the face classifiers."""

import keras
import numpy as np
import tensorflow as tf

from vfgan.config.networks import FaceClassifierConfig
from vfgan.data.dataset import Faces
from vfgan.data.sampling import Groups, split_seed, step_dataset
from vfgan.emotions import FACE_EMOTIONS
from vfgan.face.pixels import pm1


def face_dataset(faces: Faces, config: FaceClassifierConfig, start: int, stop: int) -> tf.data.Dataset:
    """Batches (faces float32 [batch, size, size, 1], labels float32 [batch, 7]) of some steps.

    Emotions are drawn equally often, and of an emotion the corpora that have it, so that a small corpus counts too.
    """
    pixels, emotion = tf.constant(faces.pixels), tf.constant(faces.emotion)
    balanced = BalancedFaces(faces)

    def batch(seed):
        seeds = split_seed(seed, 3)
        index = balanced.draw(seeds[0], config.train.batch_size)
        picture = change_faces(pm1(tf.gather(pixels, index)), seeds[1], strength=1.0)
        picture = erase_part(picture, seeds[2], config.erased_share)
        return picture, tf.one_hot(tf.gather(emotion, index), len(FACE_EMOTIONS))

    return step_dataset(batch, start, stop, config.train.seed)


class BalancedFaces:
    """Draws faces: first an emotion, then a corpus that has it, then a face, each as likely.

    Args:
        corpus_power: a corpus is as likely as the number of its faces of the emotion to this power, 0…1.
    """

    def __init__(self, faces: Faces, corpus_power: float = 0.0):
        _, corpus = np.unique(corpora(faces), return_inverse=True)
        kinds, kind, count = np.unique(
            np.stack([faces.emotion, corpus], axis=1), axis=0, return_inverse=True, return_counts=True
        )
        drawn = np.repeat(np.arange(len(kinds)), np.rint(count**corpus_power).astype(int))
        self._drawn = tf.constant(drawn.astype(np.int32))
        self._kinds_of_emotion = Groups(kinds[drawn, 0], len(FACE_EMOTIONS))
        self._faces_of_kind = Groups(kind.ravel(), len(kinds))

    def draw(self, seed: tf.Tensor, count: int) -> tf.Tensor:
        """Indices of `count` faces: int32 [count]."""
        seeds = split_seed(seed, 3)
        places = self._kinds_of_emotion.draw_members(seeds[1], self._kinds_of_emotion.draw_groups(seeds[0], count))
        return self._faces_of_kind.draw_members(seeds[2], tf.gather(self._drawn, places))


class FacesBeside:
    """Draws faces to go with others: of the same corpus where that has some, else of any.

    Of the corpus first an emotion is drawn, then a face, each as likely. What tells a corpus (light, pose, what is
    around the face) then tells neither a generated face from a real one nor an emotion: not every corpus has all.
    """

    def __init__(self, faces: Faces, others: Faces):
        own, wanted = corpora(faces), corpora(others)
        names = np.unique(own)
        kinds, kind = np.unique(
            np.stack([np.searchsorted(names, own), faces.emotion], axis=1), axis=0, return_inverse=True
        )
        self._faces_of_kind, self._count, anywhere = Groups(kind.ravel(), len(kinds)), len(kinds), len(names)
        # each kind twice: in the group of its corpus, and among all
        self._kinds_of_corpus = Groups(np.append(kinds[:, 0], np.full(len(kinds), anywhere)), anywhere + 1)
        self._corpus_of_other = tf.constant(
            np.where(np.isin(wanted, names), np.searchsorted(names, wanted), anywhere).astype(np.int32)
        )

    def draw(self, seed: tf.Tensor, others: tf.Tensor) -> tf.Tensor:
        """Indices of faces, one to go with each of these indices of the others: int32 [count]."""
        seeds = split_seed(seed, 2)
        kinds = self._kinds_of_corpus.draw_members(seeds[0], tf.gather(self._corpus_of_other, others))
        return self._faces_of_kind.draw_members(seeds[1], kinds % self._count)


def corpora(faces: Faces) -> np.ndarray:
    """The corpus of each face: str [faces]."""
    return np.array([clip_id.split("/")[0] for clip_id in faces.clip_id])


def change_faces(face: tf.Tensor, seed: tf.Tensor, strength: float, part: tuple = (0, 1)) -> tf.Tensor:
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
