"""The table of people's answers: one rater has no agreement, one side has no confusions of the other."""

import csv

import numpy as np

from pipelines.reports.ratings import ratings_table, write_ratings
from vfgan.evaluation.judgements import Judgements, figures

ONE = Judgements(
    rater=np.array([0, 0]), item=np.array([0, 1]), emotion=np.array([1, 2]), made=np.array([True, True]),
    strength=np.array([np.nan, np.nan]), seen_emotion=np.array([1, 4]), seen_strength=np.array([3.0, 2.0]),
    taken_for_real=np.array([False, True]),
)  # fmt: skip


def test_one_rater_of_made_videos(tmp_path):
    joined = {"video": ONE}
    found = {"video": figures(ONE, draws=20)}
    lines = ratings_table(joined, found).splitlines()
    assert lines[0] == "videos: 1 rater, 2 items (2 made, 0 real), 2 answers"
    (happy,) = [line for line in lines if line.startswith("accuracy: happy")]
    assert happy.split() == ["accuracy:", "happy", "1.000", "(0.207", "to", "1.000)", "-", "-", "0.143"]
    assert not [line for line in lines if line.startswith(("agreement", "dynamics"))]
    write_ratings(tmp_path, joined, found)
    text = (tmp_path / "ratings.md").read_text()
    assert "| made: shown, seen as |" in text
    assert "| sad | 0 | 0 | 0 | 0 | 1 | 0 | 0 |" in text
    assert "| real: shown" not in text
    with open(tmp_path / "ratings.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(row["kind"], row["of"]) for row in rows} == {("video", "made")}
    assert [row["value"] for row in rows if row["what"] == "all emotions"] == ["0.5000"]
