"""Footage -> the builder's table, and what is said of the footage."""

import csv
import dataclasses

import numpy as np
import pytest

from pipelines.reports import footage_table
from pipelines.reports.footage_table import given_rows, heard_rows, write_table
from vfgan.data.footage_report import Findings, by_face
from vfgan.emotions import EMOTIONS
from vfgan.errors import ConfigError, MediaError
from vfgan.generate.listener import UtteranceEmotion

GOOD = Findings(40, 900, 0.98, 90.0, 120.0, 200.0, 150.0, 10.0, {"neutral": 60.0, "happy": 30.0})


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


def test_each_utterance_has_the_emotion_that_is_heard_and_rare_ones_are_left_out(heard, tmp_path):
    rows, rare = heard("happy4-sad2.mp4", "calm2-neutral2.mp4")
    assert [(row["emotion"], row["start"], row["end"]) for row in rows] == [
        ("happy", "0.00", "4.00"), ("calm", "0.00", "2.00"), ("neutral", "3.00", "5.00"),
    ]  # fmt: skip
    assert rare == {"sad": 2.0}  # calm and neutral are one face: 4 s together
    assert {row["speaker"] for row in rows} == {"ann"}
    assert rows[0]["file"] == str(tmp_path / "happy4-sad2.mp4")


def test_footage_without_a_voice(monkeypatch, tmp_path):
    class Deaf(Hears):
        def listen(self, path):
            return iter(())

    monkeypatch.setattr("vfgan.generate.listener.Listener", Deaf)
    with pytest.raises(MediaError, match=r"mute\.mp4: no voice found"):
        heard_rows([tmp_path / "mute.mp4"], tmp_path, "ann", lambda done, total: None)


def test_a_table_of_ones_own_keeps_its_emotions_and_what_explains_them(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.csv").write_text("file,emotion,start\nclip.mp4,wut,1:05\n")
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


def test_what_is_too_little_is_said():
    assert GOOD.too_little() == ""
    assert "seen for 12 s of speech: expected at least 20" in dataclasses.replace(GOOD, face_seconds=12.0).too_little()
    assert "neutral alone" in dataclasses.replace(GOOD, emotions={"neutral": 90.0}).too_little()
    assert GOOD.weak() == ["not in it, so not learnt of this person: sad, angry, fearful, disgust, surprised"]
    poor = dataclasses.replace(GOOD, face_px=40.0, sharpness=5.0, share_with_face=0.5, head_turn_degrees=45.0)
    assert [text.split(":")[0] for text in poor.weak()[:4]] == [
        "the face is 40 px wide", "the face is blurred", "50% of the frames have no face",
        "the head is often turned aside",
    ]  # fmt: skip
    assert any("neutral 60 s, happy 30 s" in line for line in GOOD.lines())


def test_calm_and_neutral_have_one_face():
    assert by_face({"calm": 1.0, "neutral": 2.0, "sad": 0.0}) == {"neutral": 3.0}
    assert footage_table.COLUMNS == ("file", "emotion", "speaker", "start", "end")
