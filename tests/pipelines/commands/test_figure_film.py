"""A film of people side by side: who is where, how long, and with which sound."""

from pathlib import Path

import numpy as np
import pytest

import pipelines.commands.figure_film as module
from pipelines.commands.figure_film import FigureFilm, film
from vfgan.config.data import CropConfig, MfscConfig
from vfgan.errors import ConfigError, NoFaceError
from vfgan.media.audio import load_waveform
from vfgan.media.images import write_image
from vfgan.media.video import probe_video, read_frames
from vfgan.media.video_writer import write_video

pytestmark = pytest.mark.medium


class Model:
    """Its voices are as long as their names say."""

    crop, mfsc = CropConfig(), MfscConfig()

    def __init__(self, name):
        self.level = int(name)

    def load_voice(self, path):
        return np.full(int(float(path.name) * 16_000), 0.25, np.float32)

    def crop_size(self, face):
        return 96


def one_grey(model, voice, face, out, *, only_face):
    """A video at 30 frames/s in the grey of the model and the voice, shorter than it."""
    assert only_face
    level = model.level + 100 * float(voice.name)
    write_video(out, [np.full((96, 96, 3), level, np.uint8)] * 5, 30)


@pytest.fixture
def people(portrait, tmp_path):
    write_image(tmp_path / "face.png", portrait(256, 1)[0])
    write_video(tmp_path / "face.mp4", [portrait(256, 2)[0]] * 3, 10)
    return tmp_path / "face.png", tmp_path / "face.mp4"


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch):
    monkeypatch.setattr(module, "VoiceFace", Model)
    monkeypatch.setattr(module, "generate_video", one_grey)


def test_voices_follow_one_another_on_every_face(people, tmp_path):
    args = FigureFilm(people, (Path("0.4"), Path("0.8")), tmp_path / "film.mp4", ("10", "40"), size_px=64)
    film(args)
    frames = [rgb for _, rgb in read_frames(args.out)]
    assert len(frames) == 30
    assert frames[0].shape == (22 + 2 * 64, 3 * 64, 3)
    for index, voice in ((2, 40), (9, 40), (11, 80), (29, 80)):
        for row in range(2):
            cells = [frames[index][22 + 64 * row :][:64, 64 * column :][:, :64] for column in range(3)]
            assert cells[0].std() > 15  # a face
            assert [int(np.median(cell)) for cell in cells[1:]] == pytest.approx([10 + voice, 40 + voice], abs=3)
    assert probe_video(args.out).seconds == pytest.approx(1.2, abs=0.05)
    sound = load_waveform(args.out, 16_000)
    assert len(sound) == pytest.approx(1.2 * 16_000, rel=0.1)
    assert sound[4_000:15_000].mean() == pytest.approx(0.25, abs=0.05)


def test_frames_of_another_rate_are_shown_at_their_time():
    kept = list(module._timed(range(60), 30))
    assert len(kept) == 50
    assert kept[:6] == [0, 1, 3, 4, 5, 6]
    assert list(module._timed(range(3), 10)) == [0, 0, 1, 1, 1, 2, 2, 2]


def test_what_cannot_be_filmed_is_said_before_the_work(people, tmp_path):
    with pytest.raises(ConfigError, match="titles: expected 1, one a model, got 2"):
        film(FigureFilm(people, (Path("1"),), tmp_path / "film.mp4", ("10",), titles=("a", "b")))
    with pytest.raises(ConfigError, match="size_px: expected at least 64"):
        film(FigureFilm(people, (Path("1"),), tmp_path / "film.mp4", ("10",), size_px=8))
    write_image(tmp_path / "grey.png", np.full((200, 200, 3), 128, np.uint8))
    with pytest.raises(NoFaceError, match=r"grey\.png: no face found"):
        film(FigureFilm((tmp_path / "grey.png",), (Path("0.4"),), tmp_path / "film.mp4", ("10",)))
    assert not (tmp_path / "film.mp4").exists()
