"""`vfgan evaluate --items`: pictures and a table that `vfgan rate` takes."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from pipelines.commands.evaluate import Evaluate, write_items
from vfgan.data.dataset import DataSet
from vfgan.data.face_set import load_faces
from vfgan.errors import ConfigError
from vfgan.evaluation.measure import PredictedVoices
from vfgan.rating.items import read_items

VOICES = PredictedVoices(np.zeros((3, 2), np.float32), np.array([0, 1, 2]), np.array([0, 1, 2]), np.array([1, 2, 0]))


def edit(pixels, z, mouth):
    """Inverts a picture. Like a jaw that drops, it needs what goes on below the crop."""
    assert pixels.shape[1:] == (48, 32, 3)
    return 255 - pixels


MODEL = SimpleNamespace(edit=edit, crop_height=1.5)


@pytest.fixture(scope="module")
def faces(small_world):
    return load_faces(DataSet(small_world.data), ["test"], 32, 3)


def evaluation(out, items):
    return Evaluate(faces=(), voices=out, out=out, items=items)


def test_items_are_pictures_that_rate_takes(faces, tmp_path):
    neutral = faces.where(faces.emotion == 0)
    write_items(evaluation(tmp_path, 18), MODEL, neutral, faces, VOICES)
    items = read_items(tmp_path)
    assert sorted((item.emotion, item.made) for item in items) == sorted(
        [(emotion, made) for emotion in ("neutral", "happy", "sad") for made in (False, True)] * 3
    )
    for item in items:
        with Image.open(item.path) as picture:
            assert (picture.size, picture.mode) == ((32, 32), "RGB")
            assert ("Synthetic" in picture.info.get("Comment", "")) is item.made
        assert item.person == "small/04"
    assert {item.strength for item in items if item.made and item.emotion == "happy"} == {2.0}
    assert np.isnan([item.strength for item in items if item.made and item.emotion == "sad"]).all()
    write_items(evaluation(tmp_path, 4), MODEL, neutral, faces, VOICES)
    assert len(list((tmp_path / "items").iterdir())) == len(read_items(tmp_path)) == 4


def test_faces_of_no_emotion_that_is_heard_are_named(faces, tmp_path):
    angry = PredictedVoices(VOICES.z[:1], np.array([3]), np.array([3]), np.array([1]))
    with pytest.raises(ConfigError, match="no test face has an emotion that is heard in the voices"):
        write_items(evaluation(tmp_path, 4), MODEL, faces, faces, angry)
