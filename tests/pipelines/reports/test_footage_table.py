"""Footage -> the builder's table, and what is said of the footage."""

import csv

import numpy as np
import pytest

from pipelines.reports.footage_table import given_rows, heard_rows, write_table
from vfgan.emotions import EMOTIONS
from vfgan.errors import ConfigError, MediaError
from vfgan.generate.listener import UtteranceEmotion


class Hears:
    """Stands in for the extractor: the emotions and lengths that a file's name says."""

    def __init__(self, model):
        pass

    def listen(self, path):
        start = 0.0
        for word in path.stem.split("-"):
            name, seconds = word[:-1], float(word[-1])
            probabilities = np.eye(8, dtype=np.float32)[EMOTIONS.index(name)]
            yield UtteranceEmotion(start, start + seconds, np.zeros(4), probabilities, np.zeros(1), probabilities[None])
            start += seconds + 1


@pytest.fixture
def heard(monkeypatch, tmp_path):
    monkeypatch.setattr("vfgan.generate.listener.Listener", Hears)

    def hear(*names):
        return heard_rows([tmp_path / name for name in names], tmp_path, "ann", lambda done, total: None)

    return hear


def test_utterances_have_heard_emotions_without_the_rare_ones(heard, tmp_path):
    rows, rare = heard("happy4-sad2.mp4", "calm2-neutral2.mp4")
    assert [(row["emotion"], row["start"], row["end"]) for row in rows] == [
        ("happy", "0.00", "4.00"), ("calm", "0.00", "2.00"), ("neutral", "3.00", "5.00"),
    ]  # fmt: skip
    assert rare == {"sad": 2.0}  # calm and neutral are one face: 4 s together
    assert {row["speaker"] for row in rows} == {"ann"}
    assert rows[0]["file"] == str(tmp_path / "happy4-sad2.mp4")


@pytest.mark.parametrize(("delay", "start", "end"), [(0.4, "0.40", "4.40"), (-0.2, "0.00", "3.80")])
def test_seconds_count_from_the_first_picture(heard, monkeypatch, delay, start, end):
    monkeypatch.setattr("vfgan.media.video.noticed_delay_seconds", lambda path: delay)
    rows, _ = heard("happy4.mp4")
    assert (rows[0]["start"], rows[0]["end"]) == (start, end)


def test_footage_without_a_voice(monkeypatch, tmp_path):
    class Deaf(Hears):
        def listen(self, path):
            return iter(())

    monkeypatch.setattr("vfgan.generate.listener.Listener", Deaf)
    with pytest.raises(MediaError, match=r"mute\.mp4: no voice found"):
        heard_rows([tmp_path / "mute.mp4"], tmp_path, "ann", lambda done, total: None)


def test_a_given_table_keeps_its_emotions_and_label_mapping(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.csv").write_bytes("File;Emotion;Start\nclip.mp4;wut;1:05\n".encode("utf-16"))
    (tmp_path / "mine" / "emotions.json").write_text('{"wut": "angry"}')
    rows = given_rows(tmp_path / "mine" / "a.csv", "ann")
    write_table(tmp_path / "run" / "table.csv", rows, tmp_path / "mine")
    with open(tmp_path / "run" / "table.csv", newline="") as file:
        (row,) = csv.DictReader(file)
    clip = str(tmp_path / "mine" / "clip.mp4")
    assert row == {"file": clip, "emotion": "wut", "speaker": "ann", "start": "1:05", "end": ""}
    assert (tmp_path / "run" / "emotions.json").is_file()
    (tmp_path / "bad.csv").write_text("who,what\n1,2\n")
    with pytest.raises(ConfigError, match=r"bad\.csv: expected the columns file,emotion"):
        given_rows(tmp_path / "bad.csv", "ann")
