"""The truth about a drawn face: its landmarks, beside what the face mesh finds and what action units mean."""

import numpy as np
import pytest

from tfrecords_builder.synthetic.actor import draw_actor
from tfrecords_builder.synthetic.face import LANDMARKS, FaceRenderer
from tfrecords_builder.synthetic.motion import ACTION_UNITS, JAW_DROP, FacePose

#: Of the face mesh; means of the two where a truth lies between them.
MESH = {
    "left_mouth_corner": (61,), "right_mouth_corner": (291,), "upper_lip_outer": (0,), "lower_lip_outer": (17,),
    "left_upper_lid": (159,), "right_lower_lid": (374,), "left_brow_middle": (105, 52), "right_brow_inner": (336, 285),
    "chin": (152,),
}  # fmt: skip


def pose(**others):
    """unit number as uN=strength."""
    units = np.zeros(len(ACTION_UNITS))
    for name in [name for name in others if name.startswith("u")]:
        units[ACTION_UNITS.index(int(name[1:]))] = others.pop(name)
    return FacePose(units, **others)


@pytest.fixture(scope="module")
def renderer():
    return FaceRenderer(draw_actor(1, 2).look, 256)


def places(renderer, some_pose):
    truth = renderer.truth(some_pose)
    return {name: np.array(place) for name, place in truth.landmarks_px.items()}, truth


def test_every_landmark_has_a_place_in_the_picture(renderer):
    found, truth = places(renderer, pose())
    assert tuple(found) == LANDMARKS
    assert all((place > 0).all() and (place < 256).all() for place in found.values())
    inner, outer = found["left_brow_inner"], found["left_brow_outer"]
    assert outer[0] < truth.left_eye_px[0] < inner[0]
    assert found["left_upper_lid"][1] < truth.left_eye_px[1] < found["left_lower_lid"][1]
    assert found["upper_lip_outer"][1] < found["lower_lip_outer"][1] < found["chin"][1]


def test_landmarks_move_as_their_units_mean(renderer):
    rest, truth = places(renderer, pose())
    unit = truth.right_eye_px[0] - truth.left_eye_px[0]

    def moved(name, **units):
        return (places(renderer, pose(**units))[0][name] - rest[name]) / unit

    assert moved("chin", u26=1.0)[1] == pytest.approx(JAW_DROP, rel=0.1)
    assert moved("left_brow_inner", u4=1.0)[1] > 0.1
    assert moved("right_brow_outer", u2=1.0)[1] < -0.1
    assert moved("right_mouth_corner", u12=1.0)[0] == pytest.approx(-moved("left_mouth_corner", u12=1.0)[0])
    assert moved("left_upper_lid", u45=1.0)[1] > 0.05
    opened = places(renderer, pose(u26=1.0))
    gap = opened[0]["lower_lip_inner"][1] - opened[0]["upper_lip_inner"][1]
    assert gap == pytest.approx(opened[1].mouth_opening_px, rel=0.01)


def test_landmarks_turn_with_the_head(renderer):
    rest, turned = places(renderer, pose())[0], places(renderer, pose(roll=0.2))[0]
    across = turned["right_mouth_corner"] - turned["left_mouth_corner"]
    assert np.arctan2(across[1], across[0]) == pytest.approx(0.2, abs=0.01)
    assert np.hypot(*across) == pytest.approx(np.hypot(*(rest["right_mouth_corner"] - rest["left_mouth_corner"])))


@pytest.mark.medium
def test_the_mesh_finds_landmarks_where_they_are(renderer):
    from vfgan.face.finder import FaceFinder

    with FaceFinder() as finder:
        for some_pose in (pose(), pose(u12=1.0, u6=0.9)):
            found = finder.find(renderer.render(some_pose))[0]
            true, _ = places(renderer, some_pose)
            for name, indices in MESH.items():
                away = np.hypot(*(found.landmarks[list(indices), :2].mean(axis=0) - true[name]))
                assert away < 0.15 * found.eye_distance, name
