"""MFSC against an oracle made of librosa."""

import librosa
import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.errors import MediaError
from vfgan.media.audio import load_waveform
from vfgan.voice.mfsc import (
    constant_of,
    difference,
    frame_times,
    log_mel_energy,
    mel_filters,
    mfsc,
    mfsc_of_waveform,
    mfsc_of_waveforms,
    num_frames,
)

CONFIG = MfscConfig()
#: A Fourier transform in single precision leaves noise 110 dB below a pure tone: seen with the default floor.
TONE_FLOOR = 1e-6
RATES = {8_000: 256, 16_000: 512, 22_050: 1_024, 48_000: 2_048}  # Hz: points of the Fourier transform
SIGNALS = ("tone", "noise", "glide")


def config_of(rate, **changes):
    return MfscConfig(sample_rate_hz=rate, fft_samples=RATES[rate], high_hz=rate / 2, **changes)


def make(kind, samples, rate):
    """float32 [samples]: a fading chord, noise in bursts, or a rising tone with a silent end."""
    seconds, random = np.arange(samples) / rate, np.random.default_rng(samples)
    if kind == "tone":
        wave = np.exp(-2 * seconds) * (np.sin(2 * np.pi * 440 * seconds) + 0.3 * np.sin(2 * np.pi * 1_710 * seconds))
    elif kind == "noise":
        wave = random.normal(size=samples) * (0.02 + (np.sin(2 * np.pi * 3 * seconds) > 0))
    else:
        wave = np.sin(2 * np.pi * (200 * seconds + 600 * seconds**2)) * (np.arange(samples) < 0.8 * samples)
    return (0.3 * wave).astype(np.float32)


