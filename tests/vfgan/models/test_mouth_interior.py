"""The inside of a mouth: what it learns from real faces, and where it is painted."""

import keras
import numpy as np
import pytest

from tests.vfgan.models.test_lips import lips
from vfgan.models.mouth_interior import COLUMNS, ROWS, MouthInterior, _as_lit, skin_of

RANDOM = np.random.default_rng(3)


def with_cheeks(landmarks: np.ndarray) -> np.ndarray:
    landmarks[:, [50, 101]] = [0.3, 0.5]
    landmarks[:, [280, 330]] = [0.7, 0.5]
    return landmarks


def teeth(skin: float, count: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Faces of one grey whose open mouth is white above and black below."""
    face = np.full((count, 128, 128, 3), skin, np.float32)
    face[:, 88:96] = 0.9
    face[:, 96:104] = -1.0
    return face, np.repeat(with_cheeks(lips(0.69, 0.81)), count, axis=0)


@pytest.fixture(scope="module")
def learnt() -> MouthInterior:
    """One that has seen a hundred such faces."""
    keras.utils.set_random_seed(2)
    interior = MouthInterior(24)
    face, points = teeth(0.2, 4)
    interior([points, np.ones((4, 3), np.float32)])
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])  # an optimizer's home
    model.compile(keras.optimizers.Adam(0.01))
    import tensorflow as tf

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = interior.distance(face, points)
        model.optimizer.apply(tape.gradient(loss, interior.trainable_variables), interior.trainable_variables)
        return loss

    model.optimizer.build(interior.trainable_variables)
    first = float(step())
    for _ in range(150):
        last = float(step())
    assert last < 0.3 * first
    return interior


def test_skin_is_the_colour_of_the_cheeks():
    face, points = teeth(0.2)
    face[0, 60:68, :64, 0] = 0.6  # the left cheek is red
    np.testing.assert_allclose(skin_of(face, points)[0], [1.4, 1.2, 1.2], atol=1e-5)


def test_teeth_and_dark_are_learnt_and_fit_the_skin(learnt):
    _, points = teeth(0.2)
    bright, dim = (np.full((1, 3), value, np.float32) for value in (1.2, 0.6))
    made = np.asarray(learnt.picture(points, bright, 128, 128))[0, :, 64]
    assert made[92].min() > 0.6  # teeth
    assert made[101].max() < -0.7  # dark
    darker = np.asarray(learnt.picture(points, dim, 128, 128))[0, 92, 64]
    assert (darker < made[92] - 0.3).all()


def test_left_mirrors_right(learnt):
    _, points = teeth(0.2)
    texture = np.asarray(learnt([points, np.full((1, 3), 1.2, np.float32)]))
    assert texture.shape == (1, ROWS, COLUMNS, 3)
    np.testing.assert_allclose(texture, texture[:, :, ::-1], atol=1e-4)


def test_closed_mouths_teach_nothing():
    interior = MouthInterior(8)
    points = with_cheeks(lips(0.7, 0.7))
    interior([points, np.ones((1, 3), np.float32)])
    assert float(interior.distance(RANDOM.uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32), points)) == 0


def test_half_lips_and_half_dark_is_dark(monkeypatch):
    _, points = teeth(0.2, 2)
    dark, lips_there = (np.full((1, 128, 128, 3), level, np.float32) for level in (-0.8, 0.4))
    face = np.concatenate([dark, lips_there])
    face[:, :76] = 0.2  # the same skin
    interior, losses = MouthInterior(8), {}
    for level in (-0.8, -0.2, 0.4):
        painted = np.full((2, ROWS, COLUMNS, 3), (level + 1) / np.sqrt(1.2), np.float32)
        monkeypatch.setattr(MouthInterior, "__call__", lambda self, inputs, painted=painted: painted)
        losses[level] = float(interior.distance(face, points))
    assert losses[-0.8] < 0.95 * losses[-0.2] < 0.95 * losses[0.4]


def test_in_yellow_light_the_dark_of_a_mouth_is_not_purple():
    skin = np.float32([[1.2, 0.9, 0.3]])  # blue is a third of green
    dark, tooth, brown = (0.3, 0.1, 0.2), (1.0, 1.0, 1.0), (0.3, 0.2, 0.02)
    made = _as_lit(np.float32([[[dark, tooth, brown]]]), skin)[0, 0]
    np.testing.assert_allclose(made, [(0.3, 0.1, 0.125 / 3), tooth, brown], atol=1e-6)
    grey = np.full((1, 3), 0.8, np.float32)
    np.testing.assert_allclose(_as_lit(np.float32([[[[0.3, 0.2, 0.24]]]]), grey)[0, 0, 0], (0.3, 0.2, 0.24), atol=1e-6)


def test_a_grey_face_has_a_grey_mouth():
    keras.utils.set_random_seed(5)
    interior, (_, points) = MouthInterior(8), teeth(0.2)
    grey, pink = (np.array([colour], np.float32) for colour in ([1.1, 1.1, 1.1], [1.3, 1.0, 0.9]))
    spread = [np.ptp(np.asarray(interior.picture(points, skin, 64, 64)), axis=-1).max() for skin in (grey, pink)]
    assert spread[0] < 1e-5 < 0.05 < spread[1]


def test_an_emotion_opens_a_mouth_of_its_own():
    keras.utils.set_random_seed(5)
    interior, (_, points) = MouthInterior(8, emotions=2), teeth(0.2)
    skin = np.full((1, 3), 1.2, np.float32)
    neutral, half, full, twice = (np.array([[0, share]], np.float32) for share in (0.0, 0.5, 1.0, 2.0))
    np.testing.assert_array_equal(interior([points, skin, full]), interior([points, skin]))  # not learnt yet
    interior.felt.kernel.assign(np.random.default_rng(2).normal(size=(2, 8)))
    told = [np.asarray(interior([points, skin, w])) for w in (neutral, half, full, twice)]
    np.testing.assert_array_equal(told[0], interior([points, skin]))
    assert np.abs(told[0] - told[1]).max() > 0.01
    assert np.abs(told[1] - told[2]).max() > 0.01
    np.testing.assert_allclose(told[2], told[3], atol=1e-6)  # no more than all of it


def test_files_of_before_emotions_leave_it_as_it_is(tmp_path):
    _, points = teeth(0.2)
    skin, fear = np.full((1, 3), 1.2, np.float32), np.array([[1.0, 0.0]], np.float32)

    def whole(emotions: int) -> keras.Model:
        inputs = keras.Input((468, 2)), keras.Input((3,)), keras.Input((2,))
        return keras.Model(inputs, MouthInterior(8, emotions, name="paint")(list(inputs)))

    before, now = whole(0), whole(2)
    before.save_weights(tmp_path / "before.weights.h5")
    now.load_weights(tmp_path / "before.weights.h5")
    np.testing.assert_allclose(now([points, skin, fear]), before([points, skin, fear]), atol=1e-6)


def test_gaps_are_where_teeth_are(learnt):
    """White above and black below: gaps are in the white, and what is dark has no stripes."""
    _, points = teeth(0.2)
    points[:, [33, 133], 0], points[:, [362, 263], 0] = 0.3, 0.7
    made = np.asarray(learnt.picture(points, np.full((1, 3), 1.2, np.float32), 256, 256))[0, :, :, 1]
    white, dark = made[183, 112:145], made[206, 112:145]
    assert np.ptp(white) > 0.1
    assert np.ptp(np.diff(dark, 2)) < 0.1 * np.ptp(np.diff(white, 2))
