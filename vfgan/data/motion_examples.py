"""Training examples of a generator that bends: one person neutral and emotional, with landmarks and a fitting voice."""

import numpy as np
import tensorflow as tf

from vfgan.config.gan import GanConfig
from vfgan.data.attributes import INTENSITIES, Attributes
from vfgan.data.face_examples import BalancedFaces
from vfgan.data.face_set import Faces
from vfgan.data.sampling import Groups, step_dataset
from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import ConfigError
from vfgan.face.mirror import mirror_order
from vfgan.face.pixels import pm1
from vfgan.models.augment import move_faces, split_seed

_NEUTRAL = FACE_EMOTIONS.index("neutral")


def paired_faces(faces: Faces) -> Faces:
    """The faces of people who are seen neutral and with an emotion.

    Raises:
        ConfigError: there is nobody.
    """
    faces = faces.showing
    person = faces.person
    neutral = np.unique(person[faces.emotion == _NEUTRAL])
    moved = np.unique(person[faces.emotion != _NEUTRAL])
    kept = np.isin(person, np.setdiff1d(np.intersect1d(neutral, moved), [""]))
    if not kept.any():
        raise ConfigError(
            "--head motion: nobody is seen both neutral and with an emotion; add --faces of a `people` source, or of clips"
        )
    return faces.where(kept)


def mean_displacements(pairs: Faces) -> tuple[np.ndarray, np.ndarray]:
    """How far each emotional face's landmarks are from the person's mean neutral ones.

    Returns:
        (float32 [faces, 468, 2], crop sides, also of the mirrored faces; int [faces], the emotion).
    """
    order = mirror_order(pairs.landmarks)
    person, neutral = pairs.person, pairs.emotion == _NEUTRAL
    rest = {who: pairs.landmarks[(person == who) & neutral].mean(axis=0) for who in np.unique(person)}
    shown = np.flatnonzero(~neutral)
    moved = np.stack([pairs.landmarks[index] - rest[person[index]] for index in shown])
    turned = (moved * np.float32([-1.0, 1.0]))[:, order]
    return np.concatenate([moved, turned]), np.tile(pairs.emotion[shown], 2)


def motion_dataset(
    pairs: Faces, faces: Faces, attributes: Attributes, config: GanConfig, start: int, stop: int
) -> tf.data.Dataset:
    """Batches {x, y, other float32 [batch, size, size, 3]; x_points, y_points, other_points float32 [batch, 468, 2];
    z, z_wrong float32 [batch, z_size]; label float32 [batch, 7]; emotional float32 [batch]} of some steps.

    y: emotions drawn equally often, of one its corpora by `config.corpus_power`. x: the same person, neutral; where y is
    neutral too, y itself. z: of a voice of y's emotion, and of the same intensity where both are known. z_wrong: of
    another emotion. other: any face that has landmarks.

    Args:
        pairs: from `paired_faces`.
        faces: all faces with landmarks.
    """
    size, emotions = config.train.batch_size, len(FACE_EMOTIONS)
    order = tf.constant(mirror_order(pairs.landmarks))
    people, person = np.unique(pairs.person, return_inverse=True)
    neutral = np.flatnonzero(pairs.emotion == _NEUTRAL)
    neutral_of = Groups(person[neutral], len(people))
    balanced, anything = BalancedFaces(pairs, config.corpus_power), BalancedFaces(faces, config.corpus_power)
    voices = Voices(attributes, config.same_intensity)
    table = {name: tf.constant(getattr(pairs, name)) for name in ("pixels", "landmarks", "emotion", "intensity")}
    any_pixels, any_points = tf.constant(faces.pixels), tf.constant(faces.landmarks)
    person, neutral = tf.constant(person.astype(np.int32)), tf.constant(neutral.astype(np.int32))

    def batch(seed):
        seeds = split_seed(seed, 7)
        y = balanced.draw(seeds[0], size)
        emotion = tf.gather(table["emotion"], y)
        x = tf.gather(neutral, neutral_of.draw_members(seeds[1], tf.gather(person, y)))
        y = tf.where(emotion == _NEUTRAL, x, y)
        other = anything.draw(seeds[2], size)
        z, z_wrong = voices.draw(emotion, tf.gather(table["intensity"], y), seeds[3], seeds[4])
        both = tf.concat([pm1(tf.gather(table["pixels"], x)), pm1(tf.gather(table["pixels"], y))], axis=-1)
        points = tf.concat([tf.gather(table["landmarks"], x), tf.gather(table["landmarks"], y)], axis=1)
        both, points = move_faces(both, points, order, seeds[5])
        shown, shown_points = move_faces(pm1(tf.gather(any_pixels, other)), tf.gather(any_points, other), order, seeds[6])
        return {
            "x": both[..., :3], "y": both[..., 3:], "x_points": points[:, :468], "y_points": points[:, 468:],
            "other": shown, "other_points": shown_points, "z": z, "z_wrong": z_wrong,
            "label": tf.one_hot(emotion, emotions), "emotional": tf.cast(emotion != _NEUTRAL, tf.float32),
        }  # fmt: skip

    return step_dataset(batch, start, stop, config.train.seed)


class Voices:
    """Draws z that fits an emotion, and one that does not.

    Args:
        same_intensity: of the same intensity, where both are known.
    """

    def __init__(self, attributes: Attributes, same_intensity: bool):
        self._z, self._same = tf.constant(attributes.z), same_intensity
        self._of = Groups(attributes.emotion, len(FACE_EMOTIONS))
        kind = attributes.emotion * INTENSITIES + attributes.intensity
        self._like = Groups(kind, len(FACE_EMOTIONS) * INTENSITIES)
        self._voiced = tf.constant(np.unique(attributes.emotion).astype(np.int32))

    def draw(self, emotion, intensity, seed, wrong_seed) -> tuple[tf.Tensor, tf.Tensor]:
        """(z, z') for faces of these emotions and intensities, int32 [batch]: float32 [batch, z_size] each."""
        seeds = split_seed(wrong_seed, 2)
        place = tf.argmax(tf.cast(self._voiced[None] == emotion[:, None], tf.int32), axis=1, output_type=tf.int32)
        offset = tf.random.stateless_uniform(tf.shape(emotion), seeds[0], 1, tf.size(self._voiced), tf.int32)
        another = tf.gather(self._voiced, (place + offset) % tf.size(self._voiced))
        wrong = self._of.draw_members(seeds[1], another)
        index = self._of.draw_members(seed, emotion)
        if self._same:
            kind = emotion * INTENSITIES + intensity
            alike = tf.gather(self._like.counts, kind) > 0
            filled = tf.where(alike, kind, self._like.filled[0])  # both branches are computed
            index = tf.where(alike, self._like.draw_members(seed, filled), index)
        return tf.gather(self._z, index), tf.gather(self._z, wrong)
