"""How action units move the skin."""

import numpy as np
import pytest

from tfrecords_builder.synthetic.motion import ACTION_UNITS, JAW_DROP, FacePose, SkinMotion

BROW, CORNER, CHIN = (0.22, -0.42), (0.46, 1.14), (0.0, 1.9)


def pose(**others):
    """unit number as uN=strength."""
    units = np.zeros(len(ACTION_UNITS))
    for name in [name for name in others if name.startswith("u")]:
        units[ACTION_UNITS.index(int(name[1:]))] = others.pop(name)
    return FacePose(units, **others)


def moved(point, some_pose):
    return SkinMotion(np.array([point])).displace(some_pose)[0]


def test_at_rest_nothing_moves():
    np.testing.assert_array_equal(SkinMotion(np.array([BROW, CORNER, CHIN])).displace(pose()), np.zeros((3, 2)))


def test_units_move_what_they_are_named_after():
    assert moved(BROW, pose(u1=1.0))[1] < -0.15  # up
    assert moved(CORNER, pose(u12=1.0))[1] < -0.1
    assert moved(CORNER, pose(u15=1.0))[1] > 0.1
    assert moved(CHIN, pose(u26=1.0))[1] == pytest.approx(JAW_DROP, rel=0.1)
    assert abs(moved(BROW, pose(u26=1.0))[1]) < 0.01


def test_both_sides_move_alike():
    mirrored = moved((-CORNER[0], CORNER[1]), pose(u12=0.8))
    np.testing.assert_allclose(mirrored, moved(CORNER, pose(u12=0.8)) * (-1, 1), atol=1e-12)


def test_a_turn_moves_the_nose_furthest():
    turned = pose(yaw=0.3)
    assert moved((0.0, 0.55), turned)[0] > moved((1.0, 0.55), turned)[0] > 0


def test_a_unit_is_found_by_its_number():
    assert pose(u26=0.4).unit(26) == 0.4
    assert pose(u26=0.4).unit(12) == 0.0
