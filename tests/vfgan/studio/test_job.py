"""From a voice and a face to everything that the page shows."""

import dataclasses
import functools
import shutil

import pytest

from vfgan.errors import VfganError
from vfgan.generate.image import generate_image
from vfgan.generate.strips import INTENSITIES
from vfgan.generate.voice_face import VoiceFace
from vfgan.media.audio import load_waveform
from vfgan.media.images import read_image
from vfgan.media.video import probe_video
from vfgan.studio.config import StudioConfig
from vfgan.studio.inputs import GivenFile, Order, in_own_words
from vfgan.studio.job import Made, Studio
from vfgan.studio.results import message, sections

CONFIG = StudioConfig(max_voice_seconds=8, max_footage_seconds=0.3)


@pytest.fixture(scope="module")
def studio(exported, media):
    """The small networks of `exported`."""
    from vfgan.savedmodel.load import load_model

    @functools.cache
    def load(name):
        return load_model(exported.folder / name)

    return Studio(("vfgan",), {"calm": media.voice, "happy": media.voice}, CONFIG, load)


def order_of(voice, face, **others):
    given = [path and GivenFile(path, f"my {path.name}") for path in (voice, face)]
    return Order(*given, **{"model": "vfgan", "intensity": 1.0, **others})


@pytest.fixture(scope="module")
def made(studio, media, tmp_path_factory):
    """(what was there after each step, what was said of the progress)."""
    said = []
    order = order_of(media.voice, media.photo, intensity=1.4)
    steps = studio.make(order, tmp_path_factory.mktemp("job"), lambda share, what: said.append((share, what)))
    return [dataclasses.replace(step, notes=list(step.notes)) for step in steps], said


def test_results_come_one_after_the_other(made):
    steps, said = made
    there = [[field.name for field in dataclasses.fields(Made) if getattr(step, field.name)] for step in steps]
    assert there == [
        ["heard", "curve"],
        ["heard", "curve", "source", "picture"],
        ["heard", "curve", "source", "picture", "intensities", "emotions"],
        ["heard", "curve", "source", "picture", "intensities", "emotions", "video"],
    ]
    shares = [share for share, _ in said]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert all(path.is_file() for path in steps[-1].files())


def test_the_same_picture_as_generate_makes(made, exported, media, tmp_path):
    model = VoiceFace(exported.folder / "vfgan", intensity=1.4)
    generate_image(model, media.voice, media.photo, tmp_path / "out.png")
    assert (read_image(tmp_path / "out.png") == read_image(made[0][-1].picture)).all()


def test_strips_and_video(made, media):
    last = made[0][-1]
    assert read_image(last.intensities).shape == (22 + 160, 160 * (1 + len(INTENSITIES)), 3)
    assert read_image(last.emotions).shape == (22 + 160, 160 * 3, 3)
    assert probe_video(last.video).has_audio
    voice, sound = load_waveform(media.voice), load_waveform(last.video)
    assert abs(len(sound) - len(voice)) < 2_100


@pytest.mark.parametrize(
    ("voice", "face", "others", "expected"),
    [
        (None, "photo", {}, "There is no voice yet: drop or record one under 1."),
        ("voice", None, {}, "There is no face yet: drop a photo or footage, or use the camera, under 2."),
        ("voice", "photo", {"model": "../judge"}, "There is no model '../judge': expected one of vfgan."),
        ("voice", "photo", {"intensity": 9}, "Strength: expected 0 to 2, got 9."),
        ("voice", "photo", {"intensity": "1"}, "Strength: expected 0 to 2, got '1'."),
        ("silence", "photo", {}, "my silence.wav is silent: expected a voice"),
        ("text", "photo", {}, "my text.wav cannot be read as audio"),
        ("long", "photo", {}, "my long.wav is 9 s long: expected at most 8 s"),
        ("voice", "wall", {}, "my wall.png: no face found"),
        ("voice", "text", {}, "my text.wav is neither a photo nor footage: expected a picture"),
        ("voice", "footage", {}, "my person.mp4 is 0 s long: expected at most 0.3 s"),
    ],
)
def test_what_cannot_be_used_is_said_in_the_visitor_s_words(studio, media, tmp_path, voice, face, others, expected):
    order = order_of(voice and getattr(media, voice), face and getattr(media, face), **others)
    with pytest.raises(VfganError) as caught:
        list(studio.make(order, tmp_path, lambda share, what: None))
    assert in_own_words(caught.value, order).startswith(expected)
    assert not list(tmp_path.iterdir())


def test_footage(exported, studio, media, tmp_path):
    longer = Studio(("vfgan",), {"calm": media.voice}, StudioConfig(), studio._load)
    last = list(longer.make(order_of(media.voice, media.footage), tmp_path, lambda share, what: None))[-1]
    assert read_image(last.source).shape == (256, 256, 3)
    assert probe_video(last.video).fps == 25


def test_names_cannot_be_markup(made, tmp_path):
    bad = GivenFile(tmp_path / "x.wav", "<img src=x onerror=alert(1)>.wav")
    text = in_own_words(VfganError(f"{bad.path} is silent"), Order(bad, None, "vfgan", 1.0))
    assert "<img" not in message(text)
    step = made[0][0]
    odd = tmp_path / 'a"><b'
    odd.mkdir()
    shutil.copy(step.curve, odd / "curve.png")
    assert "<b/" not in "".join(sections(dataclasses.replace(step, curve=odd / "curve.png")))


def test_sections_are_empty_until_there_is_something(made):
    assert sections(Made()) == ("", "", "", "")
    first, last = sections(made[0][0]), sections(made[0][-1])
    assert [bool(part) for part in first] == [True, False, False, False]
    assert all(last)
    assert "".join(last).count(" download=") == 6
