"""The file of answers: whole after each one, corrected in place, claimed by one program."""

import dataclasses

import pytest

from vfgan.errors import ConfigError, OutputError, SchemaError
from vfgan.rating.answers import Answer, Answers, claimed, key_path, read_answers

ANSWER = Answer("Anna", 3, "face", "happy", 4, True, 2.5, 1, 7)
HEADER = "rater,item,kind,answer_emotion,answer_strength,answer_real,seconds,order,seed\n"


def test_answers_are_in_the_file_at_once_and_corrected_in_place(tmp_path):
    path = tmp_path / "answers.csv"
    answers = Answers(path)
    answers.put(ANSWER)
    assert path.read_text() == f"{HEADER}Anna,3,face,happy,4,yes,2.50,1,7\n"
    answers.put(Answer("Bert", 3, "face", "neutral", 0, False, 1.0, 1, 7))
    answers.put(dataclasses.replace(ANSWER, emotion="sad", real=False))
    assert path.read_text() == f"{HEADER}Anna,3,face,sad,4,no,2.50,1,7\nBert,3,face,neutral,,no,1.00,1,7\n"
    assert read_answers(path) == [*Answers(path).of("Anna").values(), *Answers(path).of("Bert").values()]
    assert [one.name for one in tmp_path.iterdir()] == ["answers.csv"]


def test_an_answer_that_cannot_be_written_is_not_kept(tmp_path):
    answers = Answers(tmp_path / "answers.csv")
    (tmp_path / "answers.csv").mkdir()
    (tmp_path / "answers.csv" / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        answers.put(ANSWER)
    assert answers.of("Anna") == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"rater": ""}, "name: expected 1 to 40 letters"),
        ({"rater": "=1+1"}, "name: expected"),
        ({"emotion": "calm"}, "emotion: expected one of neutral, happy"),
        ({"strength": 0}, "strength: expected one of"),
        ({"strength": True}, "strength: expected"),
        ({"emotion": "neutral"}, r"strength: expected one of \(0,\), got 4"),
        ({"real": "yes"}, "real: expected true or false, got 'yes'"),
        ({"seconds": float("nan")}, "seconds: expected 0 to 86400"),
        ({"seconds": None}, "seconds: expected"),
    ],
)
def test_what_is_no_answer_is_refused(change, expected):
    with pytest.raises(ConfigError, match=expected):
        dataclasses.replace(ANSWER, **change)


@pytest.mark.parametrize("row", ["Anna,3,face,happy,4,maybe,2.5,1,7", "Anna,x,face,happy,4,yes,2.5,1,7", "Anna,3"])
def test_a_row_that_is_no_answer_is_named(tmp_path, row):
    (tmp_path / "a.csv").write_text(f"{HEADER}{row}\n")
    with pytest.raises(SchemaError, match=r"a.csv, row 2 is no answer .* expected the columns rater,item"):
        Answers(tmp_path / "a.csv")


def test_a_file_belongs_to_its_items_and_to_one_program(tmp_path):
    path, key = tmp_path / "answers.csv", {"seed": 1, "items": {"1": {"digest": "a"}}}
    with claimed(path, key), pytest.raises(OutputError, match="another `vfgan rate` is writing it"), claimed(path, key):
        pass
    with claimed(path, key):  # again, when that one has ended
        Answers(path).put(ANSWER)
    with (
        pytest.raises(SchemaError, match=r"in answers.csv: seed is 2 here and 1 there"),
        claimed(path, key | {"seed": 2}),
    ):
        pass
    key_path(path).unlink()
    with pytest.raises(SchemaError, match=r"has no answers.key.json beside it"), claimed(path, key):
        pass
