"""Training windows of the extractor."""

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.config.training import TrainConfig
from vfgan.data.voice_examples import add_noise, lose_bands, window_dataset
from vfgan.data.voice_set import Voices
from vfgan.voice.mfsc import difference

MFSC = MfscConfig(window_frames=8, window_hop_frames=2, mel_bands=8)
STILL = {"gain_range": 0.0, "mask_bands": 0, "mask_frames": 0, "noise_share": 0.0, "band_share": 0.0}


def make_voices(lengths, emotions, active=None):
    """Clips whose every value is 1,000 x clip + frame; voice in `active` frames, or all."""
    planes = [np.full((n, 8, 3), 1_000 * clip) + np.arange(n)[:, None, None] for clip, n in enumerate(lengths)]
    heard = [np.isin(np.arange(n), active if active is not None else np.arange(n)) for n in lengths]
    return Voices(
        planes=np.concatenate(planes).astype(np.float32), starts=np.cumsum([0, *lengths]).astype(np.int32),
        active=np.concatenate(heard),
        emotion=np.array(emotions, np.int32), intensity=np.ones(len(lengths), np.int32),
        actor=np.array(["01"] * len(lengths)), clip_id=np.array([f"c/{i}" for i in range(len(lengths))]),
    )  # fmt: skip


def draw(voices, start=0, stop=20, **changes):
    config = ExtractorConfig(**(STILL | changes), train=TrainConfig(steps=50, batch_size=16))
    batches = [(w.numpy(), label.numpy()) for w, label in window_dataset(voices, MFSC, config, start, stop)]
    return np.concatenate([w for w, _ in batches]), np.concatenate([label for _, label in batches])


def test_windows_are_whole_runs_of_one_clip_with_its_label():
    windows, labels = draw(make_voices([30, 12, 5], [3, 6, 6]))
    assert windows.shape == (320, 8, 8, 3)
    frames = np.rint(windows[:, :, 4, 1])  # a difference plane has no gain and no tilt
    clip, place = frames[:, 0] // 1_000, frames % 1_000
    np.testing.assert_array_equal(frames // 1_000, np.repeat(clip[:, None], 8, axis=1))
    np.testing.assert_array_equal(np.array([3, 6, 6])[clip.astype(int)], labels.argmax(axis=1))
    length = np.array([30, 12, 5])[clip.astype(int)]
    expected = np.minimum(place[:, :1] + np.arange(8), length[:, None] - 1)
    np.testing.assert_array_equal(place, expected)
    assert (place[:, 0] + 8 <= np.maximum(length, 8)).all()  # no repeated frames where a clip is long enough


def test_emotions_are_balanced():
    _, labels = draw(make_voices([30] * 9 + [30], [3] * 9 + [6]))
    assert 110 < labels[:, 6].sum() < 210


def test_half_of_a_window_is_voice():
    voices = make_voices([60], [2], active=range(30, 41))
    windows, _ = draw(voices)
    start = np.rint(windows[:, 0, 4, 1])
    # the middle of the window, frame start + 4, lies in the voice: 30 … 40
    assert start.min() == 26
    assert start.max() == 36


def test_a_step_is_a_pure_function():
    voices = make_voices([30, 30], [1, 2])
    whole, labels = draw(voices, 0, 6, gain_range=2.0, mask_bands=3, mask_frames=3)
    again, labels_again = draw(voices, 4, 6, gain_range=2.0, mask_bands=3, mask_frames=3)
    np.testing.assert_array_equal(again, whole[4 * 16 :])
    np.testing.assert_array_equal(labels_again, labels[4 * 16 :])


def test_gain_and_tilt_change_energy_only():
    windows, _ = draw(make_voices([8], [0]), gain_range=2.0)
    energy, plain = windows[..., 0] - windows[..., 1], windows[..., 1:]
    np.testing.assert_allclose(plain, np.broadcast_to(np.arange(8.0)[:, None, None], plain.shape), atol=1e-5)
    middle = energy.mean(axis=2)[:, 0]  # the tilt has mean 0
    assert middle.max() < 2.001
    assert middle.max() > 1.8
    assert middle.min() < -1.8
    tilt = (energy[:, 0, -1] - energy[:, 0, 0]) / 2
    assert 0.9 < tilt.max() < 1.001
    assert -1.001 < tilt.min() < -0.9


def test_masks_are_runs_of_the_mean():
    windows, _ = draw(make_voices([8], [0]), mask_bands=3)
    planes = windows[..., 1]
    mean = planes.mean(axis=(1, 2), keepdims=True)
    masked = np.isclose(planes, mean, atol=1e-4).all(axis=1)  # [windows, bands]; frames are 0…7, their mean is 3.5
    count = masked.sum(axis=1)
    assert set(count) == {0, 1, 2, 3}
    assert all(np.ptp(np.flatnonzero(row)) == row.sum() - 1 for row in masked if row.any())


SEED = tf.constant([4, 2], tf.int64)


def test_noise_fills_what_is_quiet_and_leaves_what_is_loud():
    energy = np.full((400, 30, 40), -9.5, np.float32)
    energy[:, 10:20] = 6.0
    noisy = add_noise(tf.constant(energy), SEED, 0.5).numpy()
    chosen = (noisy != energy).any(axis=(1, 2))
    assert 0.4 < chosen.mean() < 0.6
    np.testing.assert_array_equal(noisy[~chosen], energy[~chosen])
    assert (noisy[chosen] >= energy[chosen]).all()
    assert np.abs(noisy - energy)[:, 10:20].mean() < 0.02
    level = noisy[chosen][:, :10].mean(axis=(1, 2))  # -9 ... -1, as powers are added never below -9.5
    assert level.min() > -9.5
    assert level.max() < -0.5
    assert level.std() > 1.5


def test_lost_bands_are_the_outer_ones():
    energy = np.zeros((400, 5, 40), np.float32)
    lost = lose_bands(tf.constant(energy), SEED, 0.5).numpy()
    chosen = (lost != 0).any(axis=(1, 2))
    assert 0.35 < chosen.mean() < 0.6
    assert (lost <= 0).all()
    np.testing.assert_array_equal(lost[:, :, 7:21], 0.0)  # what is left of a telephone's band
    assert lost[:, 0, -1].min() < -70  # 19 bands at 4 a band
    assert lost[:, 0, 0].min() < -24
    np.testing.assert_array_equal(lost, lost[:, :1] + np.zeros_like(lost))


def test_differences_are_of_the_noisy_energies():
    voices = make_voices([30, 30], [1, 2])
    planes = np.random.default_rng(5).normal(size=(60, 8, 1)).astype(np.float32)
    voices.planes[:] = np.concatenate([planes, 0 * planes, 0 * planes], axis=2)
    windows, _ = draw(voices, 0, 10, noise_share=1.0, band_share=1.0)
    inner = slice(MFSC.delta_span, -MFSC.delta_span)  # further out they know more than the window
    for plane in (1, 2):
        slope = difference(tf.constant(windows[..., plane - 1]), tf.fill([len(windows)], 8), MFSC.delta_span).numpy()
        np.testing.assert_allclose(windows[:, inner, :, plane], slope[:, inner], atol=1e-5)
    assert -MFSC.dynamic_range - 1.0 <= windows[..., 0].min() < -MFSC.dynamic_range + 1.0  # the tilt is 1 at most
