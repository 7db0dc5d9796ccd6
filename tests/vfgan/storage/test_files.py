"""Outputs that are whole or absent."""

import hashlib
import os

import pytest

from vfgan.errors import MediaError, OutputError, SchemaError
from vfgan.storage.files import (
    atomic_path,
    check_writable,
    claim_folder,
    digest_file,
    read_json,
    write_json,
    write_text,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "deep" / "clip.mp4"
    with atomic_path(path) as temporary:
        assert temporary.suffix == ".mp4"  # encoders choose the format by it
        assert temporary.parent == path.parent  # a rename across file systems would copy
        temporary.write_bytes(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert names(path.parent) == ["clip.mp4"]


@pytest.mark.parametrize("error", [MediaError, ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("folder", [False, True])
def test_a_failure_leaves_nothing(tmp_path, error, folder):
    with pytest.raises(error), atomic_path(tmp_path / "out") as temporary:
        if folder:
            temporary.mkdir()
            (temporary / "half").write_text("half")
        else:
            temporary.write_text("half")
        raise error("stop")
    assert names(tmp_path) == []


def test_a_failure_keeps_what_was_there(tmp_path):
    (tmp_path / "out.txt").write_text("before")
    with pytest.raises(ValueError, match="stop"), atomic_path(tmp_path / "out.txt") as temporary:
        temporary.write_text("half")
        raise ValueError("stop")
    assert (tmp_path / "out.txt").read_text() == "before"
    assert names(tmp_path) == ["out.txt"]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    (target / "old").write_text("old")
    with atomic_path(target) as temporary:
        temporary.mkdir()
        (temporary / "new").write_text("new")
        assert names(target) == ["old"]
    assert names(target) == ["new"]
    assert names(tmp_path) == ["model"]


def test_what_cannot_be_renamed_is_removed(tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "inside").write_text("stays")
    with pytest.raises(OutputError, match="cannot write .*taken"), atomic_path(tmp_path / "taken") as temporary:
        temporary.write_text("a file where a folder is")
    assert names(tmp_path) == ["taken"]
    assert names(tmp_path / "taken") == ["inside"]


def test_unwritable_places(tmp_path):
    (tmp_path / "file").write_text("")  # no folder can be made under a file, not even by root
    for write in (
        lambda: write_text(tmp_path / "file" / "out.txt", ""),
        lambda: write_json(tmp_path / "file" / "deep" / "out.json", {}),
        lambda: check_writable(tmp_path / "file"),
    ):
        with pytest.raises(OutputError, match="cannot write"):
            write()


def test_check_writable_makes_the_folder_and_leaves_nothing(tmp_path):
    check_writable(tmp_path / "run" / "1")
    assert names(tmp_path / "run" / "1") == []


def test_json(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"b": [1, "ä"], "a": None})
    assert read_json(path) == {"a": None, "b": [1, "ä"]}
    assert path.read_text(encoding="utf-8").index('"a"') < path.read_text(encoding="utf-8").index('"b"')
    with pytest.raises(SchemaError, match="does not exist"):
        read_json(tmp_path / "b.json")
    for text in ("{", "[1]", "\udcff"):
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(SchemaError, match=r"a\.json"):
            read_json(path)


def test_digest(tmp_path):
    (tmp_path / "x").write_bytes(b"vfgan")
    assert digest_file(tmp_path / "x") == hashlib.sha256(b"vfgan").hexdigest()


def test_a_folder_belongs_to_what_claimed_it_first(tmp_path):
    claim_folder(tmp_path / "a", "plan.json", {"x": {"y": 1}}, "a plan")
    claim_folder(tmp_path / "a", "plan.json", {"x": {"y": 1}}, "a plan")
    with pytest.raises(SchemaError, match=r"a holds a plan: x\.y is 2 here and 1 there; choose another folder"):
        claim_folder(tmp_path / "a", "plan.json", {"x": {"y": 2}}, "a plan")
    assert read_json(tmp_path / "a" / "plan.json") == {"x": {"y": 1}}
    assert names(tmp_path / "a") == ["plan.json"]


def test_what_a_killed_process_left_is_in_nobodys_way(tmp_path):
    left = tmp_path / f".part-{os.getpid()}.model"
    left.mkdir()
    (left / "half").touch()
    with atomic_path(tmp_path / "model") as temporary:
        temporary.mkdir()
        (temporary / "whole").touch()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["model", "whole"]
