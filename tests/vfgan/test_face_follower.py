"""Where the crop lies: steady at rest, at once where the face moves."""

import numpy as np
import pytest

from vfgan.config import CropConfig
from vfgan.face_follower import FaceFollower, steadied
from vfgan.media.faces import Face

SIZE = 100


def placed(dx=0.0, dy=0.0):
    """A crop at twice the picture's scale, moved by (dx, dy) crop pixels."""
    return np.array([[2.0, 0.0, -300.0 + dx], [0.0, 2.0, -40.0 + dy]])


@pytest.mark.parametrize(("moved_px", "kept"), [(0.0, 0.5), (1.0, 0.4), (2.5, 0.25), (5.0, 0.0), (30.0, 0.0)])
def test_share_of_the_last_place_by_hand(moved_px, kept):
    expected = placed(dx=moved_px * (1 - kept))
    np.testing.assert_allclose(steadied(placed(), placed(dx=moved_px), SIZE), expected, atol=1e-9)


def test_it_does_not_matter_where_in_the_picture_the_face_is():
    far = np.array([[0.0, 0.0, -5000.0], [0.0, 0.0, -5000.0]])
    near = steadied(placed(), placed(1.0, 1.0), SIZE) - placed()
    np.testing.assert_allclose(steadied(placed() + far, placed(1.0, 1.0) + far, SIZE) - placed() - far, near, atol=1e-9)


def test_a_turn_counts_as_movement():
    angle = np.deg2rad(5)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = np.hstack([turn @ placed()[:, :2], placed()[:, 2:]])
    np.testing.assert_array_equal(steadied(placed(), turned, SIZE), turned)  # the far corners move by far more than 5 %


class Finder:
    """Stands in for the detector: gives what it is told, and counts."""

    def __init__(self, faces):
        self.faces, self.calls = iter(faces), 0

    def find(self, rgb):
        self.calls += 1
        return next(self.faces)

    def close(self):
        pass


def face(x):
    landmarks = np.zeros((468, 2), np.float32)
    landmarks[[33, 133]], landmarks[[263, 362]], landmarks[2] = (x, 50), (x + 40, 50), (x + 20, 80)
    return Face(landmarks)


def test_gaps_and_two_faces():
    follower = FaceFollower(face(10), CropConfig(), SIZE)
    follower._finder.close()
    follower._finder = Finder([[], [face(10.2)], [face(10.6), face(90)], [], [face(11.0)]])
    with follower:
        pictures = [np.zeros((4, 4, 3), np.uint8) for _ in range(5)]
        before, first, second, gap, again = [follower.follow(rgb) for rgb in pictures]
        assert [place.faces for place in (before, first, second, gap, again)] == [0, 1, 2, 0, 1]
        assert follower.follow(pictures[-1]) is again  # the same picture is not looked at twice
        assert follower._finder.calls == 5
    x = [place.matrix[0, 2] for place in (before, first, second, gap, again)]
    assert x[0] > x[1] > x[2] > x[4]
    assert x[3] == x[2]  # a gap keeps the last place
    exact = [FaceFollower(face(v), CropConfig(), SIZE)._matrix[0, 2] for v in (10, 10.2, 10.6, 11.0)]
    np.testing.assert_allclose([x[0], x[1], x[4]], [exact[0], exact[1], exact[3]])  # after a gap it starts anew
    assert exact[1] > x[2] > exact[2]  # in between: steadied
