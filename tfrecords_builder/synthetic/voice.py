"""Synthesises a voice from a glottal source and formant resonators (source-filter model, Fant 1960; Klatt 1980)."""

import dataclasses

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from tfrecords_builder.synthetic.actor import VoiceTraits
from tfrecords_builder.synthetic.prosody import Prosody
from tfrecords_builder.synthetic.speech import CONSONANTS, OPENNESS, VOWELS, Syllable

SAMPLE_RATE_HZ = 48_000
CONTROL_HZ = 200  #: rate of pitch, formants, loudness and filter updates
_HOP = SAMPLE_RATE_HZ // CONTROL_HZ
#: Formants above the four that a vowel moves, for a neutral tract of 17.5 cm: 1 kHz apart. Without them a cascade of
#: resonators is far too weak above 2 kHz (Fant's higher-pole correction).
_HIGHER_HZ = (4500.0, 5500.0, 6500.0, 7500.0, 8500.0, 9500.0)
_BANDWIDTHS_HZ = (80.0, 100.0, 140.0, 200.0, 260.0, 320.0, 400.0, 500.0, 600.0, 700.0)


@dataclasses.dataclass(frozen=True)
class Utterance:
    """A voice and the truth about it."""

    waveform: np.ndarray  #: float32 [samples], -1…1, mono, `SAMPLE_RATE_HZ`
    f0_hz: np.ndarray  #: float [steps] at `CONTROL_HZ`; 0 without voice
    openness: np.ndarray  #: float [steps], 0…1: opening of the jaw by the vowel


@dataclasses.dataclass(frozen=True)
class _Score:
    """The control curves, each [steps] at `CONTROL_HZ`."""

    f0_hz: np.ndarray
    formants_hz: np.ndarray  # [steps, 10]
    voiced: np.ndarray  # 0…1
    openness: np.ndarray


def speak(
    syllables: list[Syllable],
    prosody: Prosody,
    voice: VoiceTraits,
    rng: np.random.Generator,
    *,
    silence_seconds: float,
    sung: bool = False,
) -> Utterance:
    """Synthesises an utterance.

    Args:
        syllables: syllables with their times.
        prosody: prosody of the utterance.
        voice: the actor's voice.
        rng: draws noise, jitter and the contour's irregularities.
        silence_seconds: silence before and after, seconds.
        sung: hold the syllables' notes, with vibrato.
    """
    end = syllables[-1].start_seconds + syllables[-1].seconds
    steps = round((end + 2 * silence_seconds) * CONTROL_HZ)
    times = np.arange(steps) / CONTROL_HZ - silence_seconds
    score = _write_score(times, syllables, prosody, voice, rng, sung)
    source = _glottal_source(score, prosody, voice, rng)
    filtered = _resonate(source, score.formants_hz)
    waveform = _shape_level(filtered, prosody)
    waveform += _consonant_noise(syllables, prosody, silence_seconds, len(waveform), rng)
    waveform += 10 ** (-62 / 20) * rng.normal(size=len(waveform))  # a room is never silent
    waveform = np.clip(waveform, -0.99, 0.99).astype(np.float32)
    return Utterance(waveform, score.f0_hz * (score.voiced > 0.1), score.openness)


