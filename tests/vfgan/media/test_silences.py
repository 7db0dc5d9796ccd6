"""Long recordings are cut where nobody speaks."""

import numpy as np
import pytest
import soundfile

from vfgan.media.silences import power_per_hop, voiced_spans
from vfgan.media.video_writer import write_video

RATE_HZ = 16_000


def spoken(parts):
    """Seconds of sound (positive) and of silence (negative), one after the other."""
    rng = np.random.default_rng(3)
    pieces = [rng.normal(0, 0.1 if seconds > 0 else 0.0005, round(abs(seconds) * RATE_HZ)) for seconds in parts]
    return np.concatenate(pieces).astype(np.float32)


@pytest.mark.parametrize("suffix", [".wav", ".mp4"])
def test_spans_are_where_the_voice_is(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    wave = spoken([-1, 3, -0.2, 2, -2, 4, -1, 0.1, -1])
    if suffix == ".wav":
        soundfile.write(path, wave, RATE_HZ)
    else:
        write_video(path, [np.zeros((64, 64, 3), np.uint8)] * 15, 1, waveform=wave)
    spans = voiced_spans(power_per_hop(path), 60.0)
    # a short pause does not part; a click is no voice; a margin of 0.2 s stays
    np.testing.assert_allclose(spans, [(0.8, 6.4), (8.0, 12.4)], atol=0.08)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100])
def test_steps_do_not_drift_at_any_rate(tmp_path, rate_hz):
    seconds = 120
    wave = np.zeros(seconds * rate_hz, np.float32)
    clicks = np.arange(0.01, seconds, 1.0)  # in the middle of every 50th step
    wave[np.round(clicks * rate_hz).astype(int)] = 0.5
    soundfile.write(tmp_path / "a.wav", wave, rate_hz, subtype="FLOAT")
    power = power_per_hop(tmp_path / "a.wav")
    assert len(power) == 50 * seconds
    np.testing.assert_array_equal(np.flatnonzero(power), np.arange(0, 50 * seconds, 50))


def test_power_is_that_of_the_samples_whatever_the_blocks(tmp_path):
    wave = spoken([20.003])
    soundfile.write(tmp_path / "a.wav", wave, RATE_HZ, subtype="FLOAT")
    power = power_per_hop(tmp_path / "a.wav")
    assert len(power) == 1001
    np.testing.assert_allclose(power[:1000], np.square(wave[:320_000].reshape(-1, 320), dtype=float).mean(1), rtol=1e-6)


@pytest.mark.parametrize("longest", [1.0, 3.0, 7.5])
def test_no_span_is_longer_than_allowed_and_nothing_is_lost(longest):
    power = np.square(np.random.default_rng(0).normal(0, 1, 2_000))
    spans = voiced_spans(power, longest)
    assert max(end - start for start, end in spans) <= longest
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]
    assert (spans[0][0], spans[-1][1]) == (0.0, 40.0)


def test_silence_has_no_spans():
    assert voiced_spans(np.zeros(100), 10.0) == []
    assert voiced_spans(np.zeros(0), 10.0) == []


def test_somebody_much_quieter_is_found_and_steady_noise_is_not():
    """Speech comes and goes; 40 dB below what is loudest in the recording, too."""
    rng = np.random.default_rng(5)
    speech = np.repeat(np.tile([1.0, 1e-4], 8), 50) * rng.uniform(0.5, 1.0, 800)  # 1 s on, 1 s off
    spans = voiced_spans(np.concatenate([1e-4 * speech, speech]), 60.0)
    assert len([span for span in spans if span[0] < 15.5]) == 8
    assert len(spans) == 16
    noise = 1e-4 * rng.uniform(0.5, 1.0, 800)
    assert min(start for start, _ in voiced_spans(np.concatenate([noise, speech]), 60.0)) > 15.5
