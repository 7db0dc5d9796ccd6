"""The sound around a moment: without level, voice and room, and alike in every silence."""

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.voice.mfsc import mfsc_of_waveform
from vfgan.voice.mouth_sound import SILENCE, around, around_each, at_times, band_free_energy

MFSC = MfscConfig()
RANDOM = np.random.default_rng(2)


def free(planes):
    return band_free_energy(tf.constant(planes[None]), tf.constant([len(planes)]), MFSC).numpy()[0]


def some_planes(frames=30):
    planes = np.zeros((frames, 40, 3), np.float32)
    planes[..., 0] = RANDOM.normal(0, 1, (frames, 40))
    return planes


def test_neither_level_nor_response_is_seen():
    planes, other = some_planes(), some_planes()
    other[..., 0] = planes[..., 0] + RANDOM.normal(3, 1, 40)  # another microphone, louder
    quiet = planes.copy()
    quiet[..., 0] -= 5
    np.testing.assert_allclose(free(quiet), free(planes), atol=1e-5)
    assert np.abs(free(other) - free(planes)).max() < 1e-4


def test_silence_is_the_same_in_every_band():
    voice = np.concatenate([0.3 * RANDOM.standard_normal(8_000), np.zeros(8_000)]).astype(np.float32)
    energy = free(mfsc_of_waveform(voice, MFSC))
    assert (energy[-10:] == SILENCE).all()
    assert np.abs(energy[:10].mean(axis=1)).max() < 1


def test_beyond_a_clip_s_ends_there_is_silence():
    energy = np.arange(12, dtype=np.float32).reshape(6, 2)  # two clips of three frames
    found = around(
        tf.constant(energy), tf.constant([0, 4]), tf.constant([0, 3]), tf.constant([2, 5]), context=2
    ).numpy()
    np.testing.assert_array_equal(found[0, :, 0], [SILENCE, SILENCE, 0, 2, 4])
    np.testing.assert_array_equal(found[1, :, 0], [SILENCE, 6, 8, 10, SILENCE])


def test_each_frame_has_its_surroundings():
    planes = some_planes(7)
    windows = around_each(tf.constant(planes[None]), 3, MFSC).numpy()
    assert windows.shape == (7, 7, 40)
    np.testing.assert_allclose(windows[:, 3], free(planes), atol=1e-6)
    assert (windows[0, :3] == SILENCE).all()


def test_values_at_times_are_linear_between_frames():
    values = tf.constant([[0.0], [2.0], [6.0]])
    first = 0.0225  # the middle of the first frame: two hops and a window
    times = tf.constant([0.0, first, first + 0.015, first + 0.045, 9.0])
    np.testing.assert_allclose(at_times(values, times, MFSC).numpy()[:, 0], [0, 0, 1, 4, 6], atol=1e-5)
