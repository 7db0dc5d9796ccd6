"""Where the crop lies: steady at rest, at once where the face moves."""

import numpy as np
import pytest

from vfgan.config.data import CropConfig
from vfgan.errors import ConfigError
from vfgan.face.crop import crop_matrix
from vfgan.face.face import Face
from vfgan.face.selection import WhichFace
from vfgan.face.tracker import FaceTracker, smoothed_matrix

SIZE = 100
KEEP = 0.5


def placed(dx=0.0, dy=0.0):
    """A crop at twice the picture's scale, moved by (dx, dy) crop pixels."""
    return np.array([[2.0, 0.0, -300.0 + dx], [0.0, 2.0, -40.0 + dy]])


@pytest.mark.parametrize(("moved_px", "kept"), [(0.0, 0.5), (1.0, 0.4), (2.5, 0.25), (5.0, 0.0), (30.0, 0.0)])
def test_share_of_the_last_place_by_hand(moved_px, kept):
    expected = placed(dx=moved_px * (1 - kept))
    np.testing.assert_allclose(smoothed_matrix(placed(), placed(dx=moved_px), SIZE, KEEP), expected, atol=1e-9)


def test_it_does_not_matter_where_in_the_picture_the_face_is():
    far = np.array([[0.0, 0.0, -5000.0], [0.0, 0.0, -5000.0]])
    near = smoothed_matrix(placed(), placed(1.0, 1.0), SIZE, KEEP) - placed()
    np.testing.assert_allclose(
        smoothed_matrix(placed() + far, placed(1.0, 1.0) + far, SIZE, KEEP) - placed() - far, near, atol=1e-9
    )


def test_a_turn_counts_as_movement():
    angle = np.deg2rad(5)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = np.hstack([turn @ placed()[:, :2], placed()[:, 2:]])
    np.testing.assert_array_equal(
        smoothed_matrix(placed(), turned, SIZE, KEEP), turned
    )  # the far corners move by far more than 5 %


class Finder:
    """Stands in for the detector: gives what it is told, and counts."""

    def __init__(self, faces):
        self.faces, self.calls = iter(faces), 0

    def find(self, rgb, meant=None):
        self.calls += 1
        return next(self.faces)

    def close(self):
        pass


def face(x, eyes=40):
    """A face whose right eye is at x; the rest of the mesh spreads over its box."""
    landmarks = np.random.default_rng(0).uniform((x - eyes / 2, 20), (x + 1.5 * eyes, 120), (468, 2)).astype(np.float32)
    landmarks[[33, 133]], landmarks[[263, 362]], landmarks[2] = (x, 50), (x + eyes, 50), (x + eyes / 2, 50 + eyes / 2)
    return Face(landmarks)


def follow(faces_of_frames, which="largest"):
    """The places, and the pictures, of a video in which the detector finds these faces."""
    tracker = FaceTracker(face(10), CropConfig(), SIZE, WhichFace(which), KEEP)
    tracker._finder.close()
    tracker._finder = Finder(faces_of_frames)
    pictures = [np.zeros((4, 4, 3), np.uint8) for _ in faces_of_frames]
    with tracker:
        places = [tracker.placement(rgb) for rgb in pictures]
        assert tracker.placement(pictures[-1]) is places[-1]  # the same picture is not looked at twice
        assert tracker._finder.calls == len(pictures)
    return places


def exact(x, eyes=40):
    return crop_matrix(face(x, eyes), CropConfig(), SIZE)[0, 2]


def test_gaps_and_two_faces():
    places = follow([[], [face(10.2)], [face(10.6), face(300)], [], [face(11.0)]])
    assert [place.faces for place in places] == [0, 1, 2, 0, 1]
    assert [place.found for place in places] == [False, True, True, False, True]
    x = [place.matrix[0, 2] for place in places]
    np.testing.assert_allclose([x[0], x[1], x[4]], [exact(10), exact(10.2), exact(11)])  # after a gap it starts anew
    assert exact(10.2) > x[2] > exact(10.6)  # in between: smoothed_matrix
    assert x[3] == x[2]  # a gap keeps the last place


def test_it_stays_with_a_face_until_another_is_clearly_larger():
    places = follow([[face(10, 40), face(300, 39)], [face(300, 41), face(10, 40)], [face(300, 80), face(10, 40)]])
    x = [place.matrix[0, 2] for place in places]
    np.testing.assert_allclose(x, [exact(10), exact(10), exact(300, 80)], atol=1e-3)


def test_the_face_on_the_left_may_be_lost_and_found_again():
    """While that one is not found, the other is not taken for it; when all are there again, the left one is."""
    left, right = face(10, 40), face(300, 80)
    places = follow([[right, left], [right], [right], [right, face(11)], [right, face(150)]], "left")
    assert [place.found for place in places] == [True, False, False, True, True]
    x = [place.matrix[0, 2] for place in places]
    np.testing.assert_allclose([x[0], x[3], x[4]], [exact(10), exact(11), exact(150)], atol=1e-3)
    assert x[1] == x[2] == x[0]


def test_a_number_counts_by_size_in_the_first_picture():
    places = follow([[face(300, 80), face(10, 40)], [face(300, 80), face(10, 60)]], "1")
    assert [place.found for place in places] == [True, True]
    np.testing.assert_allclose(places[1].matrix[0, 2], exact(10, 60), atol=1e-3)


def test_which_faces_there_are():
    with pytest.raises(ConfigError, match="expected largest, central, left, right, or 0 to 99"):
        WhichFace("nearest")
    assert WhichFace("2").first([face(10)], (4, 4, 3)) is None
    assert WhichFace("left").first([], (4, 4, 3)) is None
    assert "a.png: there is no face number 2" in str(WhichFace("2").missing(1, "a.png"))
