"""What tells a bad clip from a good one: a few numbers of its record."""

import dataclasses
import warnings
from typing import Literal

import numpy as np

from vfgan.config.data import MfscConfig
from vfgan.voice.windows import active_frames

_DB_PER_LOG = 10.0 / np.log(10.0)
_FULL_SCALE = 0.999


@dataclasses.dataclass(frozen=True)
class Measure:
    """One of the numbers, and which end of it is the bad one."""

    name: str
    worst: Literal["low", "high"]
    unit: str  #: to be written behind a value
    meaning: str


MEASURES = (
    Measure("sharpness", "low", "", "median of the crops' sharpness: blurred, small or dark faces have little"),
    Measure("confidence", "low", "", "least confidence of the network that a crop is a face"),
    Measure("head turn", "high", "°", "how far the head is turned aside, up or down: the crop turned furthest but 5 %"),
    Measure("without face", "high", " %", "share of the frames looked at that gave no crop"),
    Measure("unaligned", "high", " %", "share of the crops without landmarks: the whole picture, mouth unknown"),
    Measure("voice", "low", " s", "seconds of voice: frames within 26 dB of the loudest"),
    Measure("level", "low", " dB", "mean log energy of the voice: faint recordings have little"),
    Measure("clipped", "high", " %", "share of the samples at full scale (data sets with waveforms only)"),
)


def measure_record(record: dict, config: MfscConfig) -> dict[str, float]:
    """The measures of one record (`vfgan.data.schema`) by name; NaN where it has no such medium."""
    return dict.fromkeys((measure.name for measure in MEASURES), np.nan) | _of_faces(record) | _of_voice(record, config)


def _of_faces(record: dict) -> dict[str, float]:
    count = len(record["faces"])
    if not count:
        return {}
    yaw, pitch, _ = record["head_pose"].T
    unaligned = ~np.isfinite(record["mouth_opening"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of crops none of which has landmarks the answer is NaN
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
        measured["clipped"] = 100.0 * float((np.abs(record["waveform"]) >= _FULL_SCALE).mean())
    return measured
