"""Exchanged mean spectra."""

import numpy as np
import tensorflow as tf

from vfgan.config.networks import ExtractorConfig
from vfgan.data.mean_spectra import MeanSpectra
from vfgan.data.voice_set import Voices

SEED = tf.constant([4, 2], tf.int64)


def make_voices():
    """Six clips of two frames, of which the second is silent; the spectrum rises by the clip's number a band."""
    energy = np.zeros((12, 4))
    energy[::2] = np.arange(6)[:, None] * np.arange(4)[None]
    energy[1::2] = 99.0
    emotion = np.array([2, 2, 2, 4, 4, 2], np.int32)
    return Voices(
        planes=np.repeat(energy[..., None], 3, axis=2).astype(np.float32), starts=np.arange(0, 13, 2, dtype=np.int32),
        active=np.tile([True, False], 6), emotion=emotion, intensity=np.ones(6, np.int32),
        actor=np.array(["1"] * 6), clip_id=np.array(["a/0", "a/1", "a/2", "a/3", "b/4", "b/5"]),
    )  # fmt: skip


def test_others_show_the_same_emotion_and_corpora_are_as_likely():
    voices = make_voices()
    clips = tf.constant(np.tile(np.arange(6), 500).astype(np.int32))
    other = MeanSpectra(voices, ExtractorConfig()).draw_others(clips, SEED).numpy()
    np.testing.assert_array_equal(voices.emotion[other], voices.emotion[clips.numpy()])
    of_happy = other[voices.emotion[clips.numpy()] == 2]
    assert 0.45 < (of_happy == 5).mean() < 0.55  # corpus b has one happy voice, a has three
    assert set(other) == set(range(6))


def test_a_change_leads_towards_the_other_voices_spectrum():
    clips = tf.constant(np.zeros(2_000, np.int32))
    change = MeanSpectra(make_voices(), ExtractorConfig(spectrum_share=0.5)).draw_changes(clips, SEED).numpy()
    assert change.shape == (2_000, 1, 4)
    np.testing.assert_allclose(change.mean(axis=2), 0.0, atol=1e-5)  # no loudness
    rise = np.diff(change[:, 0], axis=1)
    np.testing.assert_allclose(rise, np.repeat(rise[:, :1], 3, axis=1), atol=1e-4)
    assert 4.5 < rise.max() <= 5.0  # clip 5 is the steepest happy one
    assert rise.min() == 0.0
    assert 0.3 < (rise[:, 0] > 0).mean() < 0.5  # half of the clips, some of which meet themselves
