"""Recordings, videos and pictures as people have them: what each of them must give, or why it is refused."""

import re
import struct
import zlib
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
import soundfile
from PIL import Image

from tfrecords_builder.clip import Clip
from tfrecords_builder.clip_record import process_clip
from vfgan.config.data import BuildConfig
from vfgan.errors import MediaError
from vfgan.media.video import read_frames
from vfgan.media.video_writer import write_video

pytestmark = pytest.mark.medium

RATE_HZ = 16_000
CONFIG = BuildConfig(face_fps=0.0, keep_waveform=True)
TONE = (0.5 * np.sin(2 * np.pi * 330 * np.arange(RATE_HZ) / RATE_HZ)).astype(np.float32)

#: sound -> (seconds, amplitude) that it gives, or what its refusal says
SOUNDS = {
    "8-bit.wav": (1.0, 0.5),
    "24-bit.wav": (1.0, 0.5),
    "32-bit.wav": (1.0, 0.5),
    "float.wav": (1.0, 0.5),
    "double.wav": (1.0, 0.5),
    "telephone.wav": (1.0, 0.5),
    "96-khz.wav": (1.0, 0.5),
    "5.1.wav": (1.0, 0.5),
    "over-full-scale.wav": (1.0, 2.0),
    "clipped.wav": (1.0, None),
    "wav-called.mp3": (1.0, 0.5),
    "flac-called.wav": (1.0, 0.5),
    "mp4-called.wav": (1.0, 0.5),
    "cut-50.wav": (0.5, 0.5),
    "promises-hours.wav": (1.0, 0.5),
    "50-ms.wav": (0.05, None),
    "10-ms.wav": "the sound has 160 samples at 16000 Hz: expected at least 400",
    "3-hours.wav": "is 10800 s long: at most 60 s are read",
    "promises-years.flac": "s long: at most 60 s are read",
    "65-channels.wav": "has 65 channels: at most 64",
    "4-ghz.wav": "has a sample rate of [0-9]+ Hz: at most 768000",
    "silence.wav": "is silent: expected a voice",
    "nan.wav": "not finite at 0.006 s",
    "infinite.wav": "not finite at 0.006 s",
    "text.wav": "cannot be read as audio",
    "zeros.wav": "cannot be read as audio",
    "empty.flac": "is empty (0 bytes)",
    "cut-10.flac": "cannot be read as audio",
    "cut-90.flac": "cannot be read as audio",
    "picture.wav": "no audio stream|cannot be read as audio",
    "cut-10.mp4": "cannot be read as audio|cut off",
    "cut-50.mp4": "cut off",
    "cut-90.mp4": "cut off",
}

#: video -> faces that it gives, or what its refusal says
VIDEOS = {
    "one-frame.mp4": 1,
    "variable-rate.mp4": 3,
    "interlaced.mp4": 3,
    "alpha.mov": 3,
    "lossless.mkv": 3,
    "grey.mov": 3,
    "promises-a-billion.avi": 3,
    "painting-on-the-wall.mp4": 3,
    "dim.mp4": 3,
    "blurred.mp4": 3,
    "black.mp4": "no face found in any of 3 frames",
    "noise.mp4": "no face found in any of 3 frames",
    "1x1.mkv": "no face found in any of 3 frames",
    "8k.mp4": "is 7680x4320 pixels: at most",
    "long.mp4": "is longer than 60 s",
    "cut-10.mp4": "cannot be read as video|cut off",
    "cut-50.mp4": "is cut off",
    "cut-90.mp4": "is cut off",
    "empty.mp4": "cannot be read as video",
    "text.mp4": "cannot be read as video",
    "sound-called.mp4": "no video stream",
}

#: picture -> faces that it gives, or what its refusal says
PICTURES = {
    "colour.jpg": 1,
    "grey.png": 1,
    "alpha.png": 1,
    "palette.png": 1,
    "cmyk.jpg": 1,
    "sideways.jpg": 1,
    "png-called.jpg": 1,
    "large.jpg": 1,
    "16-bit.png": "save it with 8 bits",
    "1x1.png": "no face found in 1x1 pixels",
    "wall.jpg": "no face found in 1000x1000 pixels",
    "bomb.png": "3600000000 pixels",
    "empty.jpg": "cannot be read as a picture",
    "text.jpg": "cannot be read as a picture",
    "cut-50.jpg": "cannot be read as a picture",
}


