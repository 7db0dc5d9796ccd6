"""Windows of an utterance: level, clamping, weights, padding."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.media.audio import load_waveform
from vfgan.voice.mfsc import mfsc_of_waveform
from vfgan.voice.windows import active_frames, remove_level, utterance_windows, windows_at

CONFIG = MfscConfig()
RATE = 16_000


def speech_like(seconds, gain=0.3):
    """Noise in syllables, loud in every band, so that the floor does not count."""
    samples = int(seconds * RATE)
    noise = np.random.default_rng(3).normal(size=samples)
    return (gain * noise * (1.2 + np.sin(2 * np.pi * 3 * np.arange(samples) / RATE))).astype(np.float32)


def windows_of(waveform, config=CONFIG):
    planes = mfsc_of_waveform(waveform, config)
    windows, weights = utterance_windows(tf.constant(planes[None]), tf.constant([len(planes)]), config)
    return windows[0].numpy(), weights[0].numpy()


def ramp(frames, bands=8):
    """float32 [1, frames, bands, 3]: every value is the number of its frame."""
    return tf.constant(np.broadcast_to(np.arange(frames, dtype=np.float32)[None, :, None, None], (1, frames, bands, 3)))


def test_active_frames_by_hand():
    loudness = np.array([-14.0, -3.0, -9.9, -10.0, -10.1, -3.5], np.float32)
    planes = tf.constant(np.broadcast_to(loudness[None, :, None, None], (1, 6, 8, 3)))
    # louder than -3 - 7
    np.testing.assert_array_equal(active_frames(planes, tf.constant([6]), CONFIG)[0], [0, 1, 1, 0, 0, 1])
    # behind a clip's end nothing is heard, however loud
    np.testing.assert_array_equal(active_frames(planes, tf.constant([1]), CONFIG)[0], [1, 0, 0, 0, 0, 0])


def test_level_free_by_hand():
    planes = np.zeros((1, 3, 8, 3), np.float32)
    planes[0, :, :, 0] = [[-4.0], [-2.0], [-20.0]]
    planes[0, :, :, 1:] = 5.0
    config = MfscConfig(dynamic_range=0.0)
    free = remove_level(tf.constant(planes), tf.constant([[1.0, 1.0, 0.0]]), tf.constant([3]), config).numpy()
    np.testing.assert_allclose(free[0, :, 0, 0], [-1.0, 1.0, -17.0])
    np.testing.assert_array_equal(free[..., 1:], 5.0)  # differences have no level


def test_the_dynamic_range_raises_what_is_far_below_the_voice():
    config = MfscConfig(mel_bands=8, dynamic_range=8.0, delta_span=1)
    planes = np.zeros((1, 3, 8, 3), np.float32)
    planes[0, :, :, 0] = [[-4.0], [-2.0], [-20.0]]
    free = remove_level(tf.constant(planes), tf.constant([[1.0, 1.0, 0.0]]), tf.constant([3]), config).numpy()
    np.testing.assert_allclose(free[0, :, 0, 0], [-1.0, 1.0, -8.0])
    np.testing.assert_allclose(free[0, :, 0, 1], [1.0, -3.5, -4.5])  # (c[t+1] - c[t-1]) / 2, edges repeated
    np.testing.assert_allclose(free[0, :, 0, 2], [-2.25, -2.75, -0.5])


@pytest.mark.parametrize("gain", [10.0, 0.1])
def test_gain_changes_no_frame_of_a_quiet_recording(gain):
    config = MfscConfig(log_floor=1e-10, dynamic_range=4.0, active_range=7.0)
    waveform = 0.01 * speech_like(2.5)
    free = []
    for one in (waveform, waveform * np.float32(gain)):
        planes = tf.constant(mfsc_of_waveform(one, config)[None])
        frames = tf.constant([planes.shape[1]])
        free.append(remove_level(planes, active_frames(planes, frames, config), frames, config).numpy())
    assert free[0][..., 0].min() == -4.0
    np.testing.assert_allclose(free[1], free[0], atol=1e-2)


@pytest.mark.parametrize("gain", [10.0, 0.1])
def test_gain_changes_nothing(gain):
    waveform = speech_like(2.5)
    windows, weights = windows_of(waveform)
    other_windows, other_weights = windows_of(waveform * np.float32(gain))
    np.testing.assert_allclose(other_windows, windows, atol=2e-3)
    np.testing.assert_array_equal(other_weights, weights)
    raw = mfsc_of_waveform(waveform, CONFIG), mfsc_of_waveform(waveform * np.float32(gain), CONFIG)
    assert np.abs(raw[0] - raw[1]).max() > 4.0  # 20 dB: 4.6 in natural log energy


@pytest.mark.real
def test_gain_changes_little_in_speech(real_data):
    waveform = load_waveform(real_data / "ravdess/Actor_01/03-01-05-02-01-01-01.flac", RATE)
    planes = [mfsc_of_waveform(waveform * np.float32(gain), MfscConfig(log_floor=1e-12)) for gain in (1.0, 3.0)]
    free = []
    for one in planes:
        batch, frames = tf.constant(one[None]), tf.constant([len(one)])
        active = active_frames(batch, frames, CONFIG)
        free.append(remove_level(batch, active, frames, CONFIG)[0].numpy()[active[0].numpy() > 0])
    np.testing.assert_allclose(free[0], free[1], atol=1e-2)


def test_windows_repeat_the_ends():
    starts = tf.constant([[-3, 0, 4, 50]])
    windows = windows_at(ramp(10), tf.constant([8]), starts, MfscConfig(window_frames=6, mel_bands=8))
    assert windows.shape == (1, 4, 6, 8, 3)
    np.testing.assert_array_equal(
        windows[0, :, :, 0, 0],
        [[0, 0, 0, 0, 1, 2], [0, 1, 2, 3, 4, 5], [4, 5, 6, 7, 7, 7], [7, 7, 7, 7, 7, 7]],
    )


@pytest.mark.parametrize(
    ("frames", "starts"), [(1, [0]), (6, [0]), (7, [0, 2]), (8, [0, 2]), (9, [0, 2, 4]), (10, [0, 2, 4])]
)
def test_windows_cover_an_utterance(frames, starts):
    config = MfscConfig(window_frames=6, window_hop_frames=2, mel_bands=8, active_range=1e3)
    windows, weights = utterance_windows(ramp(frames), tf.constant([frames]), config)
    level = (frames - 1) / 2  # every frame is active: their mean is taken off
    np.testing.assert_allclose(windows[0, :, 0, 0, 0] + level, starts)
    assert windows[0, -1, -1, 0, 0] + level == frames - 1  # the last frame is in the last window
    # each window counts by the frames it really has
    real = np.array([min(6, frames - start) for start in starts])
    np.testing.assert_allclose(weights[0], real / real.sum(), rtol=1e-6)


@pytest.mark.parametrize("seconds", [0.025, 0.1, 1.0, 1.6, 1.65, 3.0, 5.0])
def test_weights_sum_to_one(seconds):
    for waveform in (speech_like(seconds), np.zeros(int(seconds * RATE), np.float32)):
        windows, weights = windows_of(waveform)
        assert np.isfinite(windows).all()
        assert weights.sum() == pytest.approx(1.0, abs=1e-6)
        assert weights.min() >= 0


def test_silence_behind_an_utterance_has_no_weight():
    waveform = speech_like(2.0)
    longer = np.concatenate([waveform, np.zeros(3 * RATE, np.float32)])
    planes = mfsc_of_waveform(longer, CONFIG)
    active = active_frames(tf.constant(planes[None]), tf.constant([len(planes)]), CONFIG)[0].numpy()
    last = active.nonzero()[0][-1]
    assert last * CONFIG.frame_seconds < 2.0
    windows, weights = windows_of(longer)
    starts = np.arange(len(windows)) * CONFIG.window_hop_frames
    assert (starts > last).sum() >= 5
    np.testing.assert_array_equal(weights[starts > last], 0.0)
    assert (weights[starts <= last] > 0).all()
    # and the windows that lie in the voice are the same as without it
    alone, _ = windows_of(waveform)
    inside = starts[: len(alone)] + CONFIG.window_frames <= 2.0 / CONFIG.frame_seconds - 2 * CONFIG.delta_span - 1
    assert inside.any()
    np.testing.assert_allclose(windows[: len(alone)][inside], alone[inside], atol=0.02)


def test_a_padded_batch_equals_each_alone():
    clips = [mfsc_of_waveform(speech_like(seconds), CONFIG) for seconds in (0.1, 1.0, 2.0, 4.0)]
    lengths = [len(clip) for clip in clips]
    padded = np.full((4, max(lengths) + 7, 40, 3), 99.0, np.float32)  # louder than any voice
    for row, clip in enumerate(clips):
        padded[row, : len(clip)] = clip
    windows, weights = utterance_windows(tf.constant(padded), tf.constant(lengths), CONFIG)
    for row, clip in enumerate(clips):
        one, one_weights = utterance_windows(tf.constant(clip[None]), tf.constant([len(clip)]), CONFIG)
        count = one.shape[1]
        np.testing.assert_allclose(windows[row, :count], one[0], atol=1e-5)
        np.testing.assert_allclose(weights[row, :count], one_weights[0], atol=1e-6)
        np.testing.assert_array_equal(weights[row, count:], 0.0)
