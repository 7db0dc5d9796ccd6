"""From a voice and a face to everything that the page shows."""

import dataclasses

import pytest

from tests.vfgan.studio.orders import order_of
from vfgan.generate.image import generate_image
from vfgan.generate.strips import INTENSITIES
from vfgan.generate.voice_face import VoiceFace
from vfgan.media.audio import load_waveform
from vfgan.media.images import read_image
from vfgan.media.video import probe_video
from vfgan.studio.config import StudioConfig
from vfgan.studio.job import Made, Studio


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


def test_footage(exported, studio, media, tmp_path):
    longer = Studio(("vfgan",), {"calm": media.voice}, StudioConfig(), studio._load)
    last = list(longer.make(order_of(media.voice, media.footage), tmp_path, lambda share, what: None))[-1]
    assert read_image(last.source).shape == (256, 256, 3)
    assert probe_video(last.video).fps == 25
