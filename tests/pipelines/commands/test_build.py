"""What `vfgan build` says while it works and when it is done."""

from pathlib import Path

from pipelines.commands import build as build_command
from pipelines.commands.build import _Teller, summary


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


def test_summary_tells_of_emotions_that_cannot_be_tested():
    counts = {
        "train": {"clips": 9, "emotion": {"neutral": 3, "happy": 3, "sad": 3, "calm": 0}},
        "validation": {"clips": 6, "emotion": {"neutral": 3, "happy": 2, "sad": 1, "calm": 0}},
        "test": {"clips": 5, "emotion": {"neutral": 5, "happy": 0, "sad": 0, "calm": 0}},
    }
    manifest = {"split_by": {"own": "actor"}, "clips": 20, "seconds_of_sound": 0, "faces": 3, "counts": counts}
    notes = [line for line in summary(manifest, Path("out")).splitlines() if line.startswith("note")]
    assert len(notes) == 1
    assert notes[0].startswith("note: test has no happy, sad: its scores say nothing of them")