def _write_score(times, syllables, prosody, voice, rng, sung) -> _Score:
    voiced, openness = np.zeros_like(times), np.zeros_like(times)
    marks, targets, opens = [times[0]], [VOWELS["@"]], [0.0]
    for syllable in syllables:
        _, _, _, noise, closure, share = CONSONANTS[syllable.consonant]
        onset = min(noise + closure, 0.45 * syllable.seconds)
        vowel_start, end = syllable.start_seconds + onset, syllable.start_seconds + syllable.seconds
        attack = np.clip((times - vowel_start) / prosody.attack_seconds, 0, 1)
        release = np.clip((end - times) / 0.03, 0, 1)
        loud = (0.72 + 0.28 * syllable.stress) * attack * release
        murmur = share * ((times >= syllable.start_seconds) & (times < vowel_start + prosody.attack_seconds))
        voiced = np.maximum(voiced, np.maximum(loud, 0.5 * murmur))
        length = end - vowel_start
        for part in (0.25, 0.8):
            marks.append(vowel_start + part * length)
            targets.append(VOWELS[syllable.vowel])
            opens.append(OPENNESS[syllable.vowel])
        marks.append(end)
        targets.append(0.5 * np.array(VOWELS[syllable.vowel]) + 0.5 * np.array(VOWELS["@"]))
        opens.append(0.3)
    openness = np.interp(times, marks, opens) * (voiced > 0)
    formants = np.stack([np.interp(times, marks, column) for column in np.array(targets, np.float64).T], axis=1)
    formants *= np.array(voice.formants) * voice.tract * (1 + prosody.lip_spread)
    higher = np.tile(np.array(_HIGHER_HZ) * voice.tract, (len(times), 1))
    f0 = _contour(times, syllables, prosody, voice, rng, sung)
    return _Score(f0, np.concatenate([formants, higher], axis=1), _smooth(voiced, 0.006), _smooth(openness, 0.03))


def _contour(times, syllables, prosody, voice, rng, sung) -> np.ndarray:
    """Pitch contour, float [steps], Hz: stressed peaks on a slope with a final movement, or held notes with vibrato."""
    end = syllables[-1].start_seconds + syllables[-1].seconds
    course = np.clip(times / end, 0, 1)
    wander = np.interp(times, np.linspace(times[0], times[-1], 9), rng.normal(0, 0.5, 9))
    phase = rng.uniform(0, 2 * np.pi, 2)
    if sung:
        centres = [s.start_seconds + s.seconds * p for s in syllables for p in (0.15, 0.9)]
        notes = np.interp(times, centres, np.repeat([s.note_semitones for s in syllables], 2))
        semitones = notes + 0.35 * prosody.pitch_semitones + 0.2 * wander
        semitones += (0.25 + 0.05 * prosody.range_semitones) * np.sin(2 * np.pi * 5.6 * times + phase[0])
    else:
        semitones = prosody.pitch_semitones + prosody.slope_semitones * (course - 0.4) + wander
        for syllable in syllables:
            middle = syllable.start_seconds + 0.5 * syllable.seconds
            accent = prosody.range_semitones * voice.range * (syllable.stress - 0.4) * rng.uniform(0.7, 1.3)
            semitones = semitones + accent * np.exp(-(((times - middle) / (0.5 * syllable.seconds)) ** 2))
        last = np.clip((times - syllables[-1].start_seconds) / syllables[-1].seconds, 0, 1)
        semitones = semitones + prosody.final_semitones * last**1.5
    semitones = semitones + prosody.tremor_semitones * np.sin(2 * np.pi * 7.5 * times + phase[1])
    return np.clip(voice.f0_hz * 2 ** (semitones / 12), 55.0, 700.0)


def _glottal_source(score: _Score, prosody: Prosody, voice: VoiceTraits, rng) -> np.ndarray:
    """float [samples]: derivative of Rosenberg's glottal pulse, tilted, with aspiration and amplitude."""
    samples = len(score.f0_hz) * _HOP
    at = np.arange(samples) / _HOP
    steps = np.arange(len(score.f0_hz))
    phase = np.cumsum(np.interp(at, steps, score.f0_hz)) / SAMPLE_RATE_HZ
    cycles = int(phase[-1]) + 3
    jitter = (voice.jitter + prosody.jitter) * rng.normal(size=cycles)
    creaky = (np.arange(cycles) % 2) * prosody.creak
    jitter += 0.1 * creaky * rng.uniform(0.3, 1, cycles)
    phase = phase + np.interp(phase, np.arange(cycles), jitter)  # cycles come early or late
    cycle, part = np.clip(phase.astype(int), 0, cycles - 1), phase % 1.0
    loudness = 1 + 0.06 * rng.normal(size=cycles) - 0.6 * creaky
    opening, closing = 0.42, 0.18
    rising = np.where(part < opening, np.sin(np.pi * part / opening), 0.0)
    falling = np.where(
        (part >= opening) & (part < opening + closing), -np.sin(0.5 * np.pi * (part - opening) / closing), 0.0
    )
    pulse = (0.45 * rising + 1.6 * falling) * loudness[cycle]
    pulse = _tilt(pulse, -1.5 + prosody.tilt_db + voice.tilt_db)
    breath = (voice.breath + prosody.breath) * rng.normal(size=samples) * (0.35 + (part < opening + closing))
    # aspiration has little bass
    breath = lfilter([1.0, -0.9], [1.0], breath)
    return (pulse + 0.9 * breath) * np.interp(at, steps, score.voiced)


