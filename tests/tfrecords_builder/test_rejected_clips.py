"""Bad recordings in a corpus: a row with the reason for each, and the rest is built."""

import csv
import struct

import numpy as np
import pytest
import soundfile

from tfrecords_builder.build import build
from vfgan.config.data import BuildConfig
from vfgan.data.dataset import DataSet
from vfgan.media.video import read_frames
from vfgan.media.video_writer import write_video

pytestmark = pytest.mark.medium

RATE_HZ = 16_000

#: file -> what its reason must say
BAD = {
    "03-01-01-01-01-01-01.wav": "is empty (0 bytes)",
    "03-01-02-01-01-01-01.wav": "no audio samples",
    "03-01-03-01-01-01-01.wav": "the sound has 1 samples at 16000 Hz: expected at least 400",
    "03-01-04-01-01-01-01.wav": "not finite at 0.006 s",
    "03-01-05-01-01-01-01.wav": "not finite",
    "03-01-06-01-01-01-01.wav": "cannot be read as audio",
    "03-01-07-01-01-01-01.wav": "is silent: expected a voice",
    "03-01-08-01-01-01-01.wav": "is 30 s long: at most 10 s are read",
    "03-01-01-01-02-01-01.flac": "cannot be read as audio",
    "03-01-02-01-02-01-01.wav": "the sound has 160 samples",
    "01-01-03-01-02-01-01.mp4": "has no audio stream",
    "01-01-04-01-02-01-01.mp4": "is cut off",
    "01-01-06-01-02-01-01.mp4": "cannot be read as audio",
    "02-01-07-01-02-01-01.mp4": "no face found in any of 3 frames",
    "02-01-08-01-02-01-01.mp4": "is cut off",
    "02-01-01-01-02-02-01.mp4": "video in a codec that cannot be decoded",
    "02-01-02-01-02-02-01.mp4": "is longer than 10 s",
    "02-01-03-01-02-02-01.mp4": "is 8192x2112 pixels: at most",
    "02-01-04-01-02-02-01.mp4": "does not exist or is not a file",
}
#: files that look odd and are good, and how many faces they have
GOOD = {
    "03-01-01-01-01-02-02.wav": 0,  # 8 kHz stereo 24-bit
    "02-01-02-01-01-02-02.mp4": 1,  # a single frame
    "02-01-03-01-01-02-02.mp4": 3,  # a rotated phone video
    "02-01-04-01-01-02-02.mp4": 3,  # two faces
    "02-01-05-01-01-02-02.mp4": 2,  # no face in one of its frames
    "03-01-06-01-01-02-02.wav": 0,  # over full scale, in float
    "01-01-05-01-02-01-01.mp4": 0,  # a WAV under a video's name: its voice counts
}


