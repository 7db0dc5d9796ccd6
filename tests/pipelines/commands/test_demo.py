"""The demo: what it says at its end, what it refuses at its beginning, and that every stage runs."""

import numpy as np
import pytest

from pipelines.commands.demo import Demo, check_face, closing
from vfgan.errors import NoFaceError
from vfgan.media.images import read_image, write_image
from vfgan.media.video import probe_video
from vfgan.storage.files import read_json, write_json


@pytest.fixture
def finished(tmp_path):
    """The figures of a demo that is over."""
    rows = {
        "generated": {"judge = heard": 0.714, "motion": 0.93, "mouth ~ sound": 0.66},
        "real faces": {"judge = true": 0.8},
    }
    write_json(tmp_path / "evaluation" / "evaluation.json", {"rows": rows})
    return tmp_path


def test_three_sentences_say_what_where_and_how_good(finished):
    what, where, how_good = closing(finished, 5.25, None)
    assert "5.2 minutes" in what
    assert str(finished / "sheet.png") in where
    assert str(finished / "talking.mp4") in where
    assert "71% of the faces (of real ones in 80%, by chance in 14%)" in how_good
    assert "0.93 times as far" in how_good
    assert "correlation 0.66" in how_good


def test_a_photo_is_named_and_missing_figures_are_left_out(finished):
    rows = read_json(finished / "evaluation" / "evaluation.json")["rows"]
    del rows["generated"]["mouth ~ sound"]
    write_json(finished / "evaluation" / "evaluation.json", {"rows": rows})
    what, _, how_good = closing(finished, 1.0, finished / "me.jpg")
    assert "me.jpg" in what
    assert "correlation" not in how_good


def test_a_photo_without_a_face_is_refused_at_the_beginning(tmp_path):
    write_image(tmp_path / "wall.png", np.full((128, 128, 3), 120, np.uint8))
    with pytest.raises(NoFaceError, match=r"wall\.png"):
        check_face(tmp_path / "wall.png")
    with pytest.raises(NoFaceError):
        Demo(out=tmp_path / "demo", face=tmp_path / "wall.png").main()
    assert not (tmp_path / "demo").exists()


@pytest.mark.slow
def test_the_short_demo_makes_everything(tmp_path, capsys):
    Demo(out=tmp_path, short=True).main()
    sheet = read_image(tmp_path / "sheet.png")
    assert sheet.shape[1] == 9 * 192
    assert probe_video(tmp_path / "talking.mp4").has_audio
    assert "judge = heard" in read_json(tmp_path / "evaluation" / "evaluation.json")["rows"]["generated"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3].startswith("Made in ")
    assert str(tmp_path / "sheet.png") in lines[-2]
