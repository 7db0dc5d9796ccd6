"""Distances of feature sets: of known Gaussians, and by hand."""

import numpy as np
import pytest

from vfgan.evaluation.feature_distances import frechet_distance, halves_by_recording, kernel_distance


def test_frechet_distance_of_known_gaussians():
    """Diagonal covariances: |difference|^2 + sum (s_a - s_b)^2."""
    rng = np.random.default_rng(0)
    white = rng.standard_normal((4000, 3))
    white = (white - white.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(white, rowvar=False))).T
    a, b = white * [1, 2, 3], white * [2, 2, 1] + [1, 0, 0]
    assert frechet_distance(a, b) == pytest.approx(1 + 1 + 0 + 4, rel=1e-6)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-6)


def test_kernel_distance_by_hand():
    a, b = np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]])
    # kernel (x y + 1)^3: within a (0 1) -> 1; within b (1 2) -> 27; between: (0,1)=1 (0,2)=1 (1,1)=8 (1,2)=27
    assert kernel_distance(a, b) == pytest.approx(1 + 27 - 2 * (1 + 1 + 8 + 27) / 4)


def test_halves_share_no_recording_and_have_the_same_emotions():
    clip = np.array(["a", "a", "b", "b", "b", "c", "d", "d", "e"])
    emotion = np.array([0, 0, 0, 0, 0, 1, 1, 1, 2])
    first, second = halves_by_recording(clip, emotion)
    assert not set(clip[first]) & set(clip[second])
    assert emotion[first].tolist() == emotion[second].tolist() == [0, 0, 1]
