"""Changes of sound on log mel energies, against what the same change does to powers or to a waveform."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.data import sound_changes
from vfgan.voice.mfsc import mfsc_of_waveform

SEED = tf.constant([4, 2], tf.int64)
MFSC = MfscConfig()
CLIPS, FRAMES, BANDS = 300, 40, 40


def random_energy(seed=1):
    return np.random.default_rng(seed).normal(size=(CLIPS, FRAMES, BANDS)).astype(np.float32) - 2.0


def test_warp_moves_what_a_faster_recording_moves():
    # the same harmonics played a quarter higher
    time = np.arange(16_000) / 16_000
    one, other = (sum(np.sin(2 * np.pi * f * pitch * time) for f in (700, 1900)) for pitch in (1.0, 1.25))
    energy, higher = (mfsc_of_waveform(w.astype(np.float32), MFSC)[5:25, :, 0] for w in (one, other))
    warped = sound_changes.warp(tf.constant(energy[None]), tf.constant([1.25]), MFSC)[0].numpy()
    peaks = [np.sort(np.argsort(rows.mean(axis=0))[-2:]) for rows in (warped, higher)]
    np.testing.assert_allclose(peaks[0], peaks[1], atol=1)
    still = sound_changes.warp(tf.constant(energy[None]), tf.constant([1.0]), MFSC)[0]
    np.testing.assert_allclose(still, energy, atol=2e-3)


def test_a_room_is_a_sum_of_decaying_echoes():
    energy = np.full((CLIPS, FRAMES, 2), -19.0, np.float32)
    energy[:, 3] = 0.0  # a clap
    room = sound_changes.reverberate(tf.constant(energy), SEED, 0.5, 0.03).numpy()
    chosen = (np.abs(room - energy) > 1e-2).any(axis=(1, 2))
    assert 0.4 < chosen.mean() < 0.6
    assert room[:, :3].max() < -17.5  # no echo comes before the sound
    np.testing.assert_allclose(room[:, 3], 0.0, atol=1e-3)
    tail = np.exp(room[chosen, 4:, 0].astype(np.float64)) - np.exp(-19.0)
    fall = np.log(tail[:, 0] / tail[:, 3]) / 3  # a constant share a frame, of 60 dB in 0.15 to 1 s
    assert np.log(1e6) * 0.03 * 0.95 < fall.min()
    assert fall.max() < np.log(1e6) * 0.03 / 0.15 * 1.1
    np.testing.assert_allclose(np.log(tail[:, 1] / tail[:, 2]), fall, rtol=0.1, atol=0.05)


def test_a_frequency_response_is_smooth_and_constant():
    energy = random_energy()
    changed = sound_changes.equalise(tf.constant(energy), SEED, 1.0).numpy() - energy
    np.testing.assert_allclose(changed, np.broadcast_to(changed[:, :1], changed.shape), atol=1e-4)
    response = changed[:, 0]
    assert 0.8 < response.std() < 1.6
    np.testing.assert_allclose(response.mean(axis=1), 0.0, atol=1e-4)  # cosines have no mean
    assert np.abs(np.diff(response, axis=1)).mean() < 0.2 * np.abs(response).mean() * 3
    assert np.corrcoef(response[0], response[1])[0, 1] < 0.999


def test_babble_is_of_other_clips_and_below_the_voice():
    energy = np.full((CLIPS, FRAMES, 4), -9.0, np.float32)
    energy[0] = 0.0  # one loud clip: the next three may hear it
    babbled = sound_changes.add_babble(tf.constant(energy), SEED, 1.0).numpy()
    raised = (babbled > -8.5).all(axis=(1, 2))
    assert set(np.flatnonzero(raised)) <= {0, 1, 2, 3}
    assert raised[1:4].any()
    assert babbled[1:4].max() < -2.0 - np.log(3) + 0.01
    np.testing.assert_array_equal(sound_changes.add_babble(tf.constant(energy), SEED, 0.0), energy)


def test_compression_scales_contrasts():
    energy = random_energy()
    factor = (sound_changes.compress(tf.constant(energy), SEED, 0.25).numpy() / energy)[:, 0, 0]
    assert 0.8 <= factor.min() < 0.85
    assert 1.2 < factor.max() <= 1.2501


def test_noise_fills_what_is_quiet_and_leaves_what_is_loud():
    energy = np.full((400, 30, 40), -9.5, np.float32)
    energy[:, 10:20] = 6.0
    noisy = sound_changes.add_noise(tf.constant(energy), SEED, 0.5).numpy()
    chosen = (noisy != energy).any(axis=(1, 2))
    assert 0.4 < chosen.mean() < 0.6
    np.testing.assert_array_equal(noisy[~chosen], energy[~chosen])
    assert (noisy[chosen] >= energy[chosen] - 1e-5).all()
    assert np.abs(noisy - energy)[:, 10:20].mean() < 0.02
    level = np.median(noisy[chosen][:, :10], axis=(1, 2))  # -9 ... -1 but for hum, as powers are added never below -9.5
    assert level.min() > -9.5
    assert level.max() < -0.3
    assert level.std() > 1.5


def test_lost_bands_are_the_outer_ones():
    energy = np.zeros((400, 5, 40), np.float32)
    lost = sound_changes.lose_bands(tf.constant(energy), SEED, 0.5).numpy()
    chosen = (lost != 0).any(axis=(1, 2))
    assert 0.35 < chosen.mean() < 0.6
    assert (lost <= 0).all()
    np.testing.assert_array_equal(lost[:, :, 7:21], 0.0)  # what is left of a telephone's band
    assert lost[:, 0, -1].min() < -70  # 19 bands at 4 a band
    assert lost[:, 0, 0].min() < -24
    np.testing.assert_array_equal(lost, lost[:, :1] + np.zeros_like(lost))


@pytest.mark.parametrize("change", ["equalise", "compress"])
def test_a_change_is_a_pure_function_of_its_seed(change):
    function, energy = getattr(sound_changes, change), tf.constant(random_energy()[:4])
    np.testing.assert_array_equal(function(energy, SEED, 1.0), function(energy, SEED, 1.0))
    assert (function(energy, SEED + 1, 1.0).numpy() != function(energy, SEED, 1.0).numpy()).any()
