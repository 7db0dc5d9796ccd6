"""Where lips are: open, opened, and the coordinates between them."""

import numpy as np
import pytest

from vfgan.face.flow import LOWER_LIP, UPPER_LIP
from vfgan.models.lips import (
    in_mouth,
    lip_edges,
    mouth_grid,
    mouth_rows,
    mouth_shape,
    open_mouth,
    opened_mouth,
)


def lips(upper: float, lower: float, left: float = 0.4, right: float = 0.6, arch: float = 0.0) -> np.ndarray:
    """Landmarks of one face whose inner lips are level lines, or arches: float32 [1, 468, 2]."""
    landmarks = np.full((1, 468, 2), 0.5, np.float32)
    columns = np.linspace(left, right, 11)
    for edge, height, way in ((UPPER_LIP, upper, -arch), (LOWER_LIP, lower, arch)):
        bent = height + way * (1.0 - np.square(np.linspace(-1, 1, 11)))
        landmarks[0, list(edge)] = np.stack([columns, bent], axis=1)
    landmarks[0, [UPPER_LIP[0], UPPER_LIP[-1]], 1] = (upper + lower) / 2  # both lips end in the corners
    return landmarks


def test_a_mouth_is_open_between_the_lips_only():
    where = np.asarray(open_mouth(lips(0.70, 0.80), 128, 128))[0, ..., 0]
    assert where[96, 64] > 0.99  # between
    assert max(where[84, 64], where[108, 64], where[96, 40], where[96, 90]) < 0.01  # above, below, beside
    assert np.asarray(open_mouth(lips(0.70, 0.70), 128, 128)).max() < 0.08  # closed


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        (0.0, 0.10, 1.0), (0.03, 0.10, 1.0),  # hardly open
        (0.010, 0.016, 0.13), (0.010, 0.013, 0.0),  # a little: it keeps what it had
        (0.06, 0.10, 1.0), (0.09, 0.10, 0.4), (0.10, 0.10, 0.0), (0.15, 0.10, 0.0),  # wide: its teeth are laid on top
    ],
)  # fmt: skip
def test_what_is_new_in_a_mouth(before, after, new):
    where = np.asarray(opened_mouth(lips(0.70, 0.70 + before), lips(0.70, 0.70 + after), 512, 512))[0, ..., 0]
    inside = np.asarray(open_mouth(lips(0.70, 0.70 + after), 512, 512))[0, ..., 0]
    row = round((0.70 + after / 2) * 512)
    assert where[row, 256] / inside[row, 256] == pytest.approx(new, abs=0.03)


@pytest.mark.parametrize(("height", "width"), [(96, 64), (64, 64), (331, 221)])
def test_the_rows_of_a_mouth_are_those_of_the_whole(height, width):
    """Lips as high and as low as any that were measured, wide open."""
    before, after, part = lips(0.52, 0.53), lips(0.52, 1.16), mouth_rows(width)
    whole = np.asarray(opened_mouth(before, after, height, width))
    np.testing.assert_array_equal(np.asarray(opened_mouth(before, after, height, width, part)), whole[:, part])
    assert max(whole[:, : part.start].max(), whole[:, part.stop :].max(initial=0.0)) < 1e-4
    for one, of_all in zip(in_mouth(after, height, width, part), in_mouth(after, height, width)):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(of_all)[:, part])


def test_lips_that_do_not_move_open_nothing():
    for gap in (-0.004, 0.0, 0.003, 0.1):
        assert np.asarray(opened_mouth(lips(0.7, 0.7 + gap), lips(0.7, 0.7 + gap), 64, 64)).max() == 0


def test_points_between_lips_lead_there_and_back():
    landmarks = lips(0.72, 0.74, arch=0.04)
    x, y = (np.asarray(one)[0] for one in mouth_grid(landmarks, 6, 12))
    assert (np.diff(y, axis=0) > 0).all()
    assert (np.diff(x, axis=1) > 0).all()
    u, v = (np.asarray(one)[0] for one in in_mouth(landmarks, 400, 400))
    rows, columns = np.round(y * 400 - 0.5).astype(int), np.round(x * 400 - 0.5).astype(int)
    np.testing.assert_allclose(u[rows, columns], np.tile((np.arange(12) + 0.5) / 12, (6, 1)), atol=0.01)
    found = v[rows, columns][:, 3:-3]  # in the middle, where a pixel is a small part of the gap
    np.testing.assert_allclose(found, np.tile(((np.arange(6) + 0.5) / 6)[:, None], (1, 6)), atol=0.03)


def test_edges_of_lips_are_read_between_landmarks():
    columns = np.array([[0.45, 0.5, 0.51]], np.float32)
    upper, lower = (np.asarray(edge)[0] for edge in lip_edges(lips(0.75, 0.75, arch=0.02), columns))
    arch = 0.02 * (1 - np.square((columns[0] - 0.5) / 0.1))
    assert np.abs(upper - (0.75 - arch)).max() < 0.003  # a kernel flattens an arch a little
    np.testing.assert_allclose(upper - 0.75, 0.75 - lower, atol=1e-5)


def test_the_shape_of_a_mouth_is_without_place_and_side():
    landmarks = lips(0.70, 0.80, arch=0.02)
    np.testing.assert_allclose(mouth_shape(landmarks + np.float32(0.05)), mouth_shape(landmarks), atol=1e-4)
    crooked = landmarks.copy()
    crooked[0, UPPER_LIP[3], 1] -= 0.01
    mirrored = landmarks.copy()
    mirrored[0, UPPER_LIP[-4], 1] -= 0.01
    np.testing.assert_allclose(mouth_shape(crooked), mouth_shape(mirrored), atol=1e-5)
    assert np.abs(np.asarray(mouth_shape(crooked)) - mouth_shape(landmarks)).max() > 0.1
    assert np.asarray(mouth_shape(lips(0.7, 0.8, 0.35, 0.65)))[0, -1] == pytest.approx(-0.3, abs=1e-4)
