"""Which faces are X and which are Y."""

import dataclasses

import numpy as np
import pytest

from tests.vfgan.data.flat_faces import make_faces
from vfgan.config.gan import GanConfig
from vfgan.config.training import TrainConfig
from vfgan.data.recipes import choose_faces, clear_faces, source_faces
from vfgan.errors import ConfigError

CONFIG = GanConfig.of(size_px=32, train=TrainConfig(steps=100, batch_size=16))


def test_sources():
    faces = make_faces([0, 3, 3, 3, 0], [1] * 5, voice_phase=[0, -1, 0, 1, 1])
    # neutral clips only: what precedes or follows the voice of another often shows its emotion, too
    np.testing.assert_array_equal(source_faces(faces, CONFIG).clip_id, ["c/0", "c/4"])
    assert len(source_faces(faces, GanConfig.of(source="any"))) == 5
    np.testing.assert_array_equal(faces.showing.clip_id, ["c/0", "c/2"])
    with pytest.raises(ConfigError, match="no neutral faces"):
        source_faces(make_faces([3], [1]), CONFIG)


def test_faces_in_which_another_emotion_is_seen_are_left_out():
    """Of 30 happy faces 25 are seen so; of 30 sad ones 5, too few to learn from: they all stay."""
    faces = make_faces([1] * 30 + [2] * 30, [1] * 60)
    seen = np.array([1] * 25 + [3] * 5 + [2] * 5 + [1] * 25)
    assert clear_faces(faces, seen).clip_id.tolist() == [f"c/{i}" for i in [*range(25), *range(30, 60)]]


def people():
    faces = make_faces([0, 3, 0, 3, 0, 3], [1] * 6)
    return dataclasses.replace(faces, actor=np.array(["01", "01", "02", "02", "", ""]))


@pytest.mark.parametrize(
    ("options", "sources", "targets"),
    [
        ({}, [0, 2, 4], [0, 1, 2, 3, 4, 5]),
        ({"recipe": "person-to-person", "target": "01", "source": "any"}, [2, 3, 4, 5], [0, 1]),
        ({"recipe": "person-to-person", "target": "01"}, [2, 4], [0, 1]),
        ({"recipe": "one-person", "target": "02"}, [2], [2, 3]),
    ],
)
def test_recipes(options, sources, targets):
    x, y = choose_faces(people(), GanConfig.of(**options))
    assert x.clip_id.tolist() == [f"c/{i}" for i in sources]
    assert y.clip_id.tolist() == [f"c/{i}" for i in targets]


def test_a_recipe_says_what_it_lacks():
    with pytest.raises(ConfigError, match="--target 07: has no training faces here; there are c/01, c/02"):
        choose_faces(people(), GanConfig.of(recipe="one-person", target="07"))
    alone = people().where(np.array([0, 1]))
    with pytest.raises(ConfigError, match="all faces are of 01"):
        choose_faces(alone, GanConfig.of(recipe="person-to-person", target="01"))
    with pytest.raises(ConfigError, match="^target: expected "):
        GanConfig.of(recipe="one-person")
    with pytest.raises(ConfigError, match="^target: expected "):
        GanConfig.of(target="01")


def test_a_target_is_one_person():
    faces = dataclasses.replace(
        people(), clip_id=np.array(["kdef/0", "kdef/1", "yale/2", "yale/3", "yale/4", "yale/5"])
    )
    faces = dataclasses.replace(faces, actor=np.array(["01", "01", "01", "01", "", ""]))
    with pytest.raises(ConfigError, match="--target 01: is several people here; expected one of kdef/01, yale/01"):
        choose_faces(faces, GanConfig.of(recipe="one-person", target="01"))
    _, shown = choose_faces(faces, GanConfig.of(recipe="one-person", target="yale/01"))
    assert shown.clip_id.tolist() == ["yale/2", "yale/3"]
