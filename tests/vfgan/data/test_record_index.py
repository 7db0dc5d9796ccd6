"""The index beside a shard: what it says is in the shard, and it is never taken for another one's."""

import shutil

import numpy as np
import pytest

from vfgan.data import record_index
from vfgan.data.dataset import DataSet
from vfgan.data.face_set import load_faces
from vfgan.data.record_index import derive_index, index_path
from vfgan.data.voice_set import load_voices
from vfgan.errors import OutputError, SchemaError
from vfgan.storage.files import digest_file
from vfgan.storage.ranges import read_range

ALL = ("train", "validation", "test")
NAME = "train-00001-of-00002"


@pytest.fixture
def copy(tmp_path, dataset):
    return shutil.copytree(dataset, tmp_path / "copy")


@pytest.fixture
def no_deriving(monkeypatch):
    def refuse(*_):
        raise AssertionError("a shard was read")

    monkeypatch.setattr(record_index, "derive_index", refuse)


def test_the_index_leads_to_what_the_records_hold(dataset):
    data = DataSet(dataset)
    index = data.index(ALL)
    records = sorted(data.records(ALL), key=lambda record: record["clip_id"])
    assert len(index) == len(records) == 24
    face = 0
    for clip, record in enumerate(records):
        assert {name: index.clips[name][clip] for name in ("clip_id", "actor", "channel", "emotion", "intensity")} == {
            name: record[name] for name in ("clip_id", "actor", "channel", "emotion", "intensity")
        }
        path, columns = index.paths[index.shard[clip]], index.clips
        planes = read_range(path, columns["mfsc_offset"][clip], record["mfsc"].nbytes, columns["mfsc_crc"][clip])
        np.testing.assert_array_equal(np.frombuffer(planes, "<f4").reshape(record["mfsc"].shape), record["mfsc"])
        assert (columns["frames"][clip], columns["faces"][clip]) == (len(record["mfsc"]), len(record["faces"]))
        for content in record["faces"]:
            place = (index.faces[name][face] for name in ("picture_offset", "picture_bytes", "picture_crc"))
            assert read_range(path, *place) == content
            face += 1
    assert face == len(index.faces["time"])


def test_landmarks_are_those_of_the_records(dataset):
    data = DataSet(dataset)
    faces = load_faces(data, ALL, 64)
    records = sorted(data.records(ALL), key=lambda record: record["clip_id"])
    expected = np.concatenate([record["landmarks"] for record in records]).astype(np.float32)
    np.testing.assert_array_equal(faces.landmarks[:], expected)


def test_the_builders_index_is_all_that_a_start_reads(dataset, no_deriving):
    data = DataSet(dataset)
    assert len(load_voices(data, ALL)) == 24
    assert len(load_faces(data, ["train"], 64)) > 0


def test_each_index_is_read_once(dataset, monkeypatch):
    asked = []
    real = record_index.read_index
    monkeypatch.setattr(record_index, "read_index", lambda shard, digest: asked.append(shard) or real(shard, digest))
    data = DataSet(dataset)
    for splits in (["train"], ALL, ["train", "test"]):
        load_voices(data, splits)
        load_faces(data, splits, 64)
    assert len(asked) == len(set(asked)) == 6


@pytest.mark.parametrize("how", ["missing", "cut", "no index", "another version", "another shard's"])
def test_a_useless_index_is_made_again_the_same(copy, dataset, how, monkeypatch):
    path = copy / f"{NAME}.index"
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "another shard's":
        shutil.copy(copy / "test-00000-of-00002.index", path)
    elif how == "another version":
        with monkeypatch.context() as patched:
            patched.setattr(record_index, "VERSION", 0)
            shard = copy / f"{NAME}.tfrecord"
            record_index.write_index(derive_index(shard, DataSet(copy).config.mfsc), shard, digest_file(shard))
        assert path.read_bytes() != content
    else:
        path.write_bytes(content[: len(content) // 2] if how == "cut" else b"\0" * 100)
    mended, whole = DataSet(copy).index(["train"]), DataSet(dataset).index(["train"])
    for name in whole.clips:
        np.testing.assert_array_equal(mended.clips[name], whole.clips[name])
    for name in whole.faces:
        np.testing.assert_array_equal(mended.faces[name], whole.faces[name])
    assert path.read_bytes() == content


def test_a_folder_that_may_only_be_read_is_read(copy, monkeypatch):
    def refuse(*_):
        raise OutputError("read-only")

    (copy / f"{NAME}.index").unlink()
    monkeypatch.setattr(record_index, "write_index", refuse)
    assert len(DataSet(copy).index(ALL)) == 24
    assert not (copy / f"{NAME}.index").exists()


def test_a_truncated_shard_is_refused_before_training(copy, no_deriving):
    path = copy / f"{NAME}.tfrecord"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SchemaError, match=rf"{NAME}\.tfrecord is damaged: it has \d+ bytes of \d+; build the data set"):
        load_voices(DataSet(copy), ["train"])
    assert len(load_voices(DataSet(copy), ["test"])) == 8


@pytest.mark.parametrize("how", ["truncated", "replaced", "gone"])
def test_a_bad_shard_without_index_is_refused(copy, how):
    path = copy / f"{NAME}.tfrecord"
    index_path(path).unlink()
    if how == "truncated":
        path.write_bytes(path.read_bytes()[:-100])
    elif how == "replaced":
        shutil.copy(copy / "test-00000-of-00002.tfrecord", path)
    else:
        path.unlink()
    says = {"truncated": "is damaged", "replaced": "is not what the manifest describes", "gone": "is missing"}[how]
    with pytest.raises(SchemaError, match=rf"{NAME}\.tfrecord {says}"):
        load_faces(DataSet(copy), ["train"], 64)
    assert not index_path(path).exists()