def write_sounds(folder, talking):
    def wav(name, wave=TONE, rate_hz=RATE_HZ, subtype="PCM_16", kind="WAV"):
        soundfile.write(folder / name, wave, rate_hz, subtype=subtype, format=kind)

    def resampled(rate_hz):
        return 0.5 * np.sin(2 * np.pi * 330 * np.arange(rate_hz) / rate_hz)

    for name, subtype in (("8-bit", "PCM_U8"), ("24-bit", "PCM_24"), ("32-bit", "PCM_32"), ("double", "DOUBLE")):
        wav(f"{name}.wav", subtype=subtype)
    wav("float.wav", subtype="FLOAT")
    wav("telephone.wav", resampled(8_000), 8_000, "ULAW")
    wav("96-khz.wav", resampled(96_000), 96_000, "PCM_24")
    wav("5.1.wav", np.tile(TONE[:, None], 6))
    wav("over-full-scale.wav", 4 * TONE, subtype="FLOAT")
    wav("clipped.wav", np.clip(4 * TONE, -1, 1))
    wav("wav-called.mp3")
    wav("flac-called.wav", kind="FLAC")
    (folder / "mp4-called.wav").write_bytes(talking)
    wav("50-ms.wav", TONE[:800])
    wav("10-ms.wav", TONE[:160])
    wav("65-channels.wav", np.tile(TONE[:100, None], 65))
    wav("silence.wav", 0 * TONE)
    for name, value in (("nan", np.nan), ("infinite", np.inf)):
        wave = TONE.copy()
        wave[100] = value
        wav(f"{name}.wav", wave, subtype="FLOAT")
    (folder / "text.wav").write_text("Dear diary,\n" * 100)
    (folder / "zeros.wav").write_bytes(bytes(10_000))
    (folder / "empty.flac").touch()
    (folder / "picture.wav").write_bytes(cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes())


