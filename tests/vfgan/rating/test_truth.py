"""Answers meet the truth in the report, whatever numbers the items had."""

import dataclasses
import json

import numpy as np
import pytest

from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import ConfigError, SchemaError
from vfgan.rating.answers import Answer, Answers, key_path
from vfgan.rating.config import RatingConfig
from vfgan.rating.items import read_items
from vfgan.rating.truth import join, key_of, number_items
from vfgan.storage.files import write_json


def write_answers(folder, path, rater, seed, count=8):
    """Says of every item its emotion, its strength, and that it is real: in the order of the table."""
    items = read_items(folder)
    numbers = number_items(items, seed)
    write_json(key_path(path), key_of(items, numbers, RatingConfig(seed=seed)))
    answers = Answers(path)
    for order, (item, number) in enumerate(zip(items, numbers), start=1):
        if order <= count:
            strength = 3 if np.isnan(item.strength) else int(item.strength)
            answers.put(Answer(rater, number, item.kind, item.emotion, strength, True, 1.0, order, seed))


def test_numbers_tell_nothing_of_the_table():
    numbers = number_items([None] * 50, 1)
    assert sorted(numbers) == list(range(1, 51))
    assert numbers == number_items([None] * 50, 1)
    assert abs(np.corrcoef(numbers, range(50))[0, 1]) < 0.3


def test_files_of_other_seeds_meet(rated_faces, tmp_path):
    write_answers(rated_faces, tmp_path / "a.csv", "Anna", 1)
    write_answers(rated_faces, tmp_path / "b.csv", "Bert", 2, count=5)
    (kind, found), *others = join([tmp_path / "a.csv", tmp_path / "b.csv"]).items()
    assert (kind, others, len(found)) == ("face", [], 13)
    assert (found.seen_emotion == found.emotion).all()
    assert (found.seen_strength == found.strength).all()
    assert found.taken_for_real.all()
    shared = {rater: set(found.item[found.rater == rater].tolist()) for rater in (0, 1)}
    assert shared[1] < shared[0]
    names = {FACE_EMOTIONS[emotion] for emotion in found.emotion[found.made]}
    assert names == {"happy", "sad"}


def test_faces_and_videos_are_kept_apart(rated_faces, rated_videos, tmp_path):
    write_answers(rated_faces, tmp_path / "a.csv", "Anna", 1)
    write_answers(rated_videos, tmp_path / "b.csv", "Anna", 1)
    joined = join([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert {kind: len(found) for kind, found in joined.items()} == {"face": 8, "video": 2}
    assert np.isnan(joined["video"].strength).all()


def test_what_does_not_belong_together_is_named(rated_faces, tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    write_answers(rated_faces, first, "Anna", 1)
    write_answers(rated_faces, second, "Anna", 2)
    with pytest.raises(ConfigError, match=r"b.csv: Anna has rated made-0.png in another file, too"):
        join([first, second])
    key = json.loads(key_path(second).read_text())
    write_json(key_path(second), key | {"seed": 5})
    with pytest.raises(SchemaError, match=r"b.csv: item \d of seed 2 is not in b.key.json"):
        join([second])
    for item in key["items"].values():
        item["emotion"] = "angry"
    write_json(key_path(second), key)
    with pytest.raises(SchemaError, match=r"b.key.json says something else of made-0.png than another key"):
        join([first, second])
    key_path(second).unlink()
    with pytest.raises(SchemaError, match=r"b.key.json does not exist: expected it beside b.csv"):
        join([second])
    with pytest.raises(SchemaError, match=r"none.csv does not exist: expected answers"):
        join([tmp_path / "none.csv"])
    first.write_text(first.read_text().splitlines()[0] + "\n")
    with pytest.raises(ConfigError, match=r"a.csv has no answers yet"):
        join([first])


def test_the_same_picture_twice_is_refused(rated_faces):
    items = read_items(rated_faces)
    copy = dataclasses.replace(items[1], path=items[0].path.with_name("copy.png"))
    copy.path.write_bytes(items[0].path.read_bytes())
    with pytest.raises(ConfigError, match=r"copy.png is the same as made-0.png"):
        key_of([items[0], copy], [1, 2], RatingConfig())
    copy.path.unlink()
