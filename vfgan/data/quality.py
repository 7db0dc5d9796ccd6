"""Measures the quality of a clip: a few numbers that tell a bad clip from a good one."""

import dataclasses
import warnings
from typing import Literal

import numpy as np

from vfgan.config.data import MfscConfig
from vfgan.voice.windows import active_frames

_DB_PER_LOG = 10.0 / np.log(10.0)
_FULL_SCALE = 0.999
_PITCH_HZ = (65.0, 600.0)  # of voices
_SEMITONES = 2.0


@dataclasses.dataclass(frozen=True)
class Measure:
    """A measure of quality, and which end of its scale is bad."""

    name: str
    worst: Literal["low", "high"]
    unit: str  #: to be written behind a value
    meaning: str


MEASURES = (
    Measure("sharpness", "low", "", "median sharpness of the crops: low for blurred, small or dark faces"),
    Measure("confidence", "low", "", "lowest confidence of the face detector over the crops"),
    Measure("head turn", "high", "°", "angle of the head from the front: 95th percentile over the crops"),
    Measure("without face", "high", " %", "share of the examined frames without a crop"),
    Measure("unaligned", "high", " %", "share of the crops without landmarks: not aligned, mouth opening unknown"),
    Measure("voice", "low", " s", "seconds of voice: frames within 30 dB of the loudest"),
    Measure("level", "low", " dB", "mean log energy of the voice: low for faint recordings"),
    Measure(
        "pitch", "low", " %", "share of the voice with a steady pitch: low for noise (data sets with waveforms only)"
    ),
    Measure("clipped", "high", " %", "share of the samples at full scale (data sets with waveforms only)"),
)


def measure_record(record: dict, config: MfscConfig) -> dict[str, float]:
    """Measures one record (`vfgan.data.schema`): name -> value. A measure is NaN if the record lacks its medium."""
    return dict.fromkeys((measure.name for measure in MEASURES), np.nan) | _of_faces(record) | _of_voice(record, config)


def _of_faces(record: dict) -> dict[str, float]:
    count = len(record["faces"])
    if not count:
        return {}
    yaw, pitch, _ = record["head_pose"].T
    unaligned = ~np.isfinite(record["mouth_opening"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the result is NaN if no crop has landmarks
        turn = float(np.nanpercentile(np.hypot(yaw, pitch), 95))
        confidence = float(np.nanmin(record["face_confidence"]))
    return {
        "sharpness": float(np.median(record["sharpness"])),
        "confidence": confidence,
        "head turn": turn,
        "without face": 100.0 * (1.0 - count / max(count, record["frames_seen"])),
        "unaligned": 100.0 * float(unaligned.mean()),
    }


def _of_voice(record: dict, config: MfscConfig) -> dict[str, float]:
    planes = record["mfsc"]
    if not len(planes):
        return {}
    active = active_frames(planes[None], np.array([len(planes)], np.int32), config).numpy()[0] > 0
    measured = {
        "voice": float(active.sum()) * config.frame_seconds,
        "level": _DB_PER_LOG * float(planes[active, :, 0].mean()),
    }
    if len(record["waveform"]):
        measured["pitch"] = 100.0 * _steady_pitch(record["waveform"], active, config)
        measured["clipped"] = 100.0 * float((np.abs(record["waveform"]) >= _FULL_SCALE).mean())
    return measured


def _steady_pitch(waveform: np.ndarray, active: np.ndarray, config: MfscConfig) -> float:
    """Share of the active frames whose pitch is within two semitones of a neighbour's.

    YIN (de Cheveigné & Kawahara, 2002) finds some pitch in noise, too, but another one in each frame. Here 0.91 is the
    median of RAVDESS, and white noise has 0.31 to 0.43.
    """
    import librosa

    (low_hz, high_hz), rate_hz = _PITCH_HZ, config.sample_rate_hz
    pitch_hz = librosa.yin(
        waveform, fmin=low_hz, fmax=high_hz, sr=rate_hz, frame_length=4 * round(rate_hz / low_hz),
        hop_length=config.hops_per_frame * config.hop_samples,
    )[: len(active)]  # fmt: skip
    near = np.abs(np.diff(12.0 * np.log2(pitch_hz))) <= _SEMITONES
    steady = np.append(near, False) | np.append(False, near)
    within = (pitch_hz > 1.05 * low_hz) & (pitch_hz < 0.95 * high_hz)  # what has no pitch ends at the edges
    voice = active[: len(pitch_hz)]
    return float((steady & within)[voice].mean()) if voice.any() else np.nan
