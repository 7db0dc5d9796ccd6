"""Training windows of the extractor."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.config.training import TrainConfig
from vfgan.data.voice_examples import LEAST_CUT, window_dataset
from vfgan.data.voice_set import Voices
from vfgan.voice.mfsc import difference, with_differences

MFSC = MfscConfig(window_frames=8, window_hop_frames=2, mel_bands=8)
STILL = dict.fromkeys(
    (
        "gain_range", "mask_bands", "mask_frames", "noise_share", "band_share", "cut_share", "babble_share",
        "room_share", "spectrum_share", "response_range", "compression_range", "warp_range", "tempo_range",
    ), 0,
)  # fmt: skip


def make_voices(lengths, emotions, active=None):
    """Clips whose every energy is 1,000 x clip + frame; voice in `active` frames, or all."""
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


def clip_and_place(windows):
    """Which clip each window is of, and which of its frames: [windows], [windows, frames]. A tilt has no mean."""
    frames = np.rint(windows[..., 0].mean(axis=2))
    return (frames[:, 0] // 1_000).astype(int), frames % 1_000


def test_windows_are_whole_runs_of_one_clip_with_its_label():
    windows, labels = draw(make_voices([30, 12, 5], [3, 6, 6]))
    assert windows.shape == (320, 8, 8, 3)
    clip, place = clip_and_place(windows)
    np.testing.assert_array_equal(np.array([3, 6, 6])[clip], labels.argmax(axis=1))
    length = np.array([30, 12, 5])[clip]
    expected = np.minimum(place[:, :1] + np.arange(8), length[:, None] - 1)
    np.testing.assert_array_equal(place, expected)
    assert (place[:, 0] + 8 <= np.maximum(length, 8)).all()  # no repeated frames where a clip is long enough


def test_differences_are_those_of_the_whole_clip():
    voices = make_voices([30, 30], [3, 6])
    random = np.random.default_rng(5).normal(size=(60, 8)).astype(np.float32)
    voices.planes[..., 0] = random
    clips = random.reshape(2, 30, 8)
    whole = np.concatenate(with_differences(tf.constant(clips), tf.constant([30, 30]), MFSC.delta_span))
    windows, _ = draw(voices, 0, 4)
    places = [np.abs(whole[:, 3, 1] - window[0, 3, 1]).argmin() for window in windows]
    for window, place in zip(windows, places):
        np.testing.assert_allclose(window[..., 1:], whole[place : place + 8, :, 1:], atol=1e-4)


def test_emotions_are_balanced():
    _, labels = draw(make_voices([30] * 9 + [30], [3] * 9 + [6]))
    assert 110 < labels[:, 6].sum() < 210


def test_half_of_a_window_is_voice():
    voices = make_voices([60], [2], active=range(30, 41))
    windows, _ = draw(voices)
    start = clip_and_place(windows)[1][:, 0]
    # the middle of the window, frame start + 4, lies in the voice: 30 … 40
    assert start.min() == 26
    assert start.max() == 36


@pytest.mark.medium
def test_a_step_is_a_pure_function():
    voices = make_voices([30, 30], [1, 2])
    whole, labels = draw(voices, 0, 6, gain_range=2.0, mask_bands=3, mask_frames=3)
    again, labels_again = draw(voices, 4, 6, gain_range=2.0, mask_bands=3, mask_frames=3)
    np.testing.assert_array_equal(again, whole[4 * 16 :])
    np.testing.assert_array_equal(labels_again, labels[4 * 16 :])


def test_gain_and_tilt_change_energy_only():
    windows, _ = draw(make_voices([8], [0]), gain_range=2.0)
    energy = windows[..., 0] - np.arange(8.0)[:, None]
    still, _ = draw(make_voices([8], [0]))
    np.testing.assert_allclose(windows[..., 1:], still[..., 1:], atol=1e-5)
    middle = energy.mean(axis=2)[:, 0]  # the tilt has mean 0
    assert middle.max() < 2.001
    assert middle.max() > 1.8
    assert middle.min() < -1.8
    tilt = (energy[:, 0, -1] - energy[:, 0, 0]) / 2
    assert 0.9 < tilt.max() < 1.001
    assert -1.001 < tilt.min() < -0.9


def test_masks_are_runs_of_the_mean():
    voices = make_voices([8], [0])
    voices.planes[..., 0] = np.random.default_rng(3).normal(size=(8, 8))
    windows, _ = draw(voices, mask_bands=3)
    planes = windows[..., 1]
    mean = planes.mean(axis=(1, 2), keepdims=True)
    masked = (np.ptp(planes, axis=1) < 1e-5) & (np.abs(planes - mean).max(axis=1) < 0.2)  # [windows, bands]
    count = masked.sum(axis=1)
    assert set(count) == {0, 1, 2, 3}
    assert all(np.ptp(np.flatnonzero(row)) == row.sum() - 1 for row in masked if row.any())


@pytest.mark.medium
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


def test_some_windows_are_cut_short_by_repeating_a_frame():
    windows, _ = draw(make_voices([60], [0]), cut_share=0.5)
    _, place = clip_and_place(windows)
    different = np.array([len(np.unique(row)) for row in place])
    assert 0.3 < (different < 8).mean() < 0.6
    assert different.min() == int(LEAST_CUT * 8)
    for row, count in zip(place, different):
        np.testing.assert_array_equal(row, row[0] + np.minimum(np.arange(8), count - 1))


def test_tempo_stretches_around_the_middle():
    windows, _ = draw(make_voices([200], [0], active=range(80, 120)), tempo_range=0.25)
    frames = windows[..., 0].mean(axis=2)
    tempo = (frames[:, 7] - frames[:, 0]) / 7
    assert 0.8 <= tempo.min() < 0.84
    assert 1.18 < tempo.max() <= 1.2501
    np.testing.assert_allclose(np.diff(frames, axis=1), np.repeat(tempo[:, None], 7, axis=1), atol=1e-3)


def test_corpora_are_drawn_by_people_with_absent_emotions():
    voices = make_voices([30] * 6, [0, 1, 2, 3, 0, 2])
    voices.clip_id[:4] = [f"ravdess/{i}" for i in range(4)]
    voices.clip_id[4:] = ["d/4", "d/5"]
    _, labels = draw(voices.where(np.arange(6) >= 0))
    other = labels[:, 3] < 0  # sad: only RAVDESS has it
    assert 0.4 < other.mean() < 0.6
    assert set(map(tuple, labels[other])) == {(1, 1, 0, -1, -1, -1, -1, -1), (0, 0, 1, -1, -1, -1, -1, -1)}
