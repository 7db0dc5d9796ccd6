"""A data set read back: what is refused, and what voices and faces come out."""

import json
import shutil

import cv2
import numpy as np
import pytest
import tensorflow as tf

from vfgan.data import schema
from vfgan.data.dataset import DataSet
from vfgan.data.face_set import Faces, load_faces, merge_faces, take_half
from vfgan.data.voice_set import load_voices
from vfgan.emotions import FACE_LABEL
from vfgan.errors import MediaError, SchemaError
from vfgan.face.pixels import luma_uint8
from vfgan.voice.mfsc import frame_loudness
from vfgan.voice.windows import active_frames, level_free

ALL = ("train", "validation", "test")


@pytest.fixture
def copy(tmp_path, dataset):
    return shutil.copytree(dataset, tmp_path / "copy")


def change_manifest(folder, **values):
    manifest = json.loads((folder / "manifest.json").read_text()) | values
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_no_data_set_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(SchemaError, match=r"holds no finished data set \(no manifest\.json\): run `vfgan build`"):
            DataSet(folder)


@pytest.mark.parametrize("version", [0, 99, None, "1"])
def test_another_version_is_refused_by_its_field(copy, version):
    change_manifest(copy, schema_version=version)
    with pytest.raises(
        SchemaError, match=rf"schema_version is {version}, this vfgan reads {schema.VERSION}.*vfgan build --in"
    ):
        DataSet(copy)


def test_a_configuration_of_another_version_is_refused_by_its_field(copy):
    config = json.loads((copy / "manifest.json").read_text())["config"]
    config["mfsc"]["vocoder"] = 3
    change_manifest(copy, config=config)
    with pytest.raises(SchemaError, match=r"manifest\.config\.mfsc: unknown field 'vocoder'"):
        DataSet(copy)


def test_a_manifest_that_is_no_json_is_refused(copy):
    (copy / "manifest.json").write_text("{")
    with pytest.raises(SchemaError, match="no readable JSON"):
        DataSet(copy)


def test_a_missing_shard_is_refused_by_name(copy):
    (copy / "train-00001-of-00002.tfrecord").unlink()
    with pytest.raises(SchemaError, match=r"train-00001-of-00002\.tfrecord is missing"):
        list(DataSet(copy).records(["train"]))
    assert len(list(DataSet(copy).records(["test"]))) == 8
    with pytest.raises(SchemaError, match=r"train-00001-of-00002\.tfrecord is not what the manifest describes"):
        DataSet(copy).verify()


@pytest.mark.parametrize("how", ["flipped", "cut"])
def test_a_damaged_shard_is_refused_by_name(copy, how):
    path = copy / "validation-00000-of-00002.tfrecord"
    content = bytearray(path.read_bytes())
    if how == "cut":
        content = content[:-100]
    else:
        content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(SchemaError, match=r"validation-00000-of-00002\.tfrecord is damaged"):
        list(DataSet(copy).records(["validation"]))
    with pytest.raises(SchemaError, match=r"validation-00000-of-00002\.tfrecord is not what"):
        DataSet(copy).verify()


def test_a_record_of_other_fields_is_refused_by_their_names(copy):
    path = copy / "test-00000-of-00002.tfrecord"
    example = tf.train.Example.FromString(next(tf.data.TFRecordDataset(str(path)).as_numpy_iterator()))
    del example.features.feature["actor"]
    example.features.feature["mood"].int64_list.value.append(1)
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(example.SerializeToString())
    with pytest.raises(SchemaError, match=rf"other fields than version {schema.VERSION}: \['actor', 'mood'\]"):
        list(DataSet(copy).records(["test"]))


def test_an_undamaged_data_set_verifies_also_elsewhere(copy):
    DataSet(copy).verify()


def test_voices_are_the_level_free_mfsc_of_the_records(dataset, build_config):
    data = DataSet(dataset)
    voices = load_voices(data, ALL)
    records = sorted(data.records(ALL), key=lambda record: record["clip_id"])
    assert len(voices) == len(records) == 24
    assert voices.clip_id.tolist() == [record["clip_id"] for record in records]
    assert voices.actor.tolist() == [record["actor"] for record in records]
    assert voices.emotion.tolist() == [record["emotion"] for record in records]
    assert voices.starts[-1] == len(voices.planes) == len(voices.active)
    for index in (0, 7, 23):
        planes = records[index]["mfsc"]
        active = active_frames(tf.constant(planes[None]), tf.constant([len(planes)]), build_config.mfsc)
        expected = level_free(tf.constant(planes[None]), active, tf.constant([len(planes)]), build_config.mfsc)[
            0
        ].numpy()
        np.testing.assert_allclose(voices.clip(index), expected, atol=1e-5)
        mine = voices.active[voices.starts[index] : voices.starts[index + 1]]
        np.testing.assert_array_equal(mine, active[0].numpy() > 0)
        loud = frame_loudness(tf.constant(voices.clip(index)[mine, :, 0]))
        assert float(tf.reduce_mean(loud)) == pytest.approx(0, abs=1e-2)