def _tilt(signal: np.ndarray, db_octave: float) -> np.ndarray:
    """Tilts the spectrum around 500 Hz by a shelf: `db_octave` dB an octave over about three octaves."""
    gain = 10 ** (np.clip(db_octave, -9, 6) * 3 / 20)
    pole = np.exp(-2 * np.pi * 700 / SAMPLE_RATE_HZ)
    low = lfilter([1 - pole], [1.0, -pole], signal)
    return low + gain * (signal - low)


def _resonate(source: np.ndarray, formants_hz: np.ndarray) -> np.ndarray:
    """Filters by ten resonators in series. Their frequencies move every `_HOP` samples; each has gain 1 at 0 Hz."""
    bandwidths = np.array(_BANDWIDTHS_HZ)
    radius = np.exp(-np.pi * bandwidths / SAMPLE_RATE_HZ)
    a1 = -2 * radius * np.cos(2 * np.pi * np.minimum(formants_hz, 12_000.0) / SAMPLE_RATE_HZ)  # [steps, 10]
    a2 = np.broadcast_to(radius**2, a1.shape)
    zeros, ones = np.zeros_like(a1), np.ones_like(a1)
    sections = np.stack([1 + a1 + a2, zeros, zeros, ones, a1, a2], axis=-1)  # [steps, 10, 6]
    state, output = np.zeros((len(bandwidths), 2)), np.empty_like(source)
    for step, section in enumerate(sections):
        part = slice(step * _HOP, (step + 1) * _HOP)
        output[part], state = sosfilt(section, source[part], zi=state)
    # radiation at the lips adds 6 dB an octave; the pulse's derivative already holds half of it
    return lfilter([1.0, -0.6], [1.0], output)


def _shape_level(signal: np.ndarray, prosody: Prosody) -> np.ndarray:
    """Scales the loud parts to the utterance's level. A soft knee keeps peaks below 1."""
    loud = np.sqrt(np.mean(np.sort(signal**2)[len(signal) // 2 :]))
    scaled = signal / max(loud, 1e-9) * 0.24 * 10 ** (prosody.level_db / 20)
    return np.tanh(scaled)


def _consonant_noise(syllables, prosody, silence_seconds: float, samples: int, rng) -> np.ndarray:
    noise = np.zeros(samples)
    for syllable in syllables:
        centre, band, level, seconds, closure, _ = CONSONANTS[syllable.consonant]
        count = int(min(seconds, 0.3 * syllable.seconds) * SAMPLE_RATE_HZ)
        if count < 16:
            continue
        low, high = max(centre - band / 2, 80), min(centre + band / 2, 15_000)
        sos = butter(2, (low, high), "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
        burst = sosfilt(sos, rng.normal(size=count)) * np.sin(np.pi * (np.arange(count) + 0.5) / count) ** 0.5
        start = int((silence_seconds + syllable.start_seconds + min(closure, 0.2 * syllable.seconds)) * SAMPLE_RATE_HZ)
        stop = min(start + count, samples)
        gain = 0.16 * level * 10 ** (prosody.level_db / 20)
        noise[start:stop] += gain * burst[: stop - start]
    return noise


def _smooth(curve: np.ndarray, seconds: float) -> np.ndarray:
    """Gaussian average over `seconds` (deviation) of a curve at `CONTROL_HZ`."""
    reach = int(np.ceil(3 * seconds * CONTROL_HZ))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (seconds * CONTROL_HZ)) ** 2)
    return np.convolve(np.pad(curve, reach, mode="edge"), kernel / kernel.sum(), mode="valid")
