"""z over time, against NumPy."""

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.voice.attribute_track import VoiceTrack, interpolate

CONFIG = MfscConfig(window_frames=16, window_hop_frames=4)  # middles of the windows: 0.24 s, 0.36 s, 0.48 s, …


def heard(windows=5, size=3, seed=0):
    random = np.random.default_rng(seed)
    weights = random.uniform(0, 1, windows).astype(np.float32)
    return {
        "window_z": tf.constant(random.normal(size=(windows, size)), tf.float32),
        "weights": tf.constant(weights / weights.sum()),
        "z": tf.constant(random.normal(size=size), tf.float32),
    }


def oracle(heard, times):
    share = heard["weights"].numpy()[:, None] / heard["weights"].numpy().max()
    values = share * heard["window_z"].numpy() + (1 - share) * heard["z"].numpy()
    middles = 0.24 + 0.12 * np.arange(len(values))
    return np.stack([np.interp(times, middles, column) for column in values.T], axis=1)


def test_equals_interpolation_by_numpy():
    one, times = heard(), np.linspace(-1, 3, 57)
    track = VoiceTrack(one, CONFIG).at(times)
    assert track.dtype == np.float32
    np.testing.assert_allclose(track, oracle(one, times), atol=1e-5)
    assert np.abs(np.diff(track, axis=0)).max() > 0.05  # and it moves


def test_by_hand():
    """The loudest window keeps its own value, a silent one takes the utterance's, between them it is half of each."""
    one = {"window_z": tf.constant([[2.0], [8.0]]), "weights": tf.constant([1.0, 0.0]), "z": tf.constant([4.0])}
    np.testing.assert_allclose(
        VoiceTrack(one, CONFIG).at(np.array([0.0, 0.24, 0.3, 0.36, 9.0]))[:, 0], [2, 2, 3, 4, 4], atol=1e-5
    )


def test_one_window_and_no_voice_at_all():
    one = heard(windows=1) | {"weights": tf.constant([0.0])}
    np.testing.assert_allclose(VoiceTrack(one, CONFIG).at(np.array([0.0, 5.0])), [one["z"], one["z"]], atol=1e-6)


def test_following_an_affine_function_of_z_makes_no_difference():
    one, times = heard(), tf.constant([0.1, 0.41, 0.5, 2.0])
    random = np.random.default_rng(1)
    matrix, shift = random.normal(size=(3, 2)).astype(np.float32), random.normal(size=2).astype(np.float32)
    after = interpolate(one["window_z"], one["weights"], one["z"], times, CONFIG) @ matrix + shift
    before = interpolate(
        one["window_z"] @ matrix + shift, one["weights"], (one["z"][None] @ matrix + shift)[0], times, CONFIG
    )
    np.testing.assert_allclose(before, after, atol=1e-5)
