"""What is kept of a clip when one of its files, or its face, cannot be used."""

import dataclasses
import re
import struct

import av
import cv2
import numpy as np
import pytest
import soundfile

from tfrecords_builder.clip import Clip
from tfrecords_builder.clip_record import process_clip
from vfgan.config.data import BuildConfig
from vfgan.errors import ConfigError, MediaError
from vfgan.media import audio
from vfgan.media.video_writer import write_video

pytestmark = pytest.mark.medium

CONFIG = BuildConfig(face_fps=3.0)


@pytest.fixture(scope="module")
def files(tmp_path_factory, heads):
    """Good and bad recordings by name."""
    folder = tmp_path_factory.mktemp("parts")
    tone = (0.4 * np.sin(np.arange(16_000) / 8)).astype(np.float32)
    noise = list(np.random.default_rng(0).integers(0, 256, (3, 96, 96, 3), dtype=np.uint8))
    soundfile.write(folder / "good.wav", tone, 16_000)
    soundfile.write(folder / "silent.wav", 0 * tone, 16_000)
    (folder / "text.wav").write_text("Dear diary\n")
    write_video(folder / "faceless.mp4", noise, 12.5, waveform=tone)
    head = next(heads.rglob("01-01-05-*.mp4"))
    (folder / "head.mp4").symlink_to(head)
    (folder / "cut.mp4").write_bytes(head.read_bytes()[: head.stat().st_size // 2])
    return {path.name: str(path) for path in folder.iterdir()}


@pytest.fixture
def process(files):
    """process(voice, face): record, notes, rows of what was given up."""

    def call(voice, face, **options):
        clip = Clip("mine", "a", 4, audio=voice and files[voice], video=face and files[face])
        return process_clip(clip, CONFIG, **options)

    return call


@pytest.mark.parametrize(
    ("voice", "face", "kept", "modality", "says"),
    [
        ("good.wav", "faceless.mp4", "voice", "audio-only", r"faceless\.mp4: no face found in any of"),
        ("good.wav", "cut.mp4", "voice", "audio-only", r"cut\.mp4 is cut off"),
        ("faceless.mp4", "faceless.mp4", "voice", "audio-only", r"faceless\.mp4: no face found"),
        ("silent.wav", "head.mp4", "face", "video-only", r"silent\.wav is silent"),
        ("text.wav", "head.mp4", "face", "video-only", r"text\.wav cannot be read as audio"),
    ],
)
def test_what_the_other_file_gives_is_kept(process, voice, face, kept, modality, says):
    record, _, lost = process(voice, face)
    assert [row["kept"] for row in lost] == [kept]
    assert re.search(says, lost[0]["reason"])
    assert record["modality"] == modality
    assert (len(record["mfsc"]) > 0, len(record["faces"]) > 0) == (kept == "voice", kept == "face")
    with pytest.raises(MediaError, match=says):
        process(voice, face, strict=True)


@pytest.mark.parametrize(
    ("voice", "face", "says"),
    [
        ("cut.mp4", "cut.mp4", "cut off"),  # one damaged file: its sound is not trusted either
        ("text.wav", "cut.mp4", r"text\.wav cannot be read.*; .*cut\.mp4 is cut off"),
        ("silent.wav", "faceless.mp4", r"silent: expected a voice; .*no face found"),
        ("silent.wav", None, "silent"),
        (None, "faceless.mp4", "no face"),
    ],
)
def test_a_clip_of_which_nothing_is_left_is_refused(process, voice, face, says):
    with pytest.raises(MediaError, match=says):
        process(voice, face)


@pytest.mark.parametrize(
    "error", [struct.error("unpack requires 4 bytes"), cv2.error("bad\nargument"), MemoryError(), OSError(5, "I/O"),
              ValueError("x")],
)  # fmt: skip
def test_what_a_decoder_stumbles_over_is_the_files_fault(process, monkeypatch, error):
    def stumble(*_, **__):
        raise error

    monkeypatch.setattr(audio, "load_waveform", stumble)
    with pytest.raises(MediaError, match=rf"good\.wav cannot be decoded: {type(error).__name__}") as caught:
        process("good.wav", None)
    assert "\n" not in str(caught.value)


def test_other_errors_of_the_family_and_interrupts_pass_through(process, monkeypatch):
    for error in (ConfigError("no"), KeyboardInterrupt()):
        monkeypatch.setattr(audio, "load_waveform", lambda *_, error=error, **__: (_ for _ in ()).throw(error))
        with pytest.raises(type(error)):
            process("good.wav", "head.mp4")


def test_clipped_sound_is_kept_and_noted(tmp_path):
    wave = np.clip(2 * np.sin(np.arange(16_000) / 8), -1, 1)
    soundfile.write(tmp_path / "loud.wav", wave, 16_000)
    _, notes, lost = process_clip(Clip("mine", "a", 4, audio=str(tmp_path / "loud.wav")), CONFIG)
    assert lost == []
    assert notes == ["67 % of the samples are at full scale: the sound is clipped"]


def write_later(path, source, seconds):
    """The same film, whose sound begins so much later."""
    with av.open(source) as old, av.open(str(path), "w") as new:
        streams = [
            new.add_stream_from_template(old.streams.video[0]),
            new.add_stream_from_template(old.streams.audio[0]),
        ]
        for packet in old.demux(old.streams.video[0], old.streams.audio[0]):
            if packet.dts is None:
                continue
            is_sound = packet.stream.type == "audio"
            shift = round(seconds / packet.time_base) if is_sound else 0
            packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, streams[is_sound]
            new.mux(packet)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("seconds", [0.4, -0.2, 0.01])
def test_sound_that_begins_apart_is_laid_on_the_pictures_clock(files, tmp_path, suffix, seconds):
    path, config = tmp_path / f"apart{suffix}", dataclasses.replace(CONFIG, keep_waveform=True)
    write_later(path, files["head.mp4"], seconds)
    apart, together = Clip("mine", "a", 4, audio=str(path), video=str(path)), files["head.mp4"]
    record, notes, _ = process_clip(apart, config)
    before, _, _ = process_clip(dataclasses.replace(apart, audio=together, video=together), config)
    offset = np.argmax(np.correlate(record["waveform"], before["waveform"], "full")) - len(before["waveform"]) + 1
    np.testing.assert_array_equal(record["face_times"], before["face_times"])
    noticed = abs(seconds) > 0.03
    assert offset / 16_000 == pytest.approx(seconds if noticed else 0.0, abs=0.03)
    if seconds > 0 or suffix != ".mp4":  # MP4 leaves out what is before its first picture, so both begin together
        assert any("laid on one clock" in note for note in notes) is noticed
    part, _, _ = process_clip(dataclasses.replace(apart, start_seconds=0.5, end_seconds=1.0), config)
    same = record["waveform"][8_000:16_000]
    offset = np.argmax(np.correlate(part["waveform"], same, "full")) - len(same) + 1
    assert abs(offset) < 0.03 * 16_000
