"""Faces of a data set: luma of the crops, their place beside the voice, and halves that share no recording."""

import json
import shutil

import cv2
import numpy as np
import pytest
import tensorflow as tf

from vfgan.data.dataset import DataSet
from vfgan.data.face_set import Faces, load_faces, merge_faces, take_half
from vfgan.emotions import FACE_LABEL
from vfgan.errors import MediaError
from vfgan.face.pixels import luma_uint8
from vfgan.voice.windows import active_frames

ALL = ("train", "validation", "test")


@pytest.fixture
def copy(tmp_path, dataset):
    return shutil.copytree(dataset, tmp_path / "copy")


def change_manifest(folder, **values):
    manifest = json.loads((folder / "manifest.json").read_text()) | values
    (folder / "manifest.json").write_text(json.dumps(manifest))


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
            if index == 0:
                rgb = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
                luma = luma_uint8(rgb)
                luma = luma[..., 0] if luma.ndim == 3 else luma
                side = min(size_px, 128)
                shown, expected = (
                    cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA).astype(int)
                    for picture in (faces.pixels[position][..., 0], luma)
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


def faces_of(rows, actors=("01",)):
    """Faces of (emotion, intensity, statement, repetition) of some actors, two of each clip."""
    rows = [row for row in rows for _ in range(2)]
    columns = {"emotion": 0, "intensity": 1, "statement": 2}
    values = {name: np.array([row[column] for row in rows], np.int32) for name, column in columns.items()}
    zeros = np.zeros(len(rows), np.float32)
    parts = [
        Faces(
            pixels=np.zeros((len(rows), 8, 8, 1), np.uint8), voice_phase=zeros.astype(np.int32), time=zeros,
            mouth_opening=zeros, actor=np.array([actor] * len(rows)),
            clip_id=np.array(["ravdess/" + "-".join(map(str, row)) + f"-{actor}" for row in rows]), **values,
        )
        for actor in actors
    ]  # fmt: skip
    return merge_faces(parts)


def test_halves_keep_repetitions_together_with_every_emotion():
    sentences = [(0, 1, 1, 1), (0, 1, 1, 2)]  # neutral: one sentence said twice
    sentences += [(e, i, s, r) for e in (2, 3) for i in (1, 2) for s in (1, 2) for r in (1, 2)]
    first, second = (take_half(faces_of(sentences), half) for half in ("first", "second"))
    for half in (first, second):
        assert np.bincount(half.emotion).tolist() == [2, 0, 8, 8]
    said = [
        {tuple(c.split("-")[:3]) for c in half.clip_id if not c.startswith("ravdess/0")} for half in (first, second)
    ]
    assert not said[0] & said[1]


def test_of_one_sentence_both_halves_have_everyone():
    rows = [(0, 1, 1, 1), *((e, i, 1, 1) for e in (2, 3) for i in (1, 2))]
    faces = faces_of(rows, actors=("01", "02", "03", "04"))
    first, second = (take_half(faces, half) for half in ("first", "second"))
    assert not set(first.clip_id) & set(second.clip_id)
    assert len(first) + len(second) == len(faces)
    for half in (first, second):
        assert set(half.actor) == {"01", "02", "03", "04"}
        for emotion in (2, 3):
            assert np.bincount(half.intensity[half.emotion == emotion]).tolist() == [0, 4, 4]


def test_pictures_without_a_statement_are_halved_one_by_one():
    rows = [(e, 0, 0, n) for e in (2, 3) for n in range(50)]
    first = take_half(faces_of(rows), "first")
    assert np.bincount(first.emotion).tolist() == [0, 0, 50, 50]
