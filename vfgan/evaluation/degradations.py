"""Recordings as worse microphones, lines and cuts would give them: how much an extractor loses by each."""

from collections.abc import Callable

import numpy as np

from vfgan.media.recode import through_mp3

#: (waveform float32 [samples], sample_rate_hz, random generator) -> waveform float32 [samples]
Degradation = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]


def noise(snr_db: float) -> Degradation:
    """White noise, this far below the mean power of the whole recording."""

    def add(waveform, sample_rate_hz, random):
        deviation = np.sqrt(np.mean(np.square(waveform)) * 10.0 ** (-snr_db / 10.0))
        return waveform + random.normal(0.0, deviation, len(waveform)).astype(np.float32)

    return add


def gain(change_db: float) -> Degradation:
    """Louder or quieter; not clipped."""
    return lambda waveform, sample_rate_hz, random: waveform * np.float32(10.0 ** (change_db / 20.0))


def telephone(waveform: np.ndarray, sample_rate_hz: int, random: np.random.Generator) -> np.ndarray:
    """8 kHz and 300 to 3,400 Hz, as a telephone line passes on."""
    import soxr
    from scipy.signal import butter, sosfilt

    narrow = soxr.resample(waveform, sample_rate_hz, 8_000)
    narrow = sosfilt(butter(4, (300.0, 3_400.0), "bandpass", fs=8_000, output="sos"), narrow)
    return soxr.resample(narrow, 8_000, sample_rate_hz).astype(np.float32)


def mp3(waveform: np.ndarray, sample_rate_hz: int, random: np.random.Generator) -> np.ndarray:
    """MP3 at 64 kbit/s."""
    return through_mp3(waveform, sample_rate_hz, 64_000)


def silence(waveform: np.ndarray, sample_rate_hz: int, random: np.random.Generator) -> np.ndarray:
    """One second of digital silence before and behind."""
    return np.pad(waveform, sample_rate_hz)


def one_second(waveform: np.ndarray, sample_rate_hz: int, random: np.random.Generator) -> np.ndarray:
    """Only the loudest 1.0 s."""
    if len(waveform) <= sample_rate_hz:
        return waveform
    power = np.cumsum(np.concatenate([[0.0], np.square(waveform, dtype=np.float64)]))
    start = int(np.argmax(power[sample_rate_hz:] - power[:-sample_rate_hz]))
    return waveform[start : start + sample_rate_hz]


DEGRADATIONS: dict[str, Degradation] = {
    "as recorded": lambda waveform, sample_rate_hz, random: waveform,
    "noise at 20 dB": noise(20.0),
    "noise at 10 dB": noise(10.0),
    "noise at 0 dB": noise(0.0),
    "telephone": telephone,
    "MP3, 64 kbit/s": mp3,
    "20 dB louder": gain(20.0),
    "20 dB quieter": gain(-20.0),
    "silence around it": silence,
    "its loudest 1.0 s": one_second,
}
