"""Voices and faces as callers have them: files, arrays, Pillow's pictures; what is none is told with its argument."""

import io

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from vfgan.errors import ConfigError, MediaError, VfganError
from vfgan.generate.given import GivenFace, GivenVoice
from vfgan.generate.image import generate_image
from vfgan.generate.video import generate_video
from vfgan.generate.voice_face import VoiceFace
from vfgan.media.images import read_image, read_picture

#: name -> what is made of float32 [samples] at 16 kHz
VOICES = {
    "float32": lambda x: x, "float64": lambda x: x.astype(np.float64), "list": lambda x: x.tolist(),
    "int16": lambda x: np.rint(x * 2**15).astype(np.int16), "stereo": lambda x: np.stack([x, x]),
    "stereo, last axis": lambda x: np.stack([x, 0 * x], axis=1), "int16 column": lambda x: np.int16(x * 2**15)[:, None],
    "soundfile's pair": lambda x: (x.astype(np.float64), 16_000),
    "scipy's pair": lambda x: (16_000, np.int16(x * 2**15)), "numpy's rate": lambda x: (x, np.int64(16_000)),
    "twice the rate": lambda x: (np.repeat(x, 2), 32_000), "a list of both": lambda x: [x.tolist(), 16_000.0],
}  # fmt: skip


@pytest.mark.parametrize("name", VOICES)
def test_voices(model, voice_samples, name):
    heard = model.load_voice(VOICES[name](voice_samples))
    assert heard.dtype == np.float32
    assert len(heard) == len(voice_samples)
    assert np.corrcoef(heard, voice_samples)[0, 1] > 0.99
    assert np.abs(heard).max() == pytest.approx(np.abs(voice_samples).max(), rel=0.1)


#: name -> what is made of uint8 [height, width, 3]
FACES = {
    "uint8": lambda x: x, "0…1": lambda x: x / 255, "0…255 as float": lambda x: x.astype(np.float32),
    "integers": lambda x: x.astype(int), "a batch of one": lambda x: x[None], "list": lambda x: x.tolist(),
    "Pillow": Image.fromarray, "RGBA": lambda x: np.dstack([x, np.full(x.shape[:2], 255, np.uint8)]),
    "Pillow RGBA": lambda x: Image.fromarray(x).convert("RGBA"), "not contiguous": lambda x: x[:, ::-1][:, ::-1],
}  # fmt: skip


@pytest.mark.parametrize("name", FACES)
def test_faces(folder, name):
    rgb = read_image(folder / "person.png")
    np.testing.assert_array_equal(GivenFace(FACES[name](rgb)).picture().over_white(), rgb)


@pytest.mark.parametrize("grey", [lambda x: x, lambda x: x[..., None], Image.fromarray, lambda x: x / 255])
def test_grey_faces(grey):
    level = np.arange(48 * 64, dtype=np.uint8).reshape(48, 64)
    np.testing.assert_array_equal(GivenFace(grey(level)).picture().rgb, np.stack([level] * 3, axis=-1))


def test_pillows_photo_is_turned_upright():
    rgb = np.zeros((48, 64, 3), np.uint8)
    rgb[:10] = 255
    image = Image.fromarray(np.ascontiguousarray(np.rot90(rgb)))
    image.getexif()[0x0112] = 6
    np.testing.assert_array_equal(GivenFace(image).picture().rgb, rgb)


