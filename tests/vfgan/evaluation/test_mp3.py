"""MP3 and back."""

import numpy as np

from vfgan.evaluation.degradations import DEGRADATIONS

RATE_HZ = 16_000


def tone(hz, seconds=2.0):
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def degraded(name, waveform):
    return DEGRADATIONS[name](waveform, RATE_HZ, np.random.default_rng(1))


def test_mp3_keeps_length_and_tone_but_not_the_samples():
    coded = degraded("MP3, 64 kbit/s", tone(440))
    assert len(coded) == len(tone(440))
    assert not np.allclose(coded, tone(440), atol=1e-3)
    spectrum = np.abs(np.fft.rfft(coded[8_000:24_000]))
    assert np.argmax(spectrum) == 440
