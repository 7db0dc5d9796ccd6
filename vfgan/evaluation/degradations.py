"""Recordings as worse microphones, lines and cuts would give them: how much an extractor loses by each."""

from collections.abc import Callable

import numpy as np

from vfgan.media.recode import through_mp3, through_opus

#: (waveform float32 [samples], sample_rate_hz, random generator) -> waveform float32 [samples]
Degradation = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]


def noise(snr_db: float) -> Degradation:
    """White noise, this far below the mean power of the whole recording."""

    def add(waveform, sample_rate_hz, random):
        deviation = np.sqrt(np.mean(np.square(waveform)) * 10.0 ** (-snr_db / 10.0))
        return waveform + random.normal(0.0, deviation, len(waveform)).astype(np.float32)

    return add


def hum(snr_db: float) -> Degradation:
    """Mains hum, 50 Hz and a weaker 100 Hz, this far below the mean power of the whole recording."""

    def add(waveform, sample_rate_hz, random):
        turns = 50.0 * np.arange(len(waveform)) / sample_rate_hz
        tone = np.sin(2 * np.pi * turns) + 0.3 * np.sin(4 * np.pi * turns)
        share = np.sqrt(np.mean(np.square(waveform)) / np.mean(np.square(tone)) * 10.0 ** (-snr_db / 10.0))
        return (waveform + share * tone).astype(np.float32)

    return add


def babble(snr_db: float) -> Degradation:
    """Eight voices, this far below the mean power: the recording itself, from other places, faster or slower."""

    def add(waveform, sample_rate_hz, random):
        import soxr

        voices = np.zeros(len(waveform))
        for _ in range(8):
            speed = random.uniform(0.75, 1.3)
            other = soxr.resample(
                np.roll(waveform, random.integers(len(waveform))), sample_rate_hz * speed, sample_rate_hz
            )
            voices += np.resize(other[::-1], len(waveform))  # backwards: it says nothing
        share = np.sqrt(np.mean(np.square(waveform)) / np.mean(np.square(voices)) * 10.0 ** (-snr_db / 10.0))
        return (waveform + share * voices).astype(np.float32)

    return add


def reverberation(seconds: float) -> Degradation:
    """A room: the voice and its echoes, as loud together, which fall by 60 dB in this time."""

    def add(waveform, sample_rate_hz, random):
        from scipy.signal import fftconvolve

        count = round(seconds * sample_rate_hz)
        echoes = random.normal(size=count) * 10.0 ** (-3.0 * np.arange(count) / count)
        echoes[0] = np.sqrt(np.sum(np.square(echoes[1:])))
        return fftconvolve(waveform, echoes)[: len(waveform)].astype(np.float32)

    return add


def offset(waveform: np.ndarray, sample_rate_hz: int, random: np.random.Generator) -> np.ndarray:
    """A constant of 0.02, as a cheap sound card adds."""
    return waveform + np.float32(0.02)


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


def opus(waveform: np.ndarray, sample_rate_hz: int, random: np.random.Generator) -> np.ndarray:
    """Opus at 24 kbit/s."""
    return through_opus(waveform, sample_rate_hz)


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
    "hum at 10 dB": hum(10.0),
    "babble at 10 dB": babble(10.0),
    "reverberation of 0.5 s": reverberation(0.5),
    "constant of 0.02": offset,
    "telephone": telephone,
    "MP3, 64 kbit/s": mp3,
    "Opus, 24 kbit/s": opus,
    "20 dB louder": gain(20.0),
    "20 dB quieter": gain(-20.0),
    "silence around it": silence,
    "its loudest 1.0 s": one_second,
}