def test_arrays_give_the_picture_that_files_give(model, folder, voice_samples, tmp_path):
    rgb = read_image(folder / "person.png")
    generate_image(model, folder / "voice.wav", folder / "person.png", tmp_path / "files.png")
    voice, _ = soundfile.read(folder / "voice.wav")
    report = generate_image(model, voice, rgb, tmp_path / "arrays.png", which=0)
    np.testing.assert_array_equal(read_image(tmp_path / "arrays.png"), read_image(tmp_path / "files.png"))
    assert report.faces == 1
    alpha = np.full(rgb.shape[:2], 255, np.uint8)
    alpha[:20] = 0
    generate_image(model, voice, np.dstack([rgb, alpha]), tmp_path / "alpha.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "alpha.png").alpha, alpha)


@pytest.mark.medium
def test_a_video_of_arrays_has_their_sound(model, folder, voice_samples, tmp_path):
    """Stereo at 44.1 kHz, 1.9 s: channels and rate stay."""
    rng = np.random.default_rng(1)
    sound = (0.1 * rng.standard_normal((2, 22_050))).astype(np.float32)
    report = generate_video(model, (sound, 44_100), read_image(folder / "person.png"), tmp_path / "out.mp4")
    assert report.frames == 12
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.audio[0]
        assert (stream.rate, stream.channels) == (44_100, 2)


_MODEL_IS = "model: expected a name or a folder, received int"
#: arguments that differ from right ones -> what is said
WRONG = {
    "voice of text": ({"voice": np.array(["a"])}, "voice: expected an array of numbers"),
    "voice of integers": ({"voice": [1, 2, 3]}, "voice: expected float32 .*received int64"),
    "no voice": ({"voice": None}, "voice: expected a path or an array, received NoneType"),
    "voice of bytes": ({"voice": io.BytesIO(b"RIFF")}, "voice: expected a path or an array, received BytesIO"),
    "voice of NaN": ({"voice": [0.1, float("nan")]}, "voice: expected finite values; sample 1 is not"),
    "a short voice": ({"voice": [0.1] * 20}, "voice has 20 samples: expected at least 25 ms"),
    "a silent voice": ({"voice": np.zeros(16_000)}, "voice is silent"),
    "16 bits as floats": ({"voice": np.full(16_000, 9_000.0)}, "divide samples of 16 bits by 32768"),
    "a rate of 0": ({"voice": ([0.1] * 999, 0)}, "voice: expected a rate of 1 to 768000 Hz"),
    "half a hertz": ({"voice": ([0.1] * 999, 16_000.5)}, "voice: expected a rate"),
    "no file of a voice": ({"voice": "no.wav"}, "no.wav does not exist"),
    "no face": ({"face": None}, "face: expected a path or an array, received NoneType"),
    "channels first": ({"face": np.zeros((3, 48, 64), np.uint8)}, r"face: .*received uint8 \[3, 48, 64\]"),
    "many faces": ({"face": np.zeros((2, 48, 64, 3), np.uint8)}, "face: expected one picture"),
    "a face beyond 255": ({"face": np.full((48, 64, 3), 300)}, "face: expected uint8 .*in 300…300"),
    "a face of two channels": ({"face": np.zeros((1, 48, 64, 2), np.uint8)}, r"face: .*\[1, 48, 64, 2\]"),
    "an empty face": ({"face": np.zeros((0, 0, 3), np.uint8)}, "face: .*received uint8"),
    "a face of 16 bits": ({"face": Image.new("I;16", (48, 64))}, "face has I;16 pixels"),
    "nobody": ({"face": np.zeros((48, 64, 3), np.uint8)}, "face: no face found in"),
    "a face of bytes": ({"face": b"a.png"}, "face: expected a path or an array, received bytes"),
    "no output": ({"out": None}, "out: expected a path, received NoneType"),
    "an open output": ({"out": io.BytesIO()}, "out: expected a path, received BytesIO"),
    "another face": ({"which": 1.5}, "which: expected .*got '1.5'"),
    "half a track": ({"audio_track": 1.5}, "audio track: expected a number from 1 on, received 1.5"),
    "a track in words": ({"audio_track": "2"}, "audio track: expected a number from 1 on, received '2'"),
    "another model": ({"model": 3}, _MODEL_IS),
}  # fmt: skip
OF_VIDEOS = {
    "no such length": ({"length": "photo"}, "length: expected voice or footage, got 'photo'"),
    "no such choice": ({"no_face": "skip"}, "no_face: expected pass, hold or fail, got 'skip'"),
    "smooth in words": ({"smooth_seconds": "a"}, "smooth_seconds: expected 0 to 1, got 'a'"),
}


_ROWS = [*((generate_image, "png", name) for name in WRONG), *((generate_video, "mp4", n) for n in WRONG | OF_VIDEOS)]


@pytest.mark.parametrize(("make", "suffix", "name"), _ROWS)
def test_what_is_wrong_is_told_with_its_argument(model, folder, tmp_path, name, make, suffix):
    right = {
        "model": model,
        "voice": folder / "voice.wav",
        "face": folder / "person.png",
        "out": tmp_path / f"a.{suffix}",
    }
    wrong, told = (WRONG | OF_VIDEOS)[name]
    with pytest.raises(VfganError, match=told):
        make(**(right | wrong))
    assert list(tmp_path.iterdir()) == []


def test_footage_is_no_photo(model, folder, tmp_path):
    with pytest.raises(MediaError, match=r"person\.mp4 is footage: expected a photo"):
        generate_image(model, folder / "voice.wav", folder / "person.mp4", tmp_path / "a.png")


@pytest.mark.parametrize("intensity", ["1", None, -0.1, 2.1, float("nan"), [1.0]])
def test_intensities_that_are_none(exported, intensity):
    with pytest.raises(ConfigError, match="intensity: expected 0 to 2, got"):
        VoiceFace(exported.folder / "vfgan", intensity=intensity)


def test_a_model_may_be_named(exported, folder, tmp_path):
    report = generate_image(
        str(exported.folder / "vfgan"), folder / "voice.wav", folder / "person.png", tmp_path / "a.png"
    )
    assert report.faces == 1


def test_a_voice_of_samples_lies_in_no_footage(folder, voice_samples):
    assert GivenVoice(voice_samples, 16_000).delay_seconds(GivenFace(folder / "person.mp4")) == 0.0


def test_an_output_is_no_input(model, folder, tmp_path):
    """Also by another way to the same file."""
    voice, face = folder / "voice.wav", tmp_path / "mine.png"
    face.write_bytes((folder / "person.png").read_bytes())
    before = face.read_bytes()
    for out in (face, tmp_path / "." / "mine.png"):
        with pytest.raises(ConfigError, match=r"mine\.png would overwrite the file of face"):
            generate_image(model, voice, face, out)
    assert face.read_bytes() == before


def test_a_short_voice_and_an_animation_are_noted(model, folder, voice_samples, tmp_path):
    person = Image.open(folder / "person.png").convert("RGB")
    moves = tmp_path / "moves.webp"
    person.save(moves, save_all=True, append_images=[person.rotate(3)], duration=40, lossless=True)
    notes = generate_image(model, voice_samples[:4_000], moves, tmp_path / "out.png").notes
    assert "the voice lasts 0.2 s: its emotion is a guess" in notes
    assert any("its first picture is taken" in note for note in notes)
    assert not generate_image(model, voice_samples, folder / "person.png", tmp_path / "out.png").notes
