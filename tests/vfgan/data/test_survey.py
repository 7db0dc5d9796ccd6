"""What a data set holds: counts, the worst clips, examples."""

import csv

import numpy as np
import pytest

from vfgan.data.dataset import DataSet
from vfgan.data.quality import MEASURES, measure_record
from vfgan.data.survey import survey
from vfgan.emotions import EMOTIONS

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def surveyed(dataset):
    return survey(DataSet(dataset), worst=5, examples=9)


def test_counts_are_those_of_the_table(dataset, surveyed):
    with open(dataset / "dataset.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for split in SPLITS:
        mine = [row for row in rows if row["split"] == split]
        assert surveyed.totals[split]["clips"] == surveyed.totals[split]["waveforms"] == len(mine)
        assert surveyed.totals[split]["faces"] == sum(int(row["faces"]) for row in mine)
        assert surveyed.totals[split]["seconds"] == pytest.approx(sum(float(row["seconds"]) for row in mine), abs=0.02)
        for kind in ("emotion", "actor"):
            for value, count in surveyed.counts[kind].items():
                assert count[split] == sum(row[kind] == value for row in mine)
    assert surveyed.counts["intensity"] == {"normal": {"train": 8, "validation": 8, "test": 8}}


def test_worst_clips_are_the_worst(dataset, surveyed):
    data = DataSet(dataset)
    all_values = [measure_record(record, data.config.mfsc) for record in data.records(SPLITS)]
    for measure in MEASURES:
        values = np.array([value[measure.name] for value in all_values])
        assert sorted(values) == sorted(surveyed.values[measure.name])
        expected = np.sort(values) if measure.worst == "low" else -np.sort(-values[values > 0])
        assert [value for value, _ in surveyed.worst[measure.name]] == expected[:5].tolist()
        for value, record in surveyed.worst[measure.name]:
            assert measure_record(record, data.config.mfsc)[measure.name] == value
    assert len(surveyed.worst["sharpness"]) == 5


def test_examples_differ_in_emotion_as_long_as_they_can(surveyed):
    assert len(surveyed.examples) == 9
    assert {EMOTIONS[record["emotion"]] for record in surveyed.examples} == set(EMOTIONS)
