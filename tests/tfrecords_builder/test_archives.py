"""RAVDESS as downloaded: zip files, read without a shell, inside of their folder, resumable."""

import shutil
import zipfile

import numpy as np
import pytest

from tfrecords_builder import archives
from tfrecords_builder.build import build
from tfrecords_builder.inputs import gather_clips
from tfrecords_builder.splits import SPLITS
from vfgan.config.data import BuildConfig
from vfgan.data.dataset import DataSet
from vfgan.errors import MediaError, OutputError

pytestmark = pytest.mark.medium

NAME = "01-05-02-01-02-12"


@pytest.fixture
def downloaded(tmp_path):
    """downloaded({zip: {member: content}}): a folder with these zip files."""

    def make(content):
        folder = tmp_path / "download"
        for name, members in content.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
                for member, data in members.items():
                    opened.writestr(zipfile.ZipInfo(member, (2018, 4, 5, 12, 0, 0)), data, zipfile.ZIP_DEFLATED)
        return folder

    return make


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_twins_in_several_zips_and_folders_are_one_clip(tmp_path, downloaded):
    folder = downloaded({
        "Video_Speech_Actor_12.zip": {f"Actor_12/01-{NAME}.mp4": b"av", f"Actor_12/02-{NAME}.mp4": b"v"},
        "deep/Audio_Speech_Actors_01-24.zip": {f"Actor_12/03-{NAME}.wav": b"a", "Actor_12/.DS_Store": b""},
    })  # fmt: skip
    (folder / "Actor_01").mkdir()
    (folder / "Actor_01" / "03-01-01-01-01-01-01.wav").write_bytes(b"loose")
    (folder / "Video_Song_Actor_01.zip.crdownload").write_bytes(b"half")
    (folder / "Video_Song_Actor_02.zip.part").write_bytes(b"half")
    loose, joined = gather_clips([f"ravdess:{folder}"], tmp_path / "cache")
    assert loose.audio == str(folder / "Actor_01" / "03-01-01-01-01-01-01.wav")
    assert joined.audio.endswith(f"/Actor_12/03-{NAME}.wav")
    assert joined.video.endswith(f"/Actor_12/01-{NAME}.mp4")
    assert joined.audio.startswith(str(tmp_path / "cache"))
    (alone,) = gather_clips([f"ravdess:{folder / 'Video_Speech_Actor_12.zip'}"], tmp_path / "cache")
    assert alone.video == joined.video
    assert alone.audio == alone.video


def test_members_that_lead_out_of_the_folder_are_passed_over(tmp_path, downloaded):
    out = ["../../03-01-01-01-01-01-01.wav", "/tmp/03-01-02-01-01-01-01.wav", "a/../../../03-01-03-01-01-01-01.wav",
           "..\\..\\03-01-04-01-01-01-01.wav", "C:\\03-01-05-01-01-01-01.wav"]  # fmt: skip
    members = dict.fromkeys(out, b"out") | {f"x\\03-{NAME}.wav": b"in", "setup.exe": b"", "__MACOSX/._a.wav": b""}
    folder = downloaded({"a.zip": members})
    cache = tmp_path / "deep" / "er" / "cache"
    (clip,) = gather_clips([f"ravdess:{folder}"], cache)
    assert clip.key == NAME
    assert [name.split("/", 1)[1] for name in files_below(cache)] == [f"x/03-{NAME}.wav"]
    assert files_below(tmp_path / "deep") == [f"er/cache/{name}" for name in files_below(cache)]


