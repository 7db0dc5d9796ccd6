"""The numbers that tell bad clips, of records made by hand."""

import numpy as np
import pytest

from vfgan.config.data import MfscConfig
from vfgan.data.quality import MEASURES, measure_record
from vfgan.voice.mfsc import mfsc_of_waveform

CONFIG = MfscConfig(hops_per_frame=4)


def record(**changes):
    """Four crops of five frames looked at, two seconds of voice in three of sound."""
    planes = np.full((75, 40, 3), -12.0, np.float32)
    planes[10:60] = -3.0
    return {
        "faces": [b"x"] * 4, "frames_seen": 5, "mfsc": planes, "waveform": np.zeros(0, np.float32),
        "sharpness": np.array([10, 20, 30, 400], np.float32),
        "face_confidence": np.array([1.0, 0.6, 0.9, 1.0], np.float32),
        "head_pose": np.array([[0, 0, 40], [3, 4, 0], [-6, 8, 0], [0, 0, 0]], np.float32),
        "mouth_opening": np.zeros(4, np.float32), **changes,
    }  # fmt: skip


def test_each_measure_is_what_it_says():
    measured = measure_record(record(), CONFIG)
    assert list(measured) == [measure.name for measure in MEASURES]
    assert measured["sharpness"] == 25
    assert measured["confidence"] == pytest.approx(0.6)
    assert measured["head turn"] == pytest.approx(np.percentile([0, 5, 10, 0], 95))
    assert measured["without face"] == pytest.approx(20)
    assert measured["unaligned"] == 0
    assert measured["voice"] == pytest.approx(2.0)
    assert measured["level"] == pytest.approx(-3 * 10 / np.log(10), rel=1e-5)
    assert np.isnan(measured["clipped"])


@pytest.mark.medium
def test_clipping_is_the_share_of_full_scale():
    waveform = np.linspace(-0.9, 0.9, 100, dtype=np.float32)
    waveform[:5], waveform[5:8] = 1.0, -1.2
    assert measure_record(record(waveform=waveform), CONFIG)["clipped"] == pytest.approx(8)


def test_a_clip_without_a_medium_has_no_measure_of_it():
    voice = measure_record(record(faces=[], frames_seen=0), CONFIG)
    assert [name for name, value in voice.items() if np.isfinite(value)] == ["voice", "level"]
    faces = measure_record(record(mfsc=np.zeros((0, 40, 3), np.float32)), CONFIG)
    assert np.isnan([faces["voice"], faces["level"], faces["clipped"]]).all()


def test_crops_without_landmarks_are_counted_and_no_error():
    nothing = np.full(4, np.nan, np.float32)
    unaligned = {"mouth_opening": nothing, "face_confidence": nothing, "head_pose": np.full((4, 3), np.nan, np.float32)}
    measured = measure_record(record(**unaligned), CONFIG)
    assert measured["unaligned"] == 100
    assert np.isnan([measured["confidence"], measured["head turn"]]).all()
    assert measured["sharpness"] == 25


def test_pitch_tells_a_voice_from_noise():
    time, config = np.arange(48_000) / 16_000, MfscConfig()
    pulses = np.sin(2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * time)) / 16_000)
    noise = np.random.default_rng(1).normal(0, 0.1, 48_000)
    found = {}
    for name, wave in (
        ("voice", 0.2 * pulses),
        ("noise", noise),
        ("half", np.append(0.2 * pulses[:24_000], noise[:24_000])),
    ):
        wave = wave.astype(np.float32)
        planes = mfsc_of_waveform(wave, config)
        found[name] = measure_record(record(mfsc=planes, waveform=wave), config)["pitch"]
    assert found["voice"] > 95
    assert found["noise"] < 50
    assert found["noise"] < found["half"] < found["voice"]
