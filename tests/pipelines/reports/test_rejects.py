"""What a person does about rejected clips."""

import re

import pytest

from pipelines.reports.rejects import reject_lines

REASONS = {
    "a.mp4 is cut off: its video needs 9 bytes, it has 5; copy it again": "cut off or damaged",
    "a.wav is empty (0 bytes): expected a recording": "cut off or damaged",
    "a.mp4: no face found in any of 3 frames": "no face found",
    "a.mp4 has video in a codec that cannot be decoded": "not readable: convert",
    "a.wav cannot be read as audio: Format not recognised": "not readable: convert",
    "a.wav cannot be decoded: error unpack requires": "not readable: convert",
    "a.wav is silent: expected a voice": "without a voice",
    "a.wav: the sound has 160 samples at 16000 Hz: expected at least 400": "too short",
    "a.wav is 7200 s long: at most 60 s are read; cut it into pieces": "too long: raise --max-clip-seconds",
    "a.mp4 is 8192x2112 pixels: at most 16777216 pixels are read": "too large: scale",
    "a.wav holds a value that is not finite at 0.006 s: export it again": "broken samples",
    "a.mp4 does not exist or is not a file: expected a video": "gone",
    "something new": "other reasons",
}


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_has_an_advice(tmp_path, reason):
    path = tmp_path / "rejected.csv"
    path.write_text(f'clip_id,kept,reason\nc/1,,"{reason}"\nc/2,voice,"{reason}"\n')
    first, second = reject_lines(path)
    assert first.startswith("1 clips rejected, 1 kept in part: ")
    assert re.match(rf"     2 {REASONS[reason]}", second)


def test_nothing_rejected_says_nothing(tmp_path):
    (tmp_path / "rejected.csv").write_text("clip_id,kept,reason\n")
    assert reject_lines(tmp_path / "rejected.csv") == []
