"""Paths with a scheme behave as `pathlib`'s, here on TensorFlow's file system in memory and on file://."""

import pickle

import pytest

from vfgan.errors import OutputError
from vfgan.storage.files import atomic_path, digest_file, read_json, write_json
from vfgan.storage.remote import RemotePath, as_path


@pytest.fixture(params=["ram://remote", "file://"])
def folder(request, tmp_path) -> RemotePath:
    """A folder with a/1.wav, a/b/2.wav and a/b/3.txt."""
    base = as_path(f"{request.param}{tmp_path}")
    for name in ("a/1.wav", "a/b/2.wav", "a/b/3.txt"):
        with atomic_path(base / name) as temporary:
            temporary.write_text(name)
    return base


def test_names():
    path = as_path("gs://bucket/corpus") / "Actor_01" / "a.tar.gz"
    assert str(path) == "gs://bucket/corpus/Actor_01/a.tar.gz"
    assert (path.name, path.stem, path.suffix) == ("a.tar.gz", "a.tar", ".gz")
    assert str(path.parent) == "gs://bucket/corpus/Actor_01"
    assert str(path.relative_to(as_path("gs://bucket/corpus"))) == "Actor_01/a.tar.gz"
    assert str(as_path("file:///a") / "b") == "file:///a/b"
    assert pickle.loads(pickle.dumps(path)) == path
    assert not isinstance(as_path("/gs:/a"), RemotePath)


def test_finding_and_reading(folder):
    assert [str(path.relative_to(folder)) for path in folder.rglob("*")] == [
        "a",
        "a/1.wav",
        "a/b",
        "a/b/2.wav",
        "a/b/3.txt",
    ]
    assert [path.name for path in folder.rglob("*.wav") if path.is_file()] == ["1.wav", "2.wav"]
    assert [path.name for path in (folder / "a").glob("?.wav")] == ["1.wav"]
    assert [(folder / name).is_dir() for name in ("a", "a/b/3.txt", "absent")] == [True, False, False]
    assert [(folder / name).is_file() for name in ("a", "a/b/3.txt", "absent")] == [False, True, False]
    assert (folder / "a/1.wav").read_text() == "a/1.wav"
    assert (folder / "a/1.wav").stat().st_size == 7
    assert not list((folder / "absent").rglob("*"))
    for ask in (lambda path: path.stat(), lambda path: path.read_text(), lambda path: list(path.iterdir())):
        with pytest.raises(FileNotFoundError):
            ask(folder / "absent")


def test_writing_whole_or_not_at_all(folder, tmp_path):
    write_json(folder / "new/x.json", {"a": 1})
    write_json(folder / "new/x.json", {"a": 2})
    assert read_json(folder / "new/x.json") == {"a": 2}
    (tmp_path / "same").write_text("a/1.wav")
    assert digest_file(folder / "a/1.wav") == digest_file(tmp_path / "same")
    with pytest.raises(ZeroDivisionError), atomic_path(folder / "new/x.json") as temporary:
        temporary.write_text("half")
        _ = 1 / 0
    assert [path.name for path in (folder / "new").iterdir()] == ["x.json"]
    (folder / "new/x.json").unlink()
    (folder / "new/x.json").unlink(missing_ok=True)
    with pytest.raises(FileNotFoundError):
        (folder / "new/x.json").unlink()


def test_a_place_that_nobody_knows_is_named():
    with pytest.raises(OutputError, match=r"cannot write nowhere://a/b\.json: .*'nowhere' not implemented"):
        write_json(as_path("nowhere://a/b.json"), {})
