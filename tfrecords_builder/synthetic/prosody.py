"""The effect of an emotion on a voice: pitch, loudness, rate, slope of the spectrum, steadiness.

Directions follow Scherer (2003), Juslin & Laukka (2003) and Banse & Scherer (1996). Pitch and rate are about the
medians of eight RAVDESS actors. Sizes are chosen so that utterances of neighbouring emotions overlap.
"""

import dataclasses

import numpy as np

from tfrecords_builder.synthetic.actor import VoiceTraits


@dataclasses.dataclass(frozen=True)
class Prosody:
    """The prosody of one utterance; the defaults are neutral speech."""

    pitch_semitones: float = 0.0  #: above the actor's median
    range_semitones: float = 2.2  #: excursion of a stressed syllable
    slope_semitones: float = -1.5  #: from the first syllable to the last
    final_semitones: float = -2.0  #: on the last syllable
    rate: float = 1.0  #: factor on syllables a second
    level_db: float = -6.0
    tilt_db: float = 0.0  #: added to the source's slope, dB an octave
    breath: float = 0.0  #: added aspiration
    jitter: float = 0.0  #: added deviation of a glottal cycle's length
    tremor_semitones: float = 0.0
    creak: float = 0.0  #: 0…1, share of irregular and halved cycles
    attack_seconds: float = 0.035
    lip_spread: float = 0.0  #: raises the formants: a smile shortens the tract


_NEUTRAL = Prosody()
PROSODY: dict[str, Prosody] = {
    "neutral": _NEUTRAL,
    "calm": Prosody(-0.6, 1.2, -1.0, -1.2, 0.86, -11.0, -1.8, 0.05, -0.004, 0.0, 0.0, 0.07, 0.0),
    "happy": Prosody(7.0, 6.0, 0.5, 1.0, 0.95, -3.5, 0.8, 0.0, 0.0, 0.0, 0.0, 0.035, 0.09),
    "sad": Prosody(3.0, 1.0, -4.5, -3.0, 0.9, -12.0, -2.5, 0.3, 0.008, 0.35, 0.15, 0.06, -0.04),
    "angry": Prosody(8.0, 5.0, -2.5, -4.5, 0.9, 1.0, 4.5, 0.0, 0.02, 0.0, 0.15, 0.006, -0.03),
    "fearful": Prosody(8.0, 2.2, 0.5, 0.5, 1.0, -6.0, 0.8, 0.14, 0.012, 0.6, 0.0, 0.02, 0.03),
    "disgust": Prosody(3.8, 5.0, -3.0, -3.5, 0.8, -7.0, 0.6, 0.04, 0.012, 0.0, 0.6, 0.03, -0.05),
    "surprised": Prosody(6.4, 6.0, 6.0, 8.0, 1.0, -5.0, 0.2, 0.16, 0.0, 0.0, 0.0, 0.012, -0.03),
}
#: Deviation of utterances from their emotion's mean.
_SPREAD = Prosody(0.9, 0.6, 0.9, 1.0, 0.05, 1.4, 0.7, 0.025, 0.002, 0.04, 0.05, 0.006, 0.012)
_LOWEST = {
    "range_semitones": 0.5,
    "rate": 0.55,
    "breath": 0.0,
    "jitter": 0.0,
    "tremor_semitones": 0.0,
    "creak": 0.0,
    "attack_seconds": 0.004,
}
#: Distance of normal and strong intensity from neutral; 1 is the table.
STRENGTH = {1: 0.85, 2: 1.25}


def draw_prosody(emotion: str, intensity: int, voice: VoiceTraits, rng: np.random.Generator) -> Prosody:
    """Draws the prosody of one utterance of `emotion` (name) and `intensity` (1 or 2) by an actor."""
    strength = STRENGTH[intensity] * voice.expressiveness
    values = {}
    for field in dataclasses.fields(Prosody):
        neutral, full, spread = (getattr(p, field.name) for p in (_NEUTRAL, PROSODY[emotion], _SPREAD))
        value = neutral + strength * (full - neutral) + spread * float(np.clip(rng.normal(), -2, 2))
        values[field.name] = max(value, _LOWEST.get(field.name, -np.inf))
    return Prosody(**values)
