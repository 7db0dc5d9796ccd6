"""Lays out the syllables of a spoken or sung statement in time."""

import dataclasses

import numpy as np

from tfrecords_builder.synthetic.prosody import Prosody

#: First four formants of vowels, Hz, of a man's tract (Peterson & Barney 1952; Hillenbrand et al. 1995).
VOWELS = {
    "i": (300, 2250, 2950, 3550), "e": (460, 1950, 2600, 3500), "a": (740, 1250, 2500, 3450),
    "o": (500, 880, 2450, 3350), "u": (330, 900, 2300, 3300), "@": (520, 1450, 2450, 3400),
}  # fmt: skip
#: Opening of the jaw in a vowel, 0…1.
OPENNESS = {"i": 0.45, "e": 0.65, "a": 1.0, "o": 0.75, "u": 0.45, "@": 0.6}
#: consonant -> (centre of its noise Hz, band Hz, level, noise seconds, closure seconds, voiced share)
CONSONANTS = {
    "s": (6500, 4000, 0.5, 0.09, 0.0, 0.0), "sh": (3200, 2200, 0.5, 0.09, 0.0, 0.0),
    "k": (1900, 1300, 0.6, 0.02, 0.05, 0.0), "t": (4200, 3000, 0.6, 0.015, 0.05, 0.0),
    "b": (700, 700, 0.35, 0.008, 0.045, 0.35), "d": (3000, 2500, 0.35, 0.01, 0.04, 0.35),
    "m": (900, 600, 0.0, 0.0, 0.06, 0.5), "r": (1300, 600, 0.0, 0.0, 0.03, 0.65),
    "h": (1500, 3000, 0.3, 0.05, 0.0, 0.1),
}  # fmt: skip
# as many syllables as RAVDESS' sentences: "Kids are talking by the door", "Dogs are sitting by the door"
_STATEMENTS = (
    ("k i", "d a", "r @", "t o", "k i", "b a", "d o"),
    ("d o", "k a", "r @", "s i", "t e", "m a", "d o"),
)
_STRESSED = (0, 3, 6)
_ONSETS, _NUCLEI = tuple(CONSONANTS), tuple(VOWELS)
_SCALES = {"bright": (0, 2, 4, 5, 7, 9, 11, 12), "dark": (0, 2, 3, 5, 7, 8, 10, 12)}
DARK_SONGS = ("sad", "angry", "fearful")


@dataclasses.dataclass(frozen=True)
class Syllable:
    """A consonant and the vowel after it."""

    consonant: str
    vowel: str
    start_seconds: float
    seconds: float
    stress: float  #: 0…1
    note_semitones: float  #: above the key note if sung; 0 if spoken


def lay_out(
    statement: int, channel: str, emotion: str, prosody: Prosody, seconds: float, rng: np.random.Generator
) -> list[Syllable]:
    """Lays out the syllables of an utterance from time 0 on.

    Args:
        statement: number from 1. The first two are fixed; further ones are generated, always the same.
        channel: "speech" or "song".
        emotion: name of the emotion; in a song it chooses the scale.
        prosody: prosody whose rate is applied.
        seconds: length of an utterance at rate 1.
        rng: draws the small irregularities.
    """
    names = _statement(statement)
    sung = channel == "song"
    rate = prosody.rate**0.5 / 1.25 if sung else prosody.rate  # a song keeps its beat
    lengths = np.exp(rng.normal(0, 0.04 if sung else 0.12, len(names)))
    stress = np.array([1.0 if i in _STRESSED else 0.35 for i in range(len(names))])
    lengths *= 1.0 if sung else 0.8 + 0.45 * stress
    lengths[-1] *= 1.35
    lengths *= seconds / rate / len(names) / np.mean([1.05, 1.0])
    notes = _melody(statement, emotion, len(names)) if sung else np.zeros(len(names))
    starts = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    return [
        Syllable(*name.split(), float(start), float(length), float(s), float(note))
        for name, start, length, s, note in zip(names, starts, lengths, stress, notes, strict=True)
    ]


def _statement(statement: int) -> tuple[str, ...]:
    if statement <= len(_STATEMENTS):
        return _STATEMENTS[statement - 1]
    rng = np.random.default_rng(statement)
    return tuple(f"{rng.choice(_ONSETS)} {rng.choice(_NUCLEI)}" for _ in range(7))


def _melody(statement: int, emotion: str, count: int) -> np.ndarray:
    """Semitones above the key note. The statement decides about the tune, the emotion about the scale."""
    rng = np.random.default_rng(1000 + statement)
    scale = _SCALES["dark" if emotion in DARK_SONGS else "bright"]
    steps = np.clip(np.cumsum(rng.integers(-2, 3, count)) + 3, 0, len(scale) - 1)
    steps[-1] = 0
    return np.array([scale[s] for s in steps], np.float64)
