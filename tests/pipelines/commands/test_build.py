"""What `vfgan build` says while it works and when it is done."""

import re
from pathlib import Path

import pytest

from pipelines.commands import build as build_command
from pipelines.commands.build import _Teller, summary
from pipelines.console import Bar
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


def test_progress_tells_hours_rate_and_rejects(monkeypatch):
    now, said = [100.0], []
    monkeypatch.setattr(build_command.time, "monotonic", lambda: now[0])
    teller = _Teller(lambda *args: said.append(args))
    teller.tell(40, 100, 1, 3600.0)  # found finished at the start: they count for no rate
    now[0] += 10
    teller.tell(60, 100, 2, 5400.0)
    assert said == [
        (40, 100, "1.00 h of sound, 1 rejected"),
        (60, 100, "1.50 h of sound, 2.0 clips/s, 2 rejected"),
    ]


def test_summary_tells_what_was_kept_together():
    counts = {name: {"clips": 1} for name in ("train", "validation", "test")}
    manifest = {"split_by": {"fer": "recording"}, "clips": 3, "seconds_of_sound": 0, "faces": 3, "counts": counts}
    groups = {"fer": {"groups": 1, "pictures": 2}}
    assert summary(manifest | {"near_duplicates": groups}, Path("out")).splitlines()[1:] == [
        "split fer by recording: train 1, validation 1, test 1",
        "fer: 2 near-duplicates in 1 groups, each in one split",
    ]
    assert len(summary(manifest, Path("out")).splitlines()) == 2


def test_the_search_for_near_duplicates_is_counted_by_itself(capsys):
    with Bar("build") as bar:
        bar.update(8, 8, "pictures compared", title="near-duplicates")
        bar.update(1, 4)
        bar.update(4, 4, "clips")
    assert [line.partition(",")[0] for line in capsys.readouterr().out.splitlines()] == [
        "near-duplicates: 8 of 8",
        "build: 4 of 4",
    ]