def test_unpacking_goes_on_and_gives_the_same_time_stamps(tmp_path, downloaded, monkeypatch):
    members = {f"03-01-0{emotion}-01-01-01-01.wav": b"%d" % emotion for emotion in range(1, 9)}
    folder, cache = downloaded({"a.zip": members}), tmp_path / "cache"
    write, written = archives._write_member, []

    def stop_after_three(opened, info, path):
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append(info.filename)
        write(opened, info, path)

    monkeypatch.setattr(archives, "_write_member", stop_after_three)
    with pytest.raises(KeyboardInterrupt):
        gather_clips([f"ravdess:{folder}"], cache)
    assert len(files_below(cache)) == 3
    monkeypatch.setattr(archives, "_write_member", lambda *a: (written.append(a[1].filename), write(*a)))
    assert len(gather_clips([f"ravdess:{folder}"], cache)) == 8
    assert sorted(written) == sorted(members)  # each once
    stamps = {path.stat().st_mtime_ns for path in cache.rglob("*.wav")}
    assert stamps == {1522929600 * 10**9}


def test_damaged_archives_are_named(tmp_path, downloaded):
    folder = downloaded({"a.zip": {f"03-{NAME}.wav": bytes(range(256)) * 50}})
    path, whole = folder / "a.zip", (folder / "a.zip").read_bytes()
    broken_off = whole[: len(whole) // 2]
    turned = bytearray(whole)
    turned[80] ^= 255
    for content in (broken_off, bytes(turned), b"", b"no zip"):
        path.write_bytes(content)
        with pytest.raises(MediaError, match=r"a\.zip cannot be unpacked: .*download it again"):
            gather_clips([f"ravdess:{folder}"], tmp_path / "cache")
        assert not tmp_path.joinpath("cache").exists() or files_below(tmp_path / "cache") == []


def test_bombs_are_refused_before_anything_is_written(tmp_path, downloaded, monkeypatch):
    folder = downloaded({"a.zip": {f"03-{NAME}.wav": bytes(100 << 20)}})
    with pytest.raises(MediaError, match=r"a\.zip would grow to 0\.1 GB: at most 50 times its size"):
        gather_clips([f"ravdess:{folder}"], tmp_path / "cache")
    monkeypatch.setattr(archives, "MAX_MEMBERS", 0)
    with pytest.raises(MediaError, match=r"a\.zip has 1 files: at most 0"):
        gather_clips([f"ravdess:{folder}"], tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_too_little_space_is_told_before_unpacking(tmp_path, downloaded, monkeypatch):
    folder = downloaded({"a.zip": {f"03-{NAME}.wav": bytes(1000)}})
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(OutputError, match=r"0\.0 GB free: .*a\.zip needs"):
        gather_clips([f"ravdess:{folder}"], tmp_path / "cache")


def test_without_a_cache_zips_are_passed_over(downloaded):
    folder = downloaded({"a.zip": {f"03-{NAME}.wav": b"a"}})
    with pytest.raises(MediaError, match="no file in it has a name"):
        gather_clips([f"ravdess:{folder}"])


def test_zips_and_their_files_give_the_same_data_set(tmp_path, downloaded, heads, dataset):
    clips = sorted(heads.rglob("01-01-0[13]*.mp4"))
    folder = downloaded({"Video_Speech.zip": {f"{path.parent.name}/{path.name}": path.read_bytes() for path in clips}})
    config = BuildConfig(face_fps=2.0)
    first = build([f"ravdess:{folder}"], tmp_path / "out", config, workers=1)
    assert (first["clips"], first["rejected"]) == (len(clips), 0)
    shutil.rmtree(tmp_path / "out" / "unpacked")  # may be deleted: it comes back the same, so the build is finished
    stamps = [path.stat().st_mtime_ns for path in sorted((tmp_path / "out").glob("*.tfrecord"))]
    assert build([f"ravdess:{folder}"], tmp_path / "out", config, workers=1) == first
    assert [path.stat().st_mtime_ns for path in sorted((tmp_path / "out").glob("*.tfrecord"))] == stamps
    voices = {record["clip_id"]: record["mfsc"] for record in DataSet(dataset).records(SPLITS)}
    for record in DataSet(tmp_path / "out").records(SPLITS):
        np.testing.assert_array_equal(record["mfsc"], voices[record["clip_id"]])
