"""Likeness of pictures, and the yardstick of two real faces of a person."""

import numpy as np
import pytest

from vfgan.data.records import Faces
from vfgan.evaluation.identity import real_likeness, similarity


def test_similarity():
    rng = np.random.default_rng(0)
    face = rng.integers(60, 200, size=(3, 24, 24, 1)).astype(np.uint8)
    np.testing.assert_allclose(similarity(face, face), 1.0)
    brighter = (face + 10).astype(np.uint8)
    other = rng.integers(60, 200, size=(3, 24, 24, 1)).astype(np.uint8)
    assert (similarity(brighter, face) > 0.95).all()
    assert (similarity(other, face) < 0.3).all()
    flat = np.full_like(face, 130)
    np.testing.assert_allclose(similarity(flat, flat + 0), 1.0)


def faces(actors, emotions, levels):
    count = len(actors)
    zeros = np.zeros(count, np.int32)
    noise = np.random.default_rng(1).integers(0, 50, (1, 16, 16, 1))
    pixels = (noise * np.array(levels)[:, None, None, None]).astype(np.uint8)
    return Faces(
        pixels, np.array(emotions, np.int32), zeros, zeros, zeros, zeros.astype(np.float32), zeros.astype(np.float32),
        np.array(actors), np.array(actors),
    )  # fmt: skip


def test_the_yardstick_is_of_one_person_with_two_emotions():
    rng = np.random.default_rng(0)
    sources = faces(["a", "b"], [0, 0], [1, 3])
    same = real_likeness(sources, faces(["a"], [2], [1]), rng)
    assert same == pytest.approx(1.0)  # a's, not b's
    assert real_likeness(sources, faces(["a"], [2], [3]), rng) < 0.9
    for other in (faces(["a"], [0], [1]), faces([""], [2], [1]), faces(["c"], [2], [1])):
        assert np.isnan(real_likeness(sources, other, rng))
