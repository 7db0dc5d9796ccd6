"""How far heads are turned, against turns that are known."""

import numpy as np
import pytest

from vfgan.face.finder import find_face
from vfgan.face.head_pose import _MODEL, head_pose_degrees


def rotation(yaw, pitch, roll):
    """x to the right, y down, z away: about the upright axis, then the level one, then the line of sight."""
    (cy, cp, cr), (sy, sp, sr) = np.cos([yaw, pitch, roll]), np.sin([yaw, pitch, roll])
    upright = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    level = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    return np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]]) @ level @ upright


@pytest.mark.parametrize("degrees", [(0, 0, 0), (20, 0, 0), (0, -15, 0), (0, 0, 35), (-30, 10, -20), (12, 25, 60)])
@pytest.mark.parametrize("scale", [3.0, 40.0])
def test_a_turned_model_gives_its_turn(degrees, scale):
    landmarks = np.full((468, 2), np.nan)
    for index, *place in _MODEL:
        landmarks[index] = scale * (rotation(*np.radians(degrees)) @ place)[:2] + [310, 170]
    np.testing.assert_allclose(head_pose_degrees(landmarks), degrees, atol=1e-6)


@pytest.fixture(scope="module")
def turned(finder):
    """turned(actor, yaw, pitch, roll): the pose measured of a drawn head; radians in, degrees out."""
    from tfrecords_builder.synthetic.actor import draw_actor
    from tfrecords_builder.synthetic.face import FaceRenderer
    from tfrecords_builder.synthetic.motion import ACTION_UNITS, FacePose

    renderers = {actor: FaceRenderer(draw_actor(1, actor).look, 256) for actor in (1, 2, 3)}

    def measure(actor, **turn):
        rgb = renderers[actor].render(FacePose(np.zeros(len(ACTION_UNITS)), **turn))
        return find_face(finder, rgb, str(turn)).head_pose

    return measure


@pytest.mark.parametrize("actor", [1, 2, 3])
def test_a_drawn_head_is_seen_to_turn_the_way_it_does(turned, actor):
    # the drawn head's points shift by their depth, its eyes are not foreshortened: it looks less turned than it is
    angles = np.array([-0.25, -0.12, 0.0, 0.12, 0.25])
    for axis, (name, least) in enumerate({"yaw": 0.35, "pitch": 0.1, "roll": 0.9}.items()):
        poses = np.array([turned(actor, **{name: angle}) for angle in angles])
        slope = np.polyfit(np.degrees(angles), poses[:, axis], 1)[0]
        assert least < slope < 1.1, name
        assert np.corrcoef(angles, poses[:, axis])[0, 1] > 0.9, name
    straight = turned(actor)
    assert np.abs(straight[[0, 2]]).max() < 4
    assert abs(straight[1]) < 12


@pytest.mark.real
def test_photographs_that_look_straight_ahead_are_seen_to(finder, real_data):
    from vfgan.media.images import read_image

    paths = sorted((real_data / "london" / "neutral").glob("*.jpg"))[:20]
    poses = np.array([find_face(finder, read_image(path), path.name).head_pose for path in paths])
    assert np.abs(np.median(poses, axis=0)).max() < 5
    assert np.abs(poses).max() < 20
