"""Degradations: power, band and length of what comes out."""

import numpy as np
import pytest

from vfgan.evaluation.degradations import DEGRADATIONS

RATE_HZ = 16_000


def tone(hz, seconds=2.0):
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def degraded(name, waveform):
    return DEGRADATIONS[name](waveform, RATE_HZ, np.random.default_rng(1))


@pytest.mark.parametrize("snr_db", [20, 10, 0])
def test_noise_has_the_power_that_its_name_says(snr_db):
    clean = tone(440)
    added = degraded(f"noise at {snr_db} dB", clean) - clean
    assert 10 * np.log10(np.mean(clean**2) / np.mean(added**2)) == pytest.approx(snr_db, abs=0.2)


def test_telephone_passes_the_middle_and_stops_the_rest():
    kept = degraded("telephone", tone(1_000))
    assert len(kept) == len(tone(1_000))
    assert np.std(kept) == pytest.approx(np.std(tone(1_000)), rel=0.05)
    for hz in (60, 6_000):
        assert np.std(degraded("telephone", tone(hz))) < 0.05 * np.std(tone(hz))


def test_hum_is_of_50_hz_and_as_loud_as_its_name_says():
    clean = tone(440)
    added = degraded("hum at 10 dB", clean) - clean
    assert 10 * np.log10(np.mean(clean**2) / np.mean(added**2)) == pytest.approx(10, abs=0.01)
    spectrum = np.abs(np.fft.rfft(added))
    assert set(np.argsort(spectrum)[-2:]) == {100, 200}  # of 2 s: 50 and 100 Hz


def test_babble_is_of_the_voices_band_and_as_loud_as_its_name_says():
    random = np.random.default_rng(3)
    clean = (tone(440) * (1 + np.sin(np.arange(2 * RATE_HZ) / 3_000)) + 0.01 * random.normal(size=2 * RATE_HZ)).astype(
        np.float32
    )
    added = degraded("babble at 10 dB", clean) - clean
    assert 10 * np.log10(np.mean(clean**2) / np.mean(added**2)) == pytest.approx(10, abs=0.01)
    power = np.abs(np.fft.rfft(added)) ** 2
    band = np.fft.rfftfreq(len(added), 1 / RATE_HZ)
    assert power[(band > 300) & (band < 620)].sum() > 0.9 * power.sum()
    assert abs(np.corrcoef(added, clean)[0, 1]) < 0.5


def test_opus_keeps_length_and_place():
    clean = tone(440) * np.repeat([0.0, 1.0], RATE_HZ).astype(np.float32)
    coded = degraded("Opus, 24 kbit/s", clean)
    assert coded.shape == clean.shape
    assert np.std(coded[: RATE_HZ - 800]) < 0.01
    assert np.std(coded[RATE_HZ + 800 :]) == pytest.approx(np.std(tone(440)), rel=0.1)
    assert (coded != clean).any()


def test_echoes_are_as_loud_as_the_voice_and_fall_by_60_db():
    click = np.zeros(RATE_HZ, np.float32)
    click[0] = 1.0
    echoes = degraded("reverberation of 0.5 s", click)
    assert np.sum(echoes[1:] ** 2) == pytest.approx(echoes[0] ** 2, rel=1e-3)
    assert not echoes[RATE_HZ // 2 + 1 :].any() or np.abs(echoes[RATE_HZ // 2 + 1 :]).max() < 1e-4 * echoes[0]
    early, late = (np.mean(echoes[start : start + 400] ** 2) for start in (1, 7_600))
    assert 10 * np.log10(early / late) == pytest.approx(57, abs=3)


def test_a_constant_is_added():
    np.testing.assert_allclose(degraded("constant of 0.02", tone(440)), tone(440) + 0.02, atol=1e-7)


def test_gain_is_of_ten_times_and_not_clipped():
    np.testing.assert_allclose(degraded("20 dB louder", tone(440)), 10 * tone(440), rtol=1e-5)
    np.testing.assert_allclose(degraded("20 dB quieter", tone(440)), tone(440) / 10, rtol=1e-5)


def test_silence_is_a_second_on_either_side():
    longer = degraded("silence around it", tone(440))
    np.testing.assert_array_equal(longer[RATE_HZ:-RATE_HZ], tone(440))
    assert not longer[:RATE_HZ].any()
    assert not longer[-RATE_HZ:].any()


def test_the_loudest_second_is_found_and_a_shorter_sound_stays():
    quiet = 0.01 * tone(440, 3.0)
    quiet[20_000:36_000] *= 50
    np.testing.assert_array_equal(degraded("its loudest 1.0 s", quiet), quiet[20_000:36_000])
    np.testing.assert_array_equal(degraded("its loudest 1.0 s", tone(440, 0.5)), tone(440, 0.5))


def test_mp3_keeps_length_and_tone_but_not_the_samples():
    coded = degraded("MP3, 64 kbit/s", tone(440))
    assert len(coded) == len(tone(440))
    assert not np.allclose(coded, tone(440), atol=1e-3)
    spectrum = np.abs(np.fft.rfft(coded[8_000:24_000]))
    assert np.argmax(spectrum) == 440
