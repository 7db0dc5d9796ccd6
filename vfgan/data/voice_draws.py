"""Drawing voices that fit a face, and voices that do not."""

import numpy as np
import tensorflow as tf

from vfgan.data.attributes import INTENSITIES, Attributes
from vfgan.data.sampling import GroupSampler, another
from vfgan.emotions import FACE_EMOTIONS


class VoiceDraws:
    """Indices of voices for faces of given emotions.

    Args:
        attributes: the voices.
        same_intensity: whether a fitting voice also has the face's intensity, where such a voice is there.
    """

    def __init__(self, attributes: Attributes, *, same_intensity: bool):
        self.of = GroupSampler(attributes.emotion, len(FACE_EMOTIONS))
        kind = attributes.emotion * INTENSITIES + attributes.intensity
        self._like = GroupSampler(kind, len(FACE_EMOTIONS) * INTENSITIES)
        self._same = same_intensity
        self._voiced = tf.constant(np.unique(attributes.emotion).astype(np.int32))

    def fitting(self, emotion: tf.Tensor, intensity: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """A voice for each of these emotions and intensities, int32 [batch]: int32 [batch]."""
        if not self._same:
            return self.of.draw_members(seed, emotion)
        kind = emotion * INTENSITIES + intensity
        alike = tf.gather(self._like.counts, kind) > 0
        filled = tf.where(alike, kind, self._like.filled[0])  # both branches are computed: none may draw from nothing
        return tf.where(alike, self._like.draw_members(seed, filled), self.of.draw_members(seed, emotion))

    def wrong(self, emotion: tf.Tensor, seed: tf.Tensor, member_seed: tf.Tensor) -> tf.Tensor:
        """A voice of another emotion, each as likely, for each of these emotions, int32 [batch]: int32 [batch]."""
        return self.of.draw_members(member_seed, another(self._voiced, emotion, seed))
