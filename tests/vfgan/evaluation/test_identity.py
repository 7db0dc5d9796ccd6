"""Likeness of pictures, and the yardstick of two real faces of a person."""

import cv2
import numpy as np
import pytest

from vfgan.data.face_set import Faces
from vfgan.evaluation.identity import STEADY, same_person, shape_distance, similarity
from vfgan.face.pixels import fade_mask


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


def likeness_by_opencv(a, b):
    """SSIM from its formula in float64, weighted by the oval; OpenCV's border is the mirrored picture."""

    def blurred(picture):
        return cv2.GaussianBlur(picture, (11, 11), 1.5)

    a, b = a[..., 0].astype(np.float64), b[..., 0].astype(np.float64)
    mean_a, mean_b = blurred(a), blurred(b)
    var_a, var_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
    both = blurred(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    share = (2 * mean_a * mean_b + c1) * (2 * both + c2) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return np.average(share, weights=fade_mask(len(a)))


@pytest.mark.parametrize("size", [32, 64])
def test_similarity_agrees_with_the_formula(size):
    rng = np.random.default_rng(4)
    face = cv2.GaussianBlur(rng.uniform(size=(size, size)), (0, 0), 3)
    face = np.rint(255 * (face - face.min()) / np.ptp(face)).astype(np.uint8)[..., None]
    noisy = np.clip(face + rng.normal(0, 12, face.shape), 0, 255).astype(np.uint8)
    for other in (noisy, np.roll(face, size // 2, axis=0), 255 - face):
        expected = likeness_by_opencv(face, other)
        assert similarity(face[None], other[None])[0] == pytest.approx(expected, abs=1e-4)


def test_what_no_voice_can_change_does_not_count():
    face = np.random.default_rng(0).integers(60, 200, size=(1, 64, 64, 1)).astype(np.uint8)
    background, eyes = face.copy(), face.copy()
    background[:, :5, :5] = 0
    eyes[:, 28:33, 20:25] = 0
    assert similarity(background, face) == pytest.approx(1.0)
    assert similarity(eyes, face) < 0.99


def faces(actors, emotions, levels, corpus="c"):
    count = len(actors)
    zeros = np.zeros(count, np.int32)
    noise = np.random.default_rng(1).integers(0, 50, (1, 16, 16, 1))
    pixels = (noise * np.array(levels)[:, None, None, None]).astype(np.uint8)
    return Faces(
        pixels, np.array(emotions, np.int32), zeros, zeros, zeros, zeros.astype(np.float32), zeros.astype(np.float32),
        np.array(actors), np.array([f"{corpus}/{i}" for i in range(count)]),
    )  # fmt: skip


def test_the_yardstick_is_of_one_person_with_two_emotions():
    rng = np.random.default_rng(0)
    sources = faces(["a", "b"], [0, 0], [1, 3])
    first, second = same_person(sources, faces(["b", "a"], [2, 2], [1, 1]), rng)
    assert (first.tolist(), second.tolist()) == ([1, 0], [0, 1])
    namesake = faces(["a"], [2], [1], corpus="d")
    for other in (faces(["a"], [0], [1]), faces([""], [2], [1]), faces(["c"], [2], [1]), namesake):
        assert not len(same_person(sources, other, rng)[0])


def test_shape_is_of_the_steady_landmarks_wherever_the_face_is():
    rng = np.random.default_rng(2)
    face = rng.uniform(0, 100, (1, 468, 2))
    face[0, [33, 133, 362, 263]] = [[0, 0], [20, 0], [80, 0], [100, 0]]  # eye centres 80 apart
    turn = 1.3 * np.array([[0.8, 0.6], [-0.6, 0.8]])
    moved = face @ turn + [5, -7]
    assert shape_distance(face, moved)[0] == pytest.approx(0, abs=1e-9)
    mouth = moved.copy()
    mouth[0, 13] += 50
    assert shape_distance(face, mouth)[0] == pytest.approx(0, abs=1e-9)
    nose = face.copy()
    nose[0, 4] += [0, 8]
    assert 0.5 * 0.1 / len(STEADY) ** 0.5 < shape_distance(face, nose)[0] < 0.1 / len(STEADY) ** 0.5
    assert shape_distance(face, face * [-1, 1])[0] > 0.2  # a mirrored face is another
    assert np.isnan(shape_distance(face, np.full_like(face, np.nan))[0])
