"""Displacements that are seen in full: against a mesh whose answer is known."""

import cv2
import numpy as np
import pytest

from vfgan.evaluation.motion import projection
from vfgan.evaluation.subject import find_landmarks
from vfgan.face.flow import flow_of_landmarks
from vfgan.models.calibration import seen_in_full

_SIZE = 256
WANTED = np.array([[0.02, 0.0], [0.0, 0.03], [0.01, -0.01]])


def test_what_is_seen_at_once_stays_as_it_is():
    np.testing.assert_allclose(seen_in_full(lambda moved: moved, WANTED, 4), WANTED)


def test_what_is_held_back_moves_further_by_known_amounts():
    share = np.array([[0.5], [0.25], [1.0]])
    moved = seen_in_full(lambda d: share * d, WANTED, 3)
    # 1 + q + q^2 + q^3 with q = 1 - share
    np.testing.assert_allclose(moved, WANTED * np.array([[1.875], [2.734375], [1.0]]))
    np.testing.assert_allclose(seen_in_full(lambda d: share * d, WANTED, 40) * share, WANTED, rtol=1e-3)


def test_no_landmark_flies_away():
    moved = seen_in_full(lambda d: 0.01 * d, WANTED, 50)
    assert np.linalg.norm(moved, axis=1).max() == pytest.approx(4 * 0.03)


def test_a_landmark_that_diverges_goes_back_to_its_best():
    """The first is seen at 1, 2 and 5 of what is wanted away, the second ever closer."""
    wanted = np.array([[0.01, 0.0], [0.01, 0.0]])
    off = iter([[1.0, 1.0], [0.1, 0.5], [1.5, 0.4], [5.0, 0.1]])

    def seen(moved):
        return wanted * (1 - np.array(next(off)))[:, None]

    moved = seen_in_full(seen, wanted, 3)
    np.testing.assert_allclose(moved[0], [0.02, 0.0])  # after one round, when a tenth was missing
    np.testing.assert_allclose(moved[1], [0.01 * (1 + 1 + 0.5 + 0.4), 0.0])


def test_unfound_faces_end_the_rounds():
    np.testing.assert_array_equal(seen_in_full(lambda d: np.full_like(d, np.nan), WANTED, 3), WANTED)
    np.testing.assert_array_equal(seen_in_full(lambda d: 0 * d, WANTED, 0), WANTED)


@pytest.mark.medium
@pytest.mark.parametrize("emotion", [pytest.param("happy", marks=pytest.mark.slow), "angry", "surprised"])
def test_drawn_faces_bend_as_far_as_was_meant(emotion):
    """Heads whose action units are known are bent from rest, and the mesh sees what it sees in the acted ones."""
    from tfrecords_builder.synthetic.actor import draw_actor
    from tfrecords_builder.synthetic.expression import unit_targets
    from tfrecords_builder.synthetic.face import FaceRenderer
    from tfrecords_builder.synthetic.motion import FacePose

    acted = FacePose(0.7 * unit_targets(emotion))
    heads = [FaceRenderer(draw_actor(1, number).look, _SIZE) for number in (1, 2, 3, 5)]
    rest = FacePose(np.zeros_like(acted.units))
    faces = np.stack([head.render(rest) for head in heads])
    points = find_landmarks(faces)
    wanted = (find_landmarks(np.stack([head.render(acted) for head in heads])) - points).mean(axis=0)

    def seen(moved):
        bent = [bend(face, place, moved) for face, place in zip(faces, points)]
        return (find_landmarks(np.stack(bent)) - points).mean(axis=0)

    plain, _ = projection(seen(wanted), wanted)
    moved = seen_in_full(seen, wanted, 4)
    share, direction = projection(seen(moved), wanted)
    assert plain < 0.95 * share  # a mesh sees only a part
    assert abs(share - 1) < 0.15
    assert direction > 0.95
    half, _ = projection(seen(0.5 * moved), wanted)  # the intensity dial
    assert abs(half - 0.5) < 0.15 * 0.5
    if emotion == "angry":  # brows come down by most of what the table of truth says, of which the mesh saw a third
        brow = [head.truth(acted).landmarks_px["left_brow_inner"][1] for head in heads]
        calm = [head.truth(rest).landmarks_px["left_brow_inner"][1] for head in heads]
        true = np.mean(np.subtract(brow, calm)) / _SIZE
        assert 0.6 < moved[[107, 55], 1].mean() / true < 1
        assert wanted[[107, 55], 1].mean() / true < 0.4


def bend(face, points, moved):
    """The face with its landmarks moved."""
    flow = cv2.resize(flow_of_landmarks(points, points + moved), (_SIZE, _SIZE), interpolation=cv2.INTER_CUBIC) * _SIZE
    columns, rows = np.meshgrid(np.arange(_SIZE, dtype=np.float32), np.arange(_SIZE, dtype=np.float32))
    return cv2.remap(face, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR)
