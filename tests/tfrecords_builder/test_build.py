"""From a corpus to a data set: what it contains."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tfrecords_builder.build import build
from vfgan.config.data import BuildConfig, CropConfig
from vfgan.config.serialise import to_dict
from vfgan.data.dataset import DataSet
from vfgan.data.schema import NAMES, VERSION
from vfgan.emotions import EMOTIONS
from vfgan.face.crop import crop_matrix
from vfgan.face.finder import find_face
from vfgan.media.audio import load_waveform
from vfgan.media.video import read_frames
from vfgan.storage.files import digest_file, read_json
from vfgan.voice import mfsc

pytestmark = pytest.mark.medium


@pytest.fixture(scope="session")
def records(dataset):
    return list(DataSet(dataset).records(("train", "validation", "test")))


def test_manifest_counts_what_there_is(dataset, build_config, records):
    manifest = read_json(dataset / "manifest.json")
    assert manifest["schema_version"] == VERSION
    assert manifest["config"] == to_dict(build_config)
    assert (manifest["clips"], manifest["rejected"], manifest["split_by"]) == (24, 0, {"ravdess": "actor"})
    assert [row["name"] for row in manifest["schema"]] == list(NAMES)
    for split, actor in (("train", "01"), ("validation", "02"), ("test", "03")):
        count = manifest["counts"][split]
        assert count["clips"] == 8
        assert count["actor"] == {actor: 8}
        assert count["emotion"] == dict.fromkeys(EMOTIONS, 1)
    assert manifest["faces"] == sum(len(record["faces"]) for record in records)
    assert manifest["faces"] == sum(count["faces"] for count in manifest["counts"].values())
    seconds = sum(record["num_samples"] for record in records) / 16_000
    assert manifest["seconds_of_sound"] == pytest.approx(seconds, abs=0.05)
    assert [shard["name"] for shard in manifest["shards"]] == [
        f"{split}-{index:05d}-of-00002.tfrecord" for split in ("train", "validation", "test") for index in (0, 1)
    ]
    for shard in manifest["shards"]:
        assert shard["digest"] == digest_file(dataset / shard["name"])
    assert not list(dataset.rglob(".part-*"))


def test_statistics_are_those_of_the_training_voices(dataset):
    planes = np.concatenate([record["mfsc"] for record in DataSet(dataset).records(["train"])])
    statistics = read_json(dataset / "manifest.json")["mfsc_statistics"]
    np.testing.assert_allclose(statistics["mean"], planes.mean(axis=0, dtype=float), atol=1e-4)
    np.testing.assert_allclose(statistics["deviation"], planes.std(axis=0, dtype=float), atol=1e-3)


def test_tables_list_every_clip(dataset, records, heads, rows_of):
    rows = rows_of(dataset / "dataset.csv")
    assert [row["clip_id"] for row in rows] == sorted(record["clip_id"] for record in records)
    by_id = {record["clip_id"]: record for record in records}
    for row in rows:
        record = by_id[row["clip_id"]]
        assert row["emotion"] == EMOTIONS[record["emotion"]]
        assert int(row["faces"]) == len(record["faces"])
        assert float(row["seconds"]) == pytest.approx(record["num_samples"] / 16_000, abs=1e-3)
        assert float(row["mean_mouth_opening"]) == pytest.approx(record["mouth_opening"].mean(), abs=1e-3)
        assert Path(row["files"]).is_relative_to(heads)
    assert rows_of(dataset / "rejected.csv") == []
    assert (dataset / "rejected.csv").read_text() == "clip_id,kept,reason\n"


def test_records_hold_every_field_in_shapes_that_agree(records, build_config):
    assert len(records) == 24
    for record in records:
        assert tuple(sorted(record)) == tuple(sorted(NAMES))
        assert record["clip_id"] == f"ravdess/01-{record['emotion'] + 1:02d}-01-01-01-{record['actor']}"
        labels = ("corpus", "intensity", "statement", "repetition", "channel", "modality", "sample_rate_hz")
        assert [record[name] for name in labels] == ["ravdess", 1, 1, 1, "speech", "full-av", 16_000]
        frames = len(record["mfsc"])
        assert record["mfsc"].shape == (frames, 40, 3)
        assert record["mfsc_times"].shape == (frames,)
        assert frames == pytest.approx(record["num_samples"] / (16_000 * build_config.mfsc.frame_seconds), abs=2)
        assert record["waveform"].shape == (record["num_samples"],)
        faces = len(record["faces"])
        assert faces >= 2
        assert record["face_times"].shape == record["mouth_opening"].shape == record["eye_opening"].shape == (faces,)
        assert record["face_boxes"].shape == record["eye_centres"].shape == (faces, 4)
        assert record["head_pose"].shape == (faces, 3)
        assert (record["landmarks"].shape, record["landmarks"].dtype) == ((faces, 468, 2), np.float16)
        assert record["face_confidence"].shape == record["sharpness"].shape == (faces,)
        assert record["frames_seen"] == faces
        assert record["face_confidence"].min() > 0.9
        # of a video of 12.5 frames/s the first at or after each quarter of a second
        due = np.ceil(np.arange(faces) / build_config.face_fps * 12.5 - 1e-6) / 12.5
        np.testing.assert_allclose(record["face_times"], due, atol=1e-3)
        for content in record["faces"]:
            assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED).shape == (128, 128, 3)


def test_voices_are_those_of_the_files(records, heads, build_config):
    for record in records[::6]:
        waveform = load_waveform(next(heads.rglob(f"01-{record['clip_id'].partition('/')[2]}.mp4")))
        np.testing.assert_array_equal(record["waveform"], waveform)
        planes = mfsc.mfsc_of_waveform(waveform, build_config.mfsc)
        np.testing.assert_array_equal(record["mfsc"], planes)
        np.testing.assert_array_equal(record["mfsc_times"], mfsc.frame_times(len(planes), build_config.mfsc))


def test_crops_are_those_of_the_frames_with_the_eyes_in_place(records, heads, build_config):
    from vfgan.face.crop import warp_crop
    from vfgan.face.finder import FaceFinder

    crop = build_config.crop
    with FaceFinder() as finder:
        for record in records[::5]:
            path = next(heads.rglob(f"01-{record['clip_id'].partition('/')[2]}.mp4"))
            frames = list(read_frames(path))
            for index, content in enumerate(record["faces"]):
                bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
                near = np.argmin([abs(when - record["face_times"][index]) for when, _ in frames])
                face = find_face(finder, frames[near][1], path.name)
                # the frame's landmarks without tracking differ a little from those with it
                again = warp_crop(frames[near][1], crop_matrix(face, crop, crop.size_px), crop.size_px)
                assert np.abs(again.astype(int) - bgr[..., ::-1]).mean() < 12
                assert np.abs(face.eye_centres.ravel() - record["eye_centres"][index]).max() < 4
                found = find_face(finder, cv2.resize(bgr[..., ::-1], (384, 384)), "crop")
                assert np.abs(found.landmarks / 384 - record["landmarks"][index]).mean() < 0.01
                eyes = found.eye_centres / 3
                assert eyes.mean(axis=0) == pytest.approx([64, crop.eye_height * 128], abs=3)
                assert abs(eyes[0, 1] - eyes[1, 1]) < 3


def test_voices_of_one_actor_are_divided_by_recording(tmp_path, corpus_of, heads):
    sounds = sorted((heads / "Actor_01").glob("*.mp4"))
    names = {f"03{path.name[2:12]}{take:02d}-01-01.mp4": path for path in sounds for take in (1, 2)}
    config = BuildConfig(validation=0.25, test=0.5)
    manifest = build([str(corpus_of(names))], tmp_path / "out", config, workers=1)
    assert manifest["split_by"] == {"ravdess": "recording"}
    assert [manifest["counts"][split]["clips"] for split in ("test", "train")] == [8, 8]
    assert read_json(tmp_path / "out" / "manifest.json")["split_by"] == {"ravdess": "recording"}


def test_inputs_are_joined_and_named_actors_held_out(tmp_path, corpus_of, heads, tone_wav, rows_of):
    faces = corpus_of({path.name: path for path in heads.rglob("01-01-0[13]*.mp4")}, "faces")
    voice = corpus_of({"03-01-03-01-01-01-02.wav": tone_wav}, "voice")
    config = BuildConfig(face_fps=2.0, test_actors=("01",), keep_waveform=True)
    manifest = build([f"ravdess:{voice}", f"ravdess:{faces}"], tmp_path / "out", config, workers=1)
    assert manifest["counts"]["test"]["actor"] == {"01": 2}
    records = {r["clip_id"]: r for r in DataSet(tmp_path / "out").records(("train", "validation", "test"))}
    joined = records["ravdess/01-03-01-01-01-02"]
    assert joined["num_samples"] == 16_000
    np.testing.assert_array_equal(joined["waveform"], load_waveform(tone_wav))
    assert len(joined["faces"]) > 0
    files = {row["clip_id"]: row["files"] for row in rows_of(tmp_path / "out" / "dataset.csv")}
    assert files[joined["clip_id"]] == f"{voice / '03-01-03-01-01-01-02.wav'} {faces / '01-01-03-01-01-01-02.mp4'}"


@pytest.fixture
def tone_wav(tmp_path):
    """One second of a tone that rises."""
    import soundfile

    seconds = np.arange(16_000) / 16_000
    soundfile.write(tmp_path / "tone.wav", 0.4 * np.sin(2 * np.pi * (200 + 100 * seconds) * seconds), 16_000)
    return tmp_path / "tone.wav"


def test_pictures_of_people_and_small_ones_without_landmarks(tmp_path, corpus_of, heads, rows_of):
    frame = next(read_frames(next(heads.rglob("*.mp4"))))[1]
    face = cv2.imencode(".png", frame[..., ::-1])[1].tobytes()
    noise = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
    small, large = (cv2.imencode(".png", picture)[1].tobytes() for picture in (noise, cv2.resize(noise, (600, 600))))
    people = corpus_of({f"{e}/{n}.png": face for e in ("neutral", "smiling") for n in ("ann", "bob", "cy")}, "people")
    wild = corpus_of({"disgust/small.png": small, "disgust/large.png": large}, "wild")
    config = BuildConfig(crop=CropConfig(size_px=128))
    manifest = build([f"people:{people}", f"images:{wild}"], tmp_path / "out", config, workers=1)
    assert manifest["split_by"] == {"people": "actor", "wild": "recording"}
    assert (manifest["clips"], manifest["rejected"], manifest["seconds_of_sound"]) == (7, 1, 0)
    assert manifest["mfsc_statistics"] is None
    (rejected,) = rows_of(tmp_path / "out" / "rejected.csv")
    assert rejected["clip_id"] == "wild/disgust/large"
    assert "no face found in 600x600 pixels" in rejected["reason"]
    records = {r["clip_id"]: r for r in DataSet(tmp_path / "out").records(("train", "validation", "test"))}
    whole = records["wild/disgust/small"]
    assert np.isnan(whole["eye_centres"]).all()
    assert np.isnan(whole["mouth_opening"]).all()
    crop = cv2.imdecode(np.frombuffer(whole["faces"][0], np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.corrcoef(cv2.resize(crop, (48, 48), interpolation=cv2.INTER_AREA).ravel(), noise.ravel())[0, 1] > 0.7
    ann = records["people/smiling/ann"]
    assert (ann["actor"], EMOTIONS[ann["emotion"]], ann["modality"]) == ("ann", "happy", "image")
    assert np.isfinite(ann["eye_centres"]).all()
    assert len(ann["mfsc"]) == 0


@pytest.mark.real
def test_real_originals_become_records(tmp_path, real_data):
    config = BuildConfig(face_fps=3.0, split="recording", test=0.0, validation=0.0)
    manifest = build([f"ravdess:{real_data / 'ravdess_original'}"], tmp_path, config, workers=1)
    assert manifest["rejected"] == 0
    records = list(DataSet(tmp_path).records(["train"]))
    kinds = sorted(record["modality"] for record in records)
    assert "full-av" in kinds
    assert "audio-only" in kinds
    for record in records:
        assert (record["num_samples"] > 0) == (record["modality"] != "video-only")
        if record["modality"] != "audio-only":
            assert len(record["faces"]) >= 8
            assert 0.5 < np.median(record["eye_centres"][:, 1] - record["face_boxes"][:, 1]) < 400
