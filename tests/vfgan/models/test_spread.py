"""Displacements of landmarks spread in a network, against NumPy."""

import numpy as np

from vfgan.face.flow import flow_of_landmarks
from vfgan.models.spread import LOWER_LIP, UPPER_LIP, around_mouth, open_mouth, spread

RANDOM = np.random.default_rng(2)


def test_spread_in_a_network_is_the_flow_of_landmarks():
    source = RANDOM.uniform(0.2, 0.8, (2, 468, 2)).astype(np.float32)
    moved = (source + RANDOM.normal(0, 0.02, source.shape)).astype(np.float32)
    expected = np.stack([flow_of_landmarks(*pair) for pair in zip(source, moved)])
    np.testing.assert_allclose(spread(source, moved, 32), expected, atol=1e-5)
    calm = (source + 0.02 * np.sin(6 * source)).astype(np.float32)  # nothing folds
    expected = np.stack([flow_of_landmarks(*pair) for pair in zip(source, calm)])
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(spread(source, calm, 32), expected, atol=1e-5)


def test_what_is_around_a_mouth_is_an_ellipse():
    landmarks = np.full((1, 468, 2), 0.5, np.float32)
    landmarks[0, [61, 291, 0, 17]] = [[0.4, 0.7], [0.6, 0.7], [0.5, 0.65], [0.5, 0.75]]
    where = np.asarray(around_mouth(landmarks, 128, 128))[0, ..., 0]
    assert min(where[90, 64], where[90, 52], where[84, 64]) > 0.99  # middle, corner, upper lip
    assert max(where[64, 64], where[90, 28], where[44, 50]) == 0  # nose, cheek, brow
    np.testing.assert_allclose(where, where[:, ::-1], atol=1e-5)


def test_a_mouth_is_open_between_the_lips_only():
    landmarks = np.full((1, 468, 2), 0.5, np.float32)
    columns = np.linspace(0.4, 0.6, 11)
    for lips, height in ((UPPER_LIP, 0.70), (LOWER_LIP, 0.80)):
        landmarks[0, list(lips)] = np.stack([columns, np.full(11, height)], axis=1)
    where = np.asarray(open_mouth(landmarks, 128, 128))[0, ..., 0]
    assert where[96, 64] > 0.99  # between
    assert max(where[84, 64], where[108, 64], where[96, 40], where[96, 90]) < 0.01  # above, below, beside
    landmarks[0, list(LOWER_LIP)] -= [0.0, 0.1]
    assert np.asarray(open_mouth(landmarks, 128, 128)).max() < 0.08  # closed
