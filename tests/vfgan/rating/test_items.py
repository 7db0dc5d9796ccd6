"""The table of items, and what is wrong with others."""

import math

import pytest

from tests.fixtures.rated import a_picture, write_table
from vfgan.errors import ConfigError, MediaError, VfganError
from vfgan.media.images import write_image
from vfgan.rating.items import COLUMNS, read_items
from vfgan.rating.items import write_table as write_items


def test_items_are_what_the_table_says(rated_faces, rated_videos):
    items = read_items(rated_faces)
    assert [item.made for item in items] == [True] * 4 + [False] * 4
    assert [(item.kind, item.emotion, item.strength, item.person) for item in items[:3]] == [
        ("face", "happy", 1.0, "0"), ("face", "sad", 1.0, "1"), ("face", "happy", 2.0, "2")
    ]  # fmt: skip
    assert [(item.kind, item.emotion, math.isnan(item.strength), item.person) for item in read_items(rated_videos)] == [
        ("video", "angry", True, ""), ("video", "happy", True, "")
    ]  # fmt: skip


def test_names_of_other_corpora_and_calm_are_known(tmp_path):
    for name in ("a.png", "b.png"):
        write_image(tmp_path / name, a_picture(len(name), 40, 40))
    rows = [
        {"file": "a.png", "emotion": "Fear", "truth": "real"},
        {"file": "b.png", "emotion": "calm", "truth": "made"},
    ]
    write_table(tmp_path, rows)
    assert [item.emotion for item in read_items(tmp_path)] == ["fearful", "neutral"]


GOOD = {"file": "made-0.png", "emotion": "happy", "truth": "made", "strength": "1"}


@pytest.mark.parametrize(
    ("change", "error", "expected"),
    [
        ({"emotion": "bored"}, ConfigError, "items.csv, row 2: unknown emotion 'bored'"),
        ({"truth": "fake"}, ConfigError, "row 2: truth: expected real or made, got 'fake'"),
        ({"strength": "much"}, ConfigError, "row 2: strength: expected a number or nothing, got 'much'"),
        ({"strength": "inf"}, ConfigError, "row 2: strength: expected a number"),
        ({"file": "none.png"}, MediaError, "none.png does not exist"),
        ({"file": "../items.csv"}, ConfigError, "row 2: file: expected one in the folder"),
        ({"file": ""}, ConfigError, "row 2: file: expected one in the folder, got ''"),
        ({"file": "items.csv"}, MediaError, "row 2: .*is neither a photo nor footage"),
    ],
)
def test_a_wrong_row_is_named(rated_faces, tmp_path, change, error, expected):
    (tmp_path / "made-0.png").write_bytes((rated_faces / "made-0.png").read_bytes())
    write_table(tmp_path, [GOOD | change])
    with pytest.raises(error, match=expected):
        read_items(tmp_path)


def test_a_wrong_table_is_named(rated_faces, tmp_path):
    with pytest.raises(ConfigError, match=r"items.csv does not exist: expected a folder of `vfgan evaluate --items`"):
        read_items(tmp_path)
    write_table(tmp_path, [{"file": "a.png", "emotion": "happy"}])
    with pytest.raises(
        ConfigError, match="expected the columns file,emotion,truth and a row an item; truth is missing"
    ):
        read_items(tmp_path)
    (tmp_path / "made-0.png").write_bytes((rated_faces / "made-0.png").read_bytes())
    write_table(tmp_path, [GOOD, GOOD])
    with pytest.raises(ConfigError, match="made-0.png stands in two rows"):
        read_items(tmp_path)
    (tmp_path / "items.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(VfganError, match="cannot be read as CSV in UTF-8"):
        read_items(tmp_path)


def test_what_is_written_is_read(rated_faces, tmp_path):
    (tmp_path / "made-0.png").write_bytes((rated_faces / "made-0.png").read_bytes())
    write_items(tmp_path / "items.csv", [dict.fromkeys(COLUMNS, "") | GOOD])
    (item,) = read_items(tmp_path)
    assert (item.emotion, item.made, item.strength) == ("happy", True, 1.0)