def write_headers(folder):
    """Files whose headers do not tell the truth, and files that end too early."""
    soundfile.write(folder / "whole.wav", TONE, RATE_HZ)
    soundfile.write(folder / "whole.flac", np.random.default_rng(0).normal(0, 0.1, RATE_HZ), RATE_HZ)
    wav, flac = (folder / "whole.wav").read_bytes(), (folder / "whole.flac").read_bytes()
    (folder / "cut-50.wav").write_bytes(wav[: 44 + RATE_HZ])
    (folder / "promises-hours.wav").write_bytes(wav[:40] + struct.pack("<I", 0xFFFFFFF0) + wav[44:])
    (folder / "4-ghz.wav").write_bytes(wav[:24] + struct.pack("<I", 2_000_000_000) + wav[28:])
    with open(folder / "3-hours.wav", "wb") as file:
        file.write(wav[:40] + struct.pack("<I", 2 * RATE_HZ * 10_800))
        file.truncate(44 + 2 * RATE_HZ * 10_800)  # a hole: it takes no space
    promised = bytearray(flac)  # STREAMINFO: 36 bits of samples behind 20 + 3 + 5 bits, from byte 18 on
    promised[21] |= 0x0F
    promised[22:26] = b"\xff" * 4
    (folder / "promises-years.flac").write_bytes(promised)
    for percent in (10, 90):
        (folder / f"cut-{percent}.flac").write_bytes(flac[: len(flac) * percent // 100])


def encode(path, frames, codec, pixel_format, times=None, **options):
    """Frames through a codec of FFmpeg, with times in hundredths of a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={key.replace("_", "-"): v for key, v in options.items()})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixel_format
        stream.codec_context.time_base = Fraction(1, 100)
        for pts, rgb in zip(times or range(0, 4 * len(frames), 4), frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), "rgb24")
            frame.pts, frame.time_base = pts, Fraction(1, 100)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_videos(folder, frames, talking):
    noise = list(np.random.default_rng(0).integers(0, 256, (3, 96, 96, 3), dtype=np.uint8))
    wall = [np.hstack([rgb, np.zeros_like(rgb)]) for rgb in frames]
    for picture in wall:
        picture[20:100, 200:280] = cv2.resize(frames[0], (80, 80))
    for name, pictures, fps in (
        ("one-frame", frames[:1], 25), ("painting-on-the-wall", wall, 25), ("noise", noise, 25), ("long", noise, 0.02),
        ("dim", [(0.3 * rgb).astype(np.uint8) for rgb in frames], 25), ("black", [0 * rgb for rgb in frames], 25),
        ("blurred", [cv2.GaussianBlur(rgb, (0, 0), 2) for rgb in frames], 25),
        ("8k", [np.zeros((4320, 7680, 3), np.uint8)], 25),
    ):  # fmt: skip
        write_video(folder / f"{name}.mp4", pictures, fps)
    encode(folder / "variable-rate.mp4", frames, "libx264", "yuv420p", times=[0, 3, 40])
    encode(folder / "interlaced.mp4", frames, "libx264", "yuv420p", flags="+ildct+ilme", x264_params="tff=1")
    encode(folder / "alpha.mov", frames, "png", "rgba")
    encode(folder / "grey.mov", frames, "png", "gray")
    encode(folder / "lossless.mkv", frames, "ffv1", "bgr0")
    encode(folder / "1x1.mkv", [rgb[:1, :1] for rgb in frames], "ffv1", "bgr0")
    encode(folder / "promises-a-billion.avi", frames, "mjpeg", "yuvj420p")
    content = bytearray((folder / "promises-a-billion.avi").read_bytes())
    for name, offset in ((b"avih", 8 + 16), (b"strh", 8 + 32)):  # frames in the main header, length in the stream's
        place = content.index(name) + offset
        content[place : place + 4] = struct.pack("<I", 1_000_000_000)
    (folder / "promises-a-billion.avi").write_bytes(content)
    for percent in (10, 50, 90):
        (folder / f"cut-{percent}.mp4").write_bytes(talking[: len(talking) * percent // 100])
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("Dear diary,\n" * 100)
    soundfile.write(folder / "sound.wav", TONE, RATE_HZ)
    (folder / "sound.wav").rename(folder / "sound-called.mp4")


def write_pictures(folder, head):
    picture = Image.fromarray(head)
    picture.save(folder / "colour.jpg")
    picture.convert("L").save(folder / "grey.png")
    picture.convert("RGBA").save(folder / "alpha.png")
    picture.quantize(64).save(folder / "palette.png")
    picture.convert("CMYK").save(folder / "cmyk.jpg")
    turned = picture.transpose(Image.Transpose.ROTATE_90)
    exif = turned.getexif()
    exif[0x0112] = 6  # turn by a quarter clockwise to see it upright
    turned.save(folder / "sideways.jpg", exif=exif)
    picture.save(folder / "png-called.jpg", format="PNG")
    picture.resize((3000, 3000)).save(folder / "large.jpg")
    Image.fromarray(head[..., 0].astype(np.uint16) * 256).save(folder / "16-bit.png")
    picture.crop((0, 0, 1, 1)).save(folder / "1x1.png")
    Image.new("RGB", (1000, 1000), "grey").save(folder / "wall.jpg")
    chunk = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    header = struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    data = b"IDAT" + zlib.compress(bytes(1000))
    body = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    (folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + body)
    (folder / "empty.jpg").touch()
    (folder / "text.jpg").write_text("Dear diary,\n" * 100)
    whole = (folder / "colour.jpg").read_bytes()
    (folder / "cut-50.jpg").write_bytes(whole[: len(whole) // 2])


@pytest.fixture(scope="module")
def media(tmp_path_factory, heads):
    """A folder with all of them."""
    folder = tmp_path_factory.mktemp("media")
    frames = [rgb for _, rgb in read_frames(sorted(heads.rglob("01-01-01*.mp4"))[0])][:3]
    write_video(folder / "talking.mp4", frames * 8, 24, waveform=TONE)
    talking = (folder / "talking.mp4").read_bytes()
    write_sounds(folder, talking)
    write_headers(folder)
    write_videos(folder, frames, talking)
    write_pictures(folder, frames[0])
    return folder


def given(medium, path, expected):
    """The record of a clip of one file; None where it is refused, as expected, in one line that names the file."""
    clip = Clip("mine", path.name, 4, **{medium: str(path)})
    if not isinstance(expected, str):
        return process_clip(clip, CONFIG)[0]
    with pytest.raises(MediaError) as caught:
        process_clip(clip, CONFIG)
    message = str(caught.value)
    assert expected in message or re.search(expected, message), message
    assert str(path) in message
    assert "\n" not in message
    assert "cannot be decoded" not in message  # nobody foresaw it
    return None


@pytest.mark.parametrize("name", SOUNDS)
def test_sounds(media, name):
    record = given("audio", media / name, SOUNDS[name])
    if record:
        seconds, amplitude = SOUNDS[name]
        assert record["num_samples"] / RATE_HZ == pytest.approx(seconds, abs=0.07 if "mp4" in name else 0.001)
        assert len(record["mfsc"]) == pytest.approx(seconds / 0.03, abs=2)
        assert np.isfinite(record["mfsc"]).all()
        if amplitude:
            middle = record["waveform"][2_000:-2_000].astype(float)
            assert np.sqrt(2 * np.mean(middle**2)) == pytest.approx(amplitude, rel=0.04)


@pytest.mark.parametrize("name", VIDEOS)
def test_videos(media, name):
    record = given("video", media / name, VIDEOS[name])
    if record:
        assert len(record["faces"]) == VIDEOS[name]
        assert np.diff(record["face_times"]).min(initial=1.0) > 0
        assert (record["eye_centres"][:, 2] - record["eye_centres"][:, 0] > 20).all()
        if name == "variable-rate.mp4":
            np.testing.assert_allclose(record["face_times"], [0, 0.03, 0.4], atol=1e-3)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(media, name):
    record = given("image", media / name, PICTURES[name])
    if record:
        assert len(record["faces"]) == 1
        assert np.isfinite(record["eye_centres"]).all()
        left, right = record["eye_centres"][0, [0, 2]]
        assert right - left > 20  # upright