def test_voices_of_some_splits_and_actors(dataset):
    data = DataSet(dataset)
    assert set(load_voices(data, ["test"]).actor) == {"03"}
    assert set(load_voices(data, ALL, ["01", "03"]).actor) == {"01", "03"}
    assert len(load_voices(data, ["train"], ["01"])) == 8
    with pytest.raises(MediaError, match="no voices of actors 02, 09 in train"):
        load_voices(data, ["train"], ["02", "09"])


@pytest.mark.parametrize("size_px", [64, 128, 256])
def test_faces_are_the_luma_of_the_crops(dataset, size_px):
    data = DataSet(dataset)
    faces = load_faces(data, ALL, size_px)
    records = sorted(data.records(ALL), key=lambda record: record["clip_id"])
    assert len(faces) == sum(len(record["faces"]) for record in records)
    assert faces.pixels.shape == (len(faces), size_px, size_px, 1)
    assert faces.pixels.dtype == np.uint8
    position = 0
    for record in records:
        for index, content in enumerate(record["faces"]):
            assert faces.clip_id[position] == record["clip_id"]
            assert faces.actor[position] == record["actor"]
            assert faces.emotion[position] == FACE_LABEL[record["emotion"]]
            assert faces.time[position] == record["face_times"][index]
            assert faces.mouth_opening[position] == record["mouth_opening"][index]
            np.testing.assert_array_equal(faces.landmarks[position], record["landmarks"][index])
            if index == 0:
                rgb = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
                luma = luma_uint8(rgb)
                luma = luma[..., 0] if luma.ndim == 3 else luma
                side = min(size_px, 128)
                shown, expected = (
                    cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA).astype(int)
                    for picture in (faces.pixels[position, ..., 0], luma)
                )
                assert np.abs(shown - expected).mean() < 1.5
            position += 1


def test_faces_before_and_after_the_voice_are_told_apart(dataset, build_config):
    data = DataSet(dataset)
    faces = load_faces(data, ALL, 64)
    for record in list(data.records(ALL))[::5]:
        mine = faces.where(faces.clip_id == record["clip_id"])
        _, active = (
            record["mfsc"],
            active_frames(tf.constant(record["mfsc"][None]), tf.constant([len(record["mfsc"])]), build_config.mfsc)[0],
        )
        heard = record["mfsc_times"][active.numpy() > 0]
        np.testing.assert_array_equal(mine.voice_phase == 0, (mine.time >= heard[0]) & (mine.time <= heard[-1]))
        np.testing.assert_array_equal(mine.voice_phase == -1, mine.time < heard[0])
    assert set(faces.showing.voice_phase) == {0}
    assert 0 < len(faces.showing) < len(faces)


def test_too_small_crops_and_no_faces_are_errors(dataset, tmp_path, copy):
    with pytest.raises(MediaError, match="crops have 128 px, 272 are asked for"):
        load_faces(DataSet(dataset), ALL, 272)
    manifest = json.loads((copy / "manifest.json").read_text())
    change_manifest(copy, shards=[shard for shard in manifest["shards"] if shard["split"] != "test"])
    with pytest.raises(MediaError, match="no faces in test"):
        load_faces(DataSet(copy), ["test"], 64)


def test_halves_are_disjoint_and_make_the_whole(dataset):
    faces = load_faces(DataSet(dataset), ALL, 64)
    first, second = take_half(faces, "first"), take_half(faces, "second")
    assert len(first) > 0
    assert len(second) > 0
    assert not set(first.clip_id) & set(second.clip_id)
    assert len(first) + len(second) == len(faces) == len(take_half(faces, "all"))
    merged = merge_faces([first, second])
    assert sorted(zip(merged.clip_id, merged.time)) == sorted(zip(faces.clip_id, faces.time))


def faces_of(rows):
    """Faces of (emotion, intensity, statement, repetition) of one actor, two of each clip."""
    rows = [row for row in rows for _ in range(2)]
    columns = {"emotion": 0, "intensity": 1, "statement": 2}
    values = {name: np.array([row[column] for row in rows], np.int32) for name, column in columns.items()}
    zeros = np.zeros(len(rows), np.float32)
    return Faces(
        pixels=np.zeros((len(rows), 8, 8, 1), np.uint8), voiced=zeros.astype(np.int32), time=zeros,
        mouth_opening=zeros, actor=np.array(["01"] * len(rows)),
        clip_id=np.array(["ravdess/" + "-".join(map(str, row)) for row in rows]), **values,
    )  # fmt: skip


def test_halves_keep_repetitions_together_and_have_every_emotion():
    sentences = [(0, 1, 1, 1), (0, 1, 1, 2)]  # neutral: one sentence said twice
    sentences += [(e, i, s, r) for e in (2, 3) for i in (1, 2) for s in (1, 2) for r in (1, 2)]
    first, second = (take_half(faces_of(sentences), half) for half in ("first", "second"))
    for half in (first, second):
        assert np.bincount(half.emotion).tolist() == [2, 0, 8, 8]
    said = [
        {tuple(c.split("-")[:3]) for c in half.clip_id if not c.startswith("ravdess/0")} for half in (first, second)
    ]
    assert not said[0] & said[1]


def test_pictures_without_a_statement_are_halved_one_by_one():
    rows = [(e, 0, 0, n) for e in (2, 3) for n in range(50)]
    first = take_half(faces_of(rows), "first")
    assert np.bincount(first.emotion).tolist() == [0, 0, 50, 50]
