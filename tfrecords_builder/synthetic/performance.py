"""One acted clip: the voice, and a face that follows it frame by frame."""

import dataclasses

import numpy as np

from tfrecords_builder.synthetic.actor import Actor
from tfrecords_builder.synthetic.clips import ClipKey
from tfrecords_builder.synthetic.config import SyntheticConfig
from tfrecords_builder.synthetic.expression import unit_targets
from tfrecords_builder.synthetic.motion import ACTION_UNITS, FacePose
from tfrecords_builder.synthetic.prosody import draw_prosody
from tfrecords_builder.synthetic.speech import lay_out
from tfrecords_builder.synthetic.voice import CONTROL_HZ, SAMPLE_RATE_HZ, speak

FACE_STRENGTH = {1: 0.62, 2: 1.0}
_JAW, _PRESS, _BLINK = (ACTION_UNITS.index(unit) for unit in (26, 24, 45))
_ONSET_SECONDS = 0.14


@dataclasses.dataclass(frozen=True)
class Performance:
    """A clip before it is rendered."""

    waveform: np.ndarray  #: float32 [samples], -1…1, mono, 48 kHz
    times: np.ndarray  #: float [frames], seconds
    poses: list[FacePose]
    intensity: np.ndarray  #: float [frames], 0…1: strength of the expression
    f0_hz: np.ndarray  #: float [frames]; 0 without voice
    energy: np.ndarray  #: float [frames], root mean square of the sound over 40 ms around the frame


def act(clip: ClipKey, actor: Actor, config: SyntheticConfig) -> Performance:
    """Acts `clip`. The same (config.seed, clip) gives the same performance."""
    voice_rng, face_rng = (
        np.random.default_rng(s) for s in np.random.SeedSequence((config.seed, 13, *clip.codes)).spawn(2)
    )
    prosody = draw_prosody(clip.emotion, clip.intensity, actor.voice, voice_rng)
    syllables = lay_out(clip.statement, clip.channel, clip.emotion, prosody, config.seconds, voice_rng)
    sung = clip.channel == "song"
    sound = speak(syllables, prosody, actor.voice, voice_rng, silence_seconds=config.silence_seconds, sung=sung)
    seconds = len(sound.waveform) / SAMPLE_RATE_HZ
    times = np.arange(max(1, round(seconds * config.fps))) / config.fps
    energy = _energy(sound.waveform, times)
    control = np.arange(len(sound.f0_hz)) / CONTROL_HZ
    nearest = np.clip(np.round(times * CONTROL_HZ).astype(int), 0, len(control) - 1)
    strength = _strength(times, seconds, config.silence_seconds, clip, actor, face_rng)
    jaw = _jaw(energy, np.interp(times, control, sound.openness), prosody.level_db)
    poses = _poses(times, strength, jaw, clip.emotion, face_rng)
    return Performance(sound.waveform, times, poses, strength, sound.f0_hz[nearest], energy)


def _energy(waveform: np.ndarray, times: np.ndarray) -> np.ndarray:
    half = SAMPLE_RATE_HZ // 50
    total = np.concatenate([[0.0], np.cumsum(waveform.astype(np.float64) ** 2)])
    middle = np.round(times * SAMPLE_RATE_HZ).astype(int)
    low, high = np.clip(middle - half, 0, len(waveform)), np.clip(middle + half, 0, len(waveform))
    return np.sqrt(np.maximum(total[high] - total[low], 0) / np.maximum(high - low, 1))


def _jaw(energy: np.ndarray, openness: np.ndarray, level_db: float) -> np.ndarray:
    """float [frames], 0…1: the jaw follows the sound, and louder clips open it further."""
    relative = np.clip(energy / np.quantile(energy, 0.95), 0, 1.2)
    loud = np.clip(0.5 + (level_db + 6.0) * 0.02, 0.25, 0.75)
    return loud * relative**0.8 * (0.55 + 0.45 * openness)


def _strength(times, seconds, silence, clip: ClipKey, actor: Actor, rng: np.random.Generator) -> np.ndarray:
    """float [frames], 0…1: onset with the voice, an apex that varies slightly, offset with the end of the voice."""
    if clip.emotion in ("neutral", "calm"):
        return np.zeros_like(times)
    start, end = 0.6 * silence, seconds - 0.6 * silence
    rise = np.clip((times - start) / _ONSET_SECONDS, 0, 1)
    fall = np.clip((end - times) / _ONSET_SECONDS, 0, 1)
    envelope = np.minimum(rise, fall)
    apex = FACE_STRENGTH[clip.intensity] * (0.55 + 0.45 * actor.voice.expressiveness) * rng.uniform(0.85, 1.1)
    wander = 1 + 0.08 * np.sin(2 * np.pi * times / seconds * rng.uniform(0.6, 1.4) + rng.uniform(0, 6))
    return np.clip(0.06 + apex * wander * envelope**2 * (3 - 2 * envelope), 0, 1)


def _poses(times, strength, jaw, emotion: str, rng: np.random.Generator) -> list[FacePose]:
    target = unit_targets(emotion) * rng.uniform(0.85, 1.1, len(ACTION_UNITS))
    noise = np.clip(np.stack([0.02 + 0.03 * _sway(times, rng, 1.5) for _ in ACTION_UNITS], axis=1), 0, 0.12)
    units = strength[:, None] * target
    units[:, _JAW] += jaw
    units[:, _PRESS] *= np.clip(1 - 4 * jaw, 0, 1)  # lips part to speak
    noise[:, [_JAW, _PRESS, _BLINK]] = 0
    units = np.clip(units + noise, 0, 1)
    units[:, _BLINK] = _blinks(times, rng)
    yaw, pitch, roll = (0.055 * _sway(times, rng, 0.5) for _ in range(3))
    shift = np.stack([0.035 * _sway(times, rng, 0.6), 0.02 * _sway(times, rng, 0.6) + 0.02 * jaw], axis=1)
    gaze = 0.02 * np.stack([_sway(times, rng, 0.8), 0.5 * _sway(times, rng, 0.8)], axis=1)
    return [
        FacePose(units[i], float(yaw[i]), float(pitch[i]), 0.7 * float(roll[i]), tuple(shift[i]), tuple(gaze[i]))
        for i in range(len(times))
    ]


def _sway(times: np.ndarray, rng: np.random.Generator, rate_hz: float) -> np.ndarray:
    """float [frames], about -1…1: a slow irregular movement."""
    rates, phases = rate_hz * rng.uniform(0.5, 1.5, 3), rng.uniform(0, 2 * np.pi, 3)
    return np.sin(2 * np.pi * np.outer(times, rates) + phases).sum(axis=1) / 2 + 0.3 * rng.normal()


def _blinks(times: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """float [frames], 0…1: lids close about once in three seconds, for a sixth of a second."""
    closed = np.zeros_like(times)
    at = rng.exponential(2.0)
    while at < times[-1]:
        closed = np.maximum(closed, np.clip(1.3 - np.abs(times - at) / 0.07, 0, 1))
        at += 0.6 + rng.exponential(2.5)
    return closed
