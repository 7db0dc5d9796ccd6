"""Gaps between teeth: where they are, and what they leave as it is."""

import numpy as np
import pytest

from vfgan.models.teeth import pale, tooth_columns, whiteness

EYE_DISTANCE, WIDTH = 0.4, 1023  # the middle is that of a pixel


def face(middle: float = 0.5) -> np.ndarray:
    """Landmarks of one face: float32 [1, 468, 2]."""
    landmarks = np.full((1, 468, 2), 0.5, np.float32)
    landmarks[0, [33, 133], 0] = 0.5 - EYE_DISTANCE / 2
    landmarks[0, [362, 263], 0] = 0.5 + EYE_DISTANCE / 2
    landmarks[0, 13, 0] = middle
    return landmarks


def darkest(row: np.ndarray) -> np.ndarray:
    """Places that are darker than those beside them."""
    return 1 + np.flatnonzero((row[1:-1] > row[:-2]) & (row[1:-1] >= row[2:]))


def test_gaps_are_as_far_apart_as_teeth_are_wide():
    dark, _ = tooth_columns(face(), WIDTH)
    gaps = darkest(np.asarray(dark)[0])
    assert len(gaps) == 11  # the middle, and five on either side
    millimetres = (gaps + 0.5 - WIDTH / 2) / WIDTH / EYE_DISTANCE * 63.0
    np.testing.assert_allclose(millimetres[5:], [0, 8.5, 15, 21.5, 26.5, 30.5], atol=0.3)
    np.testing.assert_allclose(millimetres, -millimetres[::-1], atol=0.3)


def test_gaps_move_with_the_mouth():
    (here, _), (there, _) = (tooth_columns(face(middle), WIDTH) for middle in (0.5, 0.5 + 32 / WIDTH))
    np.testing.assert_allclose(np.asarray(here)[0, 100:400], np.asarray(there)[0, 132:432], atol=1e-3)


def test_a_small_picture_has_as_much_dark():
    large, small = (np.asarray(tooth_columns(face(), width)[0]).mean() for width in (512, 96))
    assert small == pytest.approx(large, rel=0.15)


def test_teeth_are_white_and_bright():
    colours = np.array([[0.95, 0.95, 0.9], [0.95, 0.45, 0.4], [0.2, 0.2, 0.2]], np.float32)
    np.testing.assert_allclose(np.asarray(whiteness(colours))[:, 0], [1, 0, 0], atol=1e-6)


def test_a_face_without_eyes_has_numbers():
    dark, down = tooth_columns(np.zeros((1, 468, 2), np.float32), 64)
    assert np.isfinite(dark).all()
    assert np.isfinite(down).all()


def test_teeth_are_not_yellow_and_the_rest_keeps_its_colour():
    yellow, tongue, white = np.float32([1.1, 1.0, 0.6]), np.float32([0.5, 0.25, 0.25]), np.float32([0.9, 0.88, 0.84])
    made = np.asarray(pale(np.stack([yellow, tongue, white])))
    assert (made[0].max() - made[0].min()) / made[0].max() < 0.2
    np.testing.assert_allclose(made[1:], [tongue, white], atol=1e-6)
