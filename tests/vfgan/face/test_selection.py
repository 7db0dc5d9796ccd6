"""Which face is meant where there are several."""

import numpy as np

from vfgan.face.face import Face
from vfgan.face.selection import choose_face


def box_face(x, y, eye_distance):
    """A face of which eyes and extent are known."""
    landmarks = np.tile(np.array([[x, y]], np.float32), (468, 1))
    landmarks[[33, 133], 0] -= eye_distance / 2
    landmarks[[263, 362], 0] += eye_distance / 2
    landmarks[10, 1] -= 1.5 * eye_distance
    landmarks[152, 1] += 1.5 * eye_distance
    return Face(landmarks)


def test_the_largest_or_the_most_central_face_is_meant():
    large, central = box_face(80, 100, 60), box_face(310, 195, 30)
    assert choose_face([large, central], (400, 600, 3)) is large
    assert choose_face([large, central], (400, 600, 3), "central") is central


def test_the_choice_does_not_flicker_between_faces_of_one_size():
    left, right = box_face(150, 200, 50), box_face(450, 200, 55)
    assert choose_face([right, left], (400, 600, 3)) is right
    assert choose_face([right, left], (400, 600, 3), before=box_face(152, 201, 50)) is left
    assert choose_face([box_face(450, 200, 70), left], (400, 600, 3), before=left) is not left
