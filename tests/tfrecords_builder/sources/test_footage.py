"""Your own recordings and the table that describes them."""

import math

import numpy as np
import pytest
import soundfile

from tfrecords_builder.build import build
from tfrecords_builder.inputs import gather_clips
from vfgan.config.data import BuildConfig
from vfgan.data.dataset import DataSet
from vfgan.emotions import EMOTIONS
from vfgan.errors import ConfigError
from vfgan.media.video_writer import write_video

pytestmark = pytest.mark.medium

RATE_HZ = 16_000


@pytest.fixture
def footage(tmp_path, heads):
    """A folder with a short video, a recording of a minute with four pauses, and a silent video."""
    folder = tmp_path / "mine"
    (folder / "sub").mkdir(parents=True)
    (folder / "head.mp4").symlink_to(next(heads.rglob("01-01-05-*.mp4")))
    rng = np.random.default_rng(0)
    wave = np.concatenate([rng.normal(0, level, RATE_HZ * 6) for level in (0.1, 0.0) * 5]).astype(np.float32)
    soundfile.write(folder / "sub" / "long.flac", wave, RATE_HZ)
    write_video(folder / "mute.avi", [np.zeros((64, 64, 3), np.uint8)] * 3, 25)
    (folder / "picture.png").write_bytes(b"")

    def make(text, name="clips.csv"):
        (folder / name).write_text(text, encoding="utf-8")
        return folder

    return make


def test_rows_become_clips(footage):
    folder = footage(
        "File,emotion,speaker,start,end\n"
        "head.mp4,angry,ann,,\n"
        "head.mp4,fear,ann,0.1,0:00.4\n"
        "\n"
        "sub/long.flac,happy,bob,0:13,\n"
        "mute.avi,neutral,,,\n"
        "picture.png,smiling,cy,,\n"
        "gone.mov,sad,dan,,\n"
    )
    clips = {clip.key: clip for clip in gather_clips([f"footage:{folder}"])}
    assert {key: (EMOTIONS[clip.emotion], clip.actor, clip.modality) for key, clip in clips.items()} == {
        "head.mp4": ("angry", "ann", "full-av"),
        "head.mp4@0.10-0.40": ("fearful", "ann", "full-av"),
        "sub/long.flac@13.00-inf": ("happy", "bob", "audio-only"),
        "mute.avi": ("neutral", "", "video-only"),
        "picture.png": ("happy", "cy", "image"),
        "gone.mov": ("sad", "dan", "audio-only"),
    }
    spans = {key: (clip.start_seconds, clip.end_seconds) for key, clip in clips.items()}
    assert spans["head.mp4"] == (0.0, math.inf)
    assert spans["head.mp4@0.10-0.40"] == (0.1, 0.4)
    assert gather_clips([f"footage:{folder / 'clips.csv'}"]) == list(map(clips.get, sorted(clips)))


def test_long_recordings_are_cut_at_their_silences(tmp_path, footage):
    folder = footage("file,emotion\nsub/long.flac,happy\n")
    config = BuildConfig(split="recording", test=0.0, validation=0.0, keep_waveform=True)
    manifest = build([f"footage:{folder}"], tmp_path / "out", config, workers=1)
    assert (manifest["clips"], manifest["rejected"]) == (5, 0)
    wave = soundfile.read(folder / "sub" / "long.flac", dtype="float32")[0]
    for record in DataSet(tmp_path / "out").records(["train"]):
        start, _, end = record["clip_id"].rpartition("@")[2].partition("-")
        np.testing.assert_array_equal(
            record["waveform"], wave[round(float(start) * RATE_HZ) : round(float(end) * RATE_HZ)]
        )
        assert 6.0 <= len(record["waveform"]) / RATE_HZ <= 6.5


def test_names_of_emotions_can_be_explained(footage):
    footage('{"Wut": "angry", "contempt": ""}', "emotions.json")
    folder = footage("file,emotion\nhead.mp4,WUT\nmute.avi,contempt\n")
    (clip,) = gather_clips([f"footage:{folder}"])
    assert (clip.key, EMOTIONS[clip.emotion]) == ("head.mp4", "angry")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("file,speaker\na.wav,ann\n", r"clips\.csv: expected the columns file, emotion"),
        ("", r"expected the columns file, emotion"),
        ("file,emotion\na.wav,sad\nb.wav,glad\n", r"line 3: unknown emotion 'glad'; expected one of neutral"),
        ("file,emotion,start\na.wav,sad,soon\n", r"line 2: 'soon' is not a time; expected seconds, m:ss or h:mm:ss"),
        ("file,emotion,start\na.wav,sad,-1\n", r"line 2: '-1' is not a time"),
        ("file,emotion,start,end\na.wav,sad,5,4\n", r"line 2: start 5 is not before end 4"),
        ("file,emotion\na.wav,sad\na.wav,angry\n", r"line 3 repeats line 2: a\.wav"),
        ("file,emotion\na.wav,sad\n./a.wav,angry\n", r"line 3 repeats line 2: \./a\.wav"),
        ("file,emotion\ntaken/a.wav,sad\n", r"line 2: there is no folder .*taken"),
        ("file,emotion\na.wav,sad,x\n", r"line 2: more values than columns"),
    ],
)
def test_tables_that_cannot_be_used_are_refused_by_line(tmp_path, text, says):
    (tmp_path / "clips.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=says):
        gather_clips([f"footage:{tmp_path}"])


def test_copies_of_a_recording_are_told(tmp_path, caplog):
    """Under two names and with two labels it may be learnt from and tested on."""
    for name, content in (("a.wav", b"1" * 99), ("b.wav", b"2" * 99), ("copy.wav", b"1" * 99)):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "clips.csv").write_text("file,emotion,speaker\na.wav,angry,ann\nb.wav,sad,bob\ncopy.wav,sad,zoe\n")
    assert len(gather_clips([f"footage:{tmp_path}"])) == 3
    (told,) = caplog.messages
    assert "line 4: copy.wav is byte for byte the same recording as a.wav" in told


def test_one_table_is_expected(tmp_path):
    with pytest.raises(ConfigError, match="expected one table .*; found none"):
        gather_clips([f"footage:{tmp_path}"])
    (tmp_path / "a.csv").touch()
    (tmp_path / "b.csv").touch()
    with pytest.raises(ConfigError, match=r"found a\.csv, b\.csv"):
        gather_clips([f"footage:{tmp_path}"])
