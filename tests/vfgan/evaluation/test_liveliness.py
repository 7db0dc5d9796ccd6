"""Liveliness of generators that are known to copy, to freeze and to exaggerate."""

import numpy as np
import pytest

from vfgan.data.face_set import Faces
from vfgan.evaluation.liveliness import liveliness


def clips():
    """Two clips of five frames in disorder, and one that is too short."""
    rng = np.random.default_rng(0)
    names = np.array(["a"] * 5 + ["b"] * 5 + ["c"] * 2)
    time = np.concatenate([rng.permutation(5), rng.permutation(5), [0, 1]]).astype(np.float32)
    pixels = np.zeros((12, 20, 20, 1), np.uint8)
    pixels[:] = (100 + 10 * time).astype(np.uint8)[:, None, None, None]
    zeros = np.zeros(12, np.int32)
    return Faces(pixels, zeros, zeros, zeros, zeros, time, zeros.astype(np.float32), names, names)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda pixels, z: pixels, 1.0),
        (lambda pixels, z: np.full_like(pixels, 7), 0.0),
        (lambda pixels, z: 100 + ((pixels.astype(int) - 100) // 2).astype(np.uint8), 0.5),
    ],
)
def test_movement_as_a_share_of_the_source_s(change, expected):
    assert liveliness(change, clips(), np.zeros((3, 4))) == pytest.approx(expected)


def test_trembling_is_no_movement():
    noise = np.random.default_rng(1)

    def tremble(pixels, z):
        return (pixels.astype(int) + noise.integers(-9, 10, pixels.shape)).astype(np.uint8)

    assert liveliness(tremble, clips(), np.zeros((3, 4))) == pytest.approx(1.0, abs=0.05)
    stiff = liveliness(lambda pixels, z: tremble(np.full_like(pixels, 99), z), clips(), np.zeros((3, 4)))
    assert stiff == pytest.approx(0.0, abs=0.05)


def test_every_face_of_a_clip_has_the_same_voice():
    seen = []
    liveliness(lambda pixels, z: seen.append(z) or pixels, clips(), np.arange(6.0).reshape(3, 2))
    assert len(seen) == 2
    assert all((z == z[0]).all() for z in seen)


def test_without_footage_there_is_none():
    assert np.isnan(liveliness(lambda pixels, z: pixels, clips().where(np.arange(2) * 6), np.zeros((1, 4))))
