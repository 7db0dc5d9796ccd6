"""Mean spectra of utterances, exchanged between corpora: the sound of a corpus then says nothing of its emotions."""

import numpy as np
import tensorflow as tf

from vfgan.config.networks import ExtractorConfig
from vfgan.data.chances import clip_chances
from vfgan.data.voice_set import Voices
from vfgan.models.augment import split_seed


class MeanSpectra:
    """The mean spectrum of each utterance's voice, and changes that give one the spectrum of another.

    The other one shows the same emotion and is of any corpus and person, each corpus as likely: the microphone, the
    room and the throat change, and what an emotion does to a spectrum stays (after MixStyle; Zhou et al., 2021).

    Args:
        voices: all that is learnt from.
        config: `spectrum_share` of the clips are changed.
    """

    def __init__(self, voices: Voices, config: ExtractorConfig):
        spectra = voices.spectra
        self._spectra = tf.constant(spectra - spectra.mean(axis=1, keepdims=True))  # [clips, bands], without loudness
        order = np.argsort(voices.emotion, kind="stable")
        total = np.cumsum(clip_chances(voices, 0.0)[order])
        bounds = np.searchsorted(voices.emotion[order], np.arange(9))
        edges = np.concatenate([[0.0], total])[bounds]
        self._order, self._total = tf.constant(order.astype(np.int32)), tf.constant(total, tf.float32)
        self._low, self._high = tf.constant(edges[:-1], tf.float32), tf.constant(edges[1:], tf.float32)
        self._first, self._last = tf.constant(bounds[:-1], tf.int32), tf.constant(bounds[1:] - 1, tf.int32)
        self._emotion, self._share = tf.constant(voices.emotion), config.spectrum_share

    def draw_others(self, clips: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """An utterance of the same emotion for each: int32 [batch]."""
        emotion = tf.gather(self._emotion, clips)
        low, high = tf.gather(self._low, emotion), tf.gather(self._high, emotion)
        place = low + tf.random.stateless_uniform(clips.shape, seed) * (high - low)
        index = tf.searchsorted(self._total, place, side="right")
        return tf.gather(
            self._order, tf.clip_by_value(index, tf.gather(self._first, emotion), tf.gather(self._last, emotion))
        )

    def draw_changes(self, clips: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """What is added to the energies of each clip: float32 [batch, 1, bands], from nothing to all of a change."""
        seeds = split_seed(seed, 3)
        other = self.draw_others(clips, seeds[0])
        amount = tf.random.stateless_uniform([*clips.shape, 1], seeds[1])
        chosen = tf.random.stateless_uniform([*clips.shape, 1], seeds[2]) < self._share
        change = amount * (tf.gather(self._spectra, other) - tf.gather(self._spectra, clips))
        return tf.where(chosen, change, 0.0)[:, None, :]
