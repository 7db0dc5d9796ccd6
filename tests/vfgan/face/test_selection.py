"""Which face is meant where there are several."""

import numpy as np
import pytest

from vfgan.face.face import Face
from vfgan.face.selection import WhichFace, said_of_several


def box_face(x, y, eye_distance):
    """A face of which eyes and extent are known."""
    landmarks = np.tile(np.array([[x, y]], np.float32), (468, 1))
    landmarks[[33, 133], 0] -= eye_distance / 2
    landmarks[[263, 362], 0] += eye_distance / 2
    landmarks[10, 1] -= 1.5 * eye_distance
    landmarks[152, 1] += 1.5 * eye_distance
    return Face(landmarks)


SHAPE = (400, 600, 3)


@pytest.mark.parametrize(
    ("which", "expected"),
    [("largest", 0), ("0", 0), ("1", 1), ("2", 2), ("3", None), ("central", 2), ("left", 1), ("right", 2)],
)
def test_the_face_that_is_meant(which, expected):
    faces = [box_face(280, 60, 60), box_face(60, 300, 40), box_face(320, 195, 30)]  # largest first
    for chosen in (WhichFace(which).first(faces, SHAPE), WhichFace(which).next(faces, SHAPE, None)):
        assert chosen is (None if expected is None else faces[expected])
    assert WhichFace(which).first([], SHAPE) is None
    assert WhichFace(which).next([], SHAPE, None) is None


def test_the_choice_does_not_flicker_between_faces_of_one_size():
    left, right, largest = box_face(150, 200, 50), box_face(450, 200, 55), WhichFace()
    assert largest.next([right, left], SHAPE, None) is right
    assert largest.next([right, left], SHAPE, box_face(152, 201, 50)) is left
    assert largest.next([box_face(450, 200, 70), left], SHAPE, left) is not left


def test_a_note_says_how_many_there_are_and_which_is_taken():
    assert said_of_several(1, WhichFace()) == []
    assert said_of_several(3, WhichFace("right")) == ["there are 3 faces: the rightmost is taken"]
    assert said_of_several(12, WhichFace("11")) == ["there are 12 faces: number 11 (0 is the largest) is taken"]