def sine(seconds, rate_hz=RATE_HZ, level=0.5):
    return (level * np.sin(2 * np.pi * 330 * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def write_bad_voices(folder):
    def wav(start, wave, subtype="PCM_16"):
        soundfile.write(next(folder / name for name in BAD if name.startswith(start)), wave, RATE_HZ, subtype=subtype)

    (folder / "03-01-01-01-01-01-01.wav").touch()
    wav("03-01-02-01-01", np.zeros(0))
    wav("03-01-03-01-01", np.full(1, 0.5))
    for start, value in (("03-01-04-01-01", np.nan), ("03-01-05-01-01", np.inf)):
        wave = sine(1.0)
        wave[100] = value
        wav(start, wave, "FLOAT")
    (folder / "03-01-06-01-01-01-01.wav").write_text("Dear diary,\n" * 100)
    wav("03-01-07-01-01", np.zeros(RATE_HZ))
    wav("03-01-08-01-01", sine(30.0))
    wav("03-01-02-01-02", sine(0.01))
    flac = folder / "03-01-01-01-02-01-01.flac"
    soundfile.write(flac, sine(2.0), RATE_HZ)
    flac.write_bytes(flac.read_bytes()[:4000])


def write_bad_videos(folder, frames, talking):
    noise = list(np.random.default_rng(0).integers(0, 256, (3, 96, 96, 3), dtype=np.uint8))
    write_video(folder / "01-01-03-01-02-01-01.mp4", frames, 12.5)
    (folder / "01-01-04-01-02-01-01.mp4").write_bytes(talking[: len(talking) // 2])
    soundfile.write(folder / "sound.wav", sine(1.0), RATE_HZ)
    (folder / "sound.wav").rename(folder / "01-01-05-01-02-01-01.mp4")
    (folder / "01-01-06-01-02-01-01.mp4").write_text("Dear diary,\n" * 100)
    write_video(folder / "02-01-07-01-02-01-01.mp4", noise, 12.5)
    (folder / "02-01-08-01-02-01-01.mp4").write_bytes(talking[: len(talking) * 7 // 10])
    (folder / "02-01-01-01-02-02-01.mp4").write_bytes(talking.replace(b"avc1", b"zzzz"))
    write_video(folder / "02-01-02-01-02-02-01.mp4", noise, 0.1)
    write_video(folder / "02-01-03-01-02-02-01.mp4", [np.zeros((2112, 8192, 3), np.uint8)], 25)


def write_good(folder, frames):
    voice = sine(1.0, 8_000)
    soundfile.write(folder / "03-01-01-01-01-02-02.wav", np.stack([voice, voice / 2], 1), 8_000, subtype="PCM_24")
    write_video(folder / "02-01-02-01-01-02-02.mp4", frames[:1], 12.5)
    rotated = folder / "02-01-03-01-01-02-02.mp4"
    write_video(rotated, [np.ascontiguousarray(np.rot90(rgb)) for rgb in frames], 12.5)
    content = bytearray(rotated.read_bytes())  # the header says: turn by a quarter clockwise
    place = content.index(b"tkhd") + 44
    content[place : place + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    rotated.write_bytes(content)
    write_video(folder / "02-01-04-01-01-02-02.mp4", [np.hstack([rgb, rgb]) for rgb in frames], 12.5)
    write_video(folder / "02-01-05-01-01-02-02.mp4", [frames[0], np.full_like(frames[0], 127), frames[1]], 4.0)
    soundfile.write(folder / "03-01-06-01-01-02-02.wav", sine(1.0, level=2.5), RATE_HZ, subtype="FLOAT")


@pytest.fixture(scope="module")
def built(tmp_path_factory, heads):
    """(the data set, its rejected rows by file name, its rows by clip id)."""
    folder, out = tmp_path_factory.mktemp("bad"), tmp_path_factory.mktemp("out")
    source = sorted(heads.rglob("01-01-01*.mp4"))[0]
    frames = [rgb for _, rgb in read_frames(source)][:3]
    write_bad_voices(folder)
    write_bad_videos(folder, frames, source.read_bytes())
    write_good(folder, frames)
    vanishing = folder / "02-01-04-01-02-02-01.mp4"
    vanishing.touch()
    config = BuildConfig(face_fps=12.5, max_clip_seconds=10.0, clips_per_shard=100, keep_waveform=True)
    manifest = build([f"ravdess:{folder}"], out, config, workers=1, progress=_remove(vanishing))
    with open(out / "rejected.csv", encoding="utf-8", newline="") as file:
        rejected = list(csv.DictReader(file))
    with open(out / "dataset.csv", encoding="utf-8", newline="") as file:
        rows = {row["clip_id"]: row for row in csv.DictReader(file)}
    return out, manifest, {row["clip_id"]: row["reason"] for row in rejected}, rows


def _remove(path):
    """A file that goes away while the build runs."""
    return lambda *_: path.unlink(missing_ok=True)


def test_every_bad_clip_is_rejected_and_every_good_one_kept(built):
    _, manifest, rejected, rows = built
    assert set(rejected) == {f"ravdess/{name[3:20]}" for name in BAD}
    assert set(rows) == {f"ravdess/{name[3:20]}" for name in GOOD}
    assert (manifest["clips"], manifest["rejected"]) == (len(GOOD), len(BAD))


@pytest.mark.parametrize("name", BAD)
def test_reason_names_the_file_and_what_is_wrong(built, name):
    reason = built[2][f"ravdess/{name[3:20]}"]
    assert name in reason
    assert BAD[name] in reason
    assert "\n" not in reason
    assert "Errno" not in reason


@pytest.mark.parametrize("name", GOOD)
def test_odd_but_good_clips_are_whole(built, name):
    out, _, _, rows = built
    assert int(rows[f"ravdess/{name[3:20]}"]["faces"]) == GOOD[name]
    records = DataSet(out).records(("train", "validation", "test"))
    record = next(r for r in records if r["clip_id"] == f"ravdess/{name[3:20]}")
    if name.endswith(".wav"):
        assert abs(record["num_samples"] - RATE_HZ) <= 1
        level = np.sqrt(2 * np.mean(np.square(record["waveform"][2000:-2000])))
        assert level == pytest.approx(2.5 if "-06-" in name else 0.375, rel=0.01)
    else:
        assert (record["eye_centres"][:, 2] > record["eye_centres"][:, 0] + 10).all()  # upright


def test_what_a_person_may_want_to_know_is_noted(built):
    rows = built[3]
    assert rows["ravdess/01-04-01-01-02-02"]["notes"] == "several faces in 3 of 3 frames: the largest was taken"
    assert rows["ravdess/01-05-01-01-02-02"]["notes"] == "no face in 1 of 3 frames"
    assert rows["ravdess/01-02-01-01-02-02"]["notes"] == ""
