"""Displacements that are seen in full: against a mesh whose answer is known."""

import numpy as np

from vfgan.models.calibration import seen_in_full

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
    moved = seen_in_full(lambda d: np.zeros_like(d), WANTED, 50)
    assert np.linalg.norm(moved, axis=1).max() <= 4 * 0.03 + 1e-9


def test_unfound_faces_end_the_rounds():
    np.testing.assert_array_equal(seen_in_full(lambda d: np.full_like(d, np.nan), WANTED, 3), WANTED)
    np.testing.assert_array_equal(seen_in_full(lambda d: 0 * d, WANTED, 0), WANTED)