def oracle(waveform, config):
    """float64 [frames, bands, 3], by librosa."""
    window, points = config.window_samples, config.fft_samples
    # librosa puts the window in the middle of the transform, we at its beginning
    padded = np.pad(waveform.astype(np.float64), ((points - window) // 2, points - window - (points - window) // 2))
    spectrum = librosa.stft(
        padded, n_fft=points, hop_length=config.hop_samples, win_length=window, window="hann", center=False
    )
    filters = librosa.filters.mel(
        sr=config.sample_rate_hz, n_fft=points, n_mels=config.mel_bands, fmin=config.low_hz, fmax=config.high_hz,
        htk=True, norm=None, dtype=np.float64,
    )  # fmt: skip
    log_mel = np.log(filters @ np.abs(spectrum) ** 2 + config.log_floor).T  # [hops, bands]
    groups = [log_mel[start : start + config.hops_per_frame] for start in range(0, len(log_mel), config.hops_per_frame)]
    energy = np.stack([group.mean(axis=0) for group in groups])
    return np.stack([energy, *deltas(energy, config.delta_span)], axis=-1)


def deltas(energy, span):
    def slope(values):
        return librosa.feature.delta(values, width=2 * span + 1, order=1, axis=0, mode="nearest")

    return slope(energy), slope(slope(energy))


@pytest.mark.parametrize("rate", RATES)
def test_filters_are_librosas(rate):
    config = config_of(rate)
    expected = librosa.filters.mel(
        sr=rate, n_fft=config.fft_samples, n_mels=40, fmin=20, fmax=rate / 2, htk=True, norm=None
    )
    np.testing.assert_allclose(mel_filters(config), expected.T, atol=1e-5)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", SIGNALS)
def test_agrees_with_librosa_at_every_rate(rate, kind):
    config = config_of(rate, log_floor=CONFIG.log_floor if kind == "noise" else TONE_FLOOR)
    waveform = make(kind, rate, rate)
    np.testing.assert_allclose(mfsc_of_waveform(waveform, config), oracle(waveform, config), atol=1e-3)


@pytest.mark.parametrize("kind", SIGNALS)
@pytest.mark.parametrize("samples", [400, 559, 560, 1_600, 16_000, 48_000])
def test_agrees_with_librosa_at_every_length(samples, kind):
    config = config_of(16_000, log_floor=CONFIG.log_floor if kind == "noise" else TONE_FLOOR)
    waveform = make(kind, samples, 16_000)
    np.testing.assert_allclose(mfsc_of_waveform(waveform, config), oracle(waveform, config), atol=1e-3)


@pytest.mark.parametrize("kind", SIGNALS)
def test_float32_loses_what_lies_100_db_below_the_loudest_band(kind):
    config = MfscConfig(hops_per_frame=1)
    waveform = make(kind, 16_000, 16_000)
    energy, expected = (np.exp(of(waveform, config)[..., 0]) for of in (mfsc_of_waveform, oracle))
    np.testing.assert_allclose(energy, expected, rtol=1e-3, atol=1e-10 * expected.max())


@pytest.mark.parametrize("hops", [1, 4, 6])
def test_agrees_with_librosa_for_every_grouping(hops):
    config = MfscConfig(hops_per_frame=hops)
    for samples in (16_000, 16_160, 16_480):  # another number of hops in the last group
        waveform = make("noise", samples, 16_000)
        np.testing.assert_allclose(mfsc_of_waveform(waveform, config), oracle(waveform, config), atol=1e-3)


def test_a_configuration_off_the_beaten_track():
    config = MfscConfig(
        window_ms=32, hop_ms=8, fft_samples=1_024, mel_bands=24, low_hz=100, high_hz=6_500, log_floor=1e-4, delta_span=2
    )
    waveform = make("glide", 12_345, 16_000)
    np.testing.assert_allclose(mfsc_of_waveform(waveform, config), oracle(waveform, config), atol=1e-3)


@pytest.mark.real
@pytest.mark.parametrize("clip", ["Actor_01/03-01-05-02-01-01-01", "Actor_02/03-01-04-01-02-02-02"])
def test_agrees_with_librosa_on_speech(real_data, clip):
    for rate in (8_000, 16_000):
        config = config_of(rate)
        waveform = load_waveform(real_data / "ravdess" / f"{clip}.flac", rate)
        np.testing.assert_allclose(mfsc_of_waveform(waveform, config), oracle(waveform, config), atol=1e-3)


def test_differences_worked_by_hand():
    values = tf.constant([[[0.0], [1.0], [4.0], [9.0]]])  # [1, 4 frames, 1 band]
    # span 1: (c[t+1] - c[t-1]) / 2, edges repeated
    np.testing.assert_allclose(difference(values, tf.constant([4]), 1)[0, :, 0], [0.5, 2.0, 4.0, 2.5])
    # span 2, t = 1: (1 (4 - 0) + 2 (9 - 0)) / 10
    np.testing.assert_allclose(difference(values, tf.constant([4]), 2)[0, 1, 0], 2.2, rtol=1e-6)


@pytest.mark.parametrize("samples", [0, 1, 399])
def test_less_than_a_window_is_an_error(samples):
    with pytest.raises(MediaError, match=f"{samples} samples .* at least 400"):
        mfsc_of_waveform(np.zeros(samples, np.float32), CONFIG)


@pytest.mark.parametrize("samples", [400, 8_000])
def test_silence_is_the_floor(samples):
    planes = mfsc_of_waveform(np.zeros(samples, np.float32), CONFIG)
    np.testing.assert_allclose(planes[..., 0], np.log(CONFIG.log_floor), rtol=1e-6)
    np.testing.assert_array_equal(planes[..., 1:], 0.0)


@pytest.mark.parametrize("hops", [1, 4, 6])
def test_frames_are_begun_groups(hops):
    config = MfscConfig(hops_per_frame=hops)
    for samples in (0, 399, 400, 559, 560, 1_040, 1_041, 1_600, 48_000):
        windows = len(range(0, samples - 400 + 1, 160))
        expected = -(-windows // hops)
        assert int(num_frames(tf.constant(samples), config)) == expected
        if samples >= 400:
            assert mfsc_of_waveform(np.zeros(samples, np.float32), config).shape == (expected, 40, 3)


@pytest.mark.parametrize("garbage", ["zeros", "loud", "beyond float", "not a number"])
@pytest.mark.parametrize("hops", [1, 4])
def test_neighbours_and_padding_change_nothing(garbage, hops):
    config = MfscConfig(hops_per_frame=hops)
    lengths = [400, 1_600, 7_777, 16_000]
    fill = {"zeros": 0.0, "loud": 0.9, "beyond float": 1e30, "not a number": np.nan}[garbage]
    padded = np.full((4, 17_000), fill, np.float32)
    clips = [make("noise", length, 16_000) * 0.1**row for row, length in enumerate(lengths)]
    for row, clip in enumerate(clips):
        padded[row, : len(clip)] = clip
    together = mfsc(tf.constant(padded), tf.constant(lengths), config).numpy()
    for row, clip in enumerate(clips):
        alone = mfsc_of_waveform(clip, config)
        np.testing.assert_allclose(together[row, : len(alone)], alone, atol=1e-4)
        np.testing.assert_array_equal(together[row, len(alone) :], 0.0)


@pytest.mark.parametrize("constant", [0.02, -0.1, 0.5])
@pytest.mark.parametrize("garbage", [0.0, np.nan])
def test_a_constant_in_a_recording_is_taken_off(constant, garbage):
    clip = 0.05 * make("noise", 16_000, 16_000)
    clip -= clip.mean()
    padded = np.full((2, 20_000), garbage, np.float32)
    padded[0, :16_000], padded[1, :16_000] = clip, clip + np.float32(constant)
    clean, mended = mfsc(tf.constant(padded), tf.constant([16_000] * 2), CONFIG).numpy()
    assert np.abs(mended - clean).mean() < 0.002  # of the spectrum of a moment, a band may be next to 0
    found = constant_of(tf.constant(padded), tf.constant([16_000] * 2), CONFIG).numpy()
    assert found[0] == 0.0  # so not a bit changes
    assert found[1] == pytest.approx(constant, abs=2e-4)


def test_a_constant_alone_is_silence_and_a_moment_has_none():
    planes = mfsc_of_waveform(np.full(16_000, 0.25, np.float32), CONFIG)
    np.testing.assert_allclose(planes[..., 0], np.log(CONFIG.log_floor), rtol=1e-6)
    assert constant_of(tf.fill([1, 7_999], 0.25), tf.constant([7_999]), CONFIG).numpy() == 0.0


def test_log_mel_is_the_first_plane():
    waveform = tf.constant(make("tone", 4_000, 16_000)[None])
    length = tf.constant([4_000])
    np.testing.assert_array_equal(mfsc(waveform, length, CONFIG)[..., 0], log_mel_energy(waveform, length, CONFIG))


def test_frame_times_by_hand():
    # windows of 400 samples begin at 0, 160, 320: the middle of all is 360 samples; frames are 480 apart
    np.testing.assert_allclose(frame_times(3, CONFIG), [360 / 16_000, 840 / 16_000, 1_320 / 16_000], rtol=1e-6)
    np.testing.assert_allclose(frame_times(2, MfscConfig(hops_per_frame=1)), [200 / 16_000, 360 / 16_000], rtol=1e-6)


@pytest.mark.parametrize("hops", [1, 4])
def test_frame_times_are_where_a_click_is_heard(hops):
    config = MfscConfig(hops_per_frame=hops)
    for frame in (5, 9):
        seconds = frame_times(20, config)[frame]
        waveform = np.zeros(16_000, np.float32)
        waveform[round(float(seconds) * 16_000)] = 1.0
        assert mfsc_of_waveform(waveform, config)[..., 0].mean(axis=1).argmax() == frame


def test_loudness_of_a_frame_is_that_of_its_mean_power():
    from vfgan.voice.mfsc import frame_loudness

    power = np.random.default_rng(8).uniform(0.1, 9.0, (2, 5, 40)).astype(np.float32)
    np.testing.assert_allclose(frame_loudness(tf.math.log(power)), np.log(power.mean(axis=-1)), atol=1e-5)
    narrow = np.where(np.arange(40) < 20, power, 1e-10)  # half of the bands cut off: half of the power at most
    assert np.abs(frame_loudness(tf.math.log(narrow)) - np.log(power.mean(axis=-1))).max() < 1.2


@pytest.mark.parametrize("most", [2_000_000, 1_000])
def test_several_clips_are_bit_by_bit_those_of_each_alone(monkeypatch, most):
    monkeypatch.setattr("vfgan.voice.mfsc._MOST_SAMPLES", most)
    rng, lengths = np.random.default_rng(4), (16_000, 400, 23_457, 0, 9_999, 399, 880, 31_000)
    waves = [rng.standard_normal(length).astype(np.float32) for length in lengths]
    made = mfsc_of_waveforms(waves, CONFIG)
    for wave, planes in zip(waves, made, strict=True):
        if len(wave) < 400:
            assert planes.shape == (0, 40, 3)
        else:
            np.testing.assert_array_equal(planes, mfsc_of_waveform(wave, CONFIG))


def test_bits_are_the_same_where_graphs_are_not_rewritten(monkeypatch):
    """`vfgan generate` turns Grappler off: a data set that the same process builds has no other last bits."""
    wave = np.random.default_rng(4).standard_normal(23_457).astype(np.float32)
    monkeypatch.setattr("vfgan.voice.mfsc._functions", {})
    rewritten, before = mfsc_of_waveform(wave, CONFIG), tf.config.optimizer.get_experimental_options()
    monkeypatch.setattr("vfgan.voice.mfsc._functions", {})
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": not before.get("disable_meta_optimizer")})
    try:
        np.testing.assert_array_equal(mfsc_of_waveform(wave, CONFIG), rewritten)
    finally:
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False} | before)


@pytest.mark.parametrize("bands", [8, 40])
def test_the_cosine_transform_is_scipy_s(bands):
    from scipy.fft import dct

    from vfgan.voice.mfsc import cosine_transform

    energy = np.random.default_rng(1).normal(size=(5, bands))
    np.testing.assert_allclose(energy @ cosine_transform(bands), dct(energy, norm="ortho"), atol=1e-5)
