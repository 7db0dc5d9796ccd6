"""A mouth that follows the sound: silence moves nothing, and what is told has the range of real mouths."""

import keras
import numpy as np
import pytest

from vfgan.models.motion_generator import Motion
from vfgan.models.mouth import below_nose, build_mouth
from vfgan.voice.mouth_sound import SILENCE

RANDOM = np.random.default_rng(8)
SETTINGS = {"components": 3, "context": 2, "units": (8, 4), "dropout": 0.1, "noise": 0.1, "bands": 6}


@pytest.fixture
def mouth():
    keras.utils.set_random_seed(2)
    made = build_mouth(**SETTINGS)
    made.measure(talking(200))
    return made


def talking(count):
    """The lower lip falls, the jaw with it, and the corners move a little."""
    moved = np.zeros((count, 468, 2))
    moved[:, 14, 1] = 0.05 * RANDOM.normal(size=count)
    moved[:, 152, 1] = moved[:, 14, 1]
    moved[:, 61, 0] = 0.01 * RANDOM.normal(size=count)
    return moved


def sound(count=4):
    return RANDOM.normal(0, 1, (count, 5, 6)).astype(np.float32)


def test_silence_moves_nothing(mouth):
    assert np.abs(np.asarray(mouth(np.full((2, 5, 6), SILENCE, np.float32)))).max() == 0
    assert np.abs(np.asarray(mouth(sound()))).max() > 0.01


def test_components_are_those_of_the_displacements(mouth):
    basis = np.asarray(mouth.basis).reshape(3, 468, 2)
    assert basis[0, 14, 1] > 0.04  # opens, by a deviation
    np.testing.assert_allclose(basis[0, 152, 1], basis[0, 14, 1], rtol=1e-3)
    assert np.abs(basis[1, 61, 0]) == pytest.approx(0.01, rel=0.2)
    moved = talking(7)
    np.testing.assert_allclose(mouth.displacement(mouth.coefficients(moved)), moved, atol=1e-5)


def test_unexplained_is_a_share_of_what_moves(mouth):
    moved = talking(500)
    mouth.measure(moved)
    real = mouth.coefficients(moved)
    assert float(np.mean(mouth.unexplained(real, 0 * real))) == pytest.approx(1, abs=1e-3)
    assert float(np.mean(mouth.unexplained(real, real))) == 0


def test_range_makes_up_for_what_a_mean_makes_small(mouth):
    real = mouth.coefficients(talking(300))
    mouth.measure_range(0.6 * real, real, most=2.0)
    assert float(mouth.range) == pytest.approx(1 / 0.6, rel=1e-3)
    mouth.measure_range(0.1 * real, real, most=2.0)
    assert float(mouth.range) == 2
    before = np.asarray(mouth(ones := sound()))
    mouth.range.assign(1.0)
    np.testing.assert_allclose(2 * np.asarray(mouth(ones)), before, atol=1e-6)


def test_a_mouth_that_is_open_is_closed_first_where_asked(mouth):
    shape = RANDOM.uniform(0.2, 0.8, (2, 468, 2)).astype(np.float32)
    shape[:, 13, 1], shape[:, 14, 1] = 0.7, 0.74
    motion = Motion(shape, shape)
    moved = np.asarray(mouth.moved(motion, np.zeros((2, 3), np.float32), np.array([0.0, 1.0], np.float32)).moved)
    np.testing.assert_allclose(moved[0], shape[0], atol=1e-6)
    assert moved[1, 14, 1] - moved[1, 13, 1] == pytest.approx(0, abs=1e-5)
    opened = np.asarray(mouth.moved(motion, np.array([[1, 0, 0]] * 2, np.float32), np.zeros(2, np.float32)).moved)
    assert opened[0, 14, 1] > 0.74 + 0.03


def test_lips_that_an_emotion_presses_open_as_far_as_others(mouth):
    shape = RANDOM.uniform(0.2, 0.8, (3, 468, 2)).astype(np.float32)
    shape[:, 13, 1], shape[:, 14, 1] = 0.7, 0.71
    pressed = shape.copy()
    pressed[1:, 13, 1] += 0.006
    speaks = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 0]], np.float32)
    moved = np.asarray(mouth.moved(Motion(shape, pressed), speaks, np.zeros(3, np.float32)).moved)
    relaxed, angry, silent = moved[:, 14, 1] - moved[:, 13, 1]
    assert angry == pytest.approx(relaxed, abs=1e-5)
    assert silent == pytest.approx(0.004, abs=1e-5)


def test_only_what_lies_below_the_nose_moves():
    shape = np.zeros((468, 2))
    shape[:, 1] = np.linspace(0, 1, 468)
    shape[2, 1], shape[13, 1] = 0.6, 0.75
    share = below_nose(shape)[:, 0]
    assert share[shape[:, 1] <= 0.6].max() == 0
    assert share[shape[:, 1] >= 0.75].min() == 1


def test_saved_and_read_again(mouth, tmp_path):
    mouth.save(tmp_path / "mouth.keras")
    again = keras.saving.load_model(tmp_path / "mouth.keras")
    some = sound()
    np.testing.assert_allclose(again(some), mouth(some), atol=1e-6)
