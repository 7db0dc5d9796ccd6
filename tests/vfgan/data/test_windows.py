"""Training windows of the extractor."""

import numpy as np

from vfgan.config import ExtractorConfig, MfscConfig, TrainConfig
from vfgan.data.records import Voices
from vfgan.data.windows import window_dataset

MFSC = MfscConfig(window_frames=8, window_hop_frames=2, mel_bands=8)
STILL = {"gain_range": 0.0, "mask_bands": 0, "mask_frames": 0}


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
