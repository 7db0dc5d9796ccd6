"""Displacements of landmarks spread in a network, against NumPy."""

import numpy as np

from vfgan.face.flow import flow_of_landmarks
from vfgan.models.spread import spread

RANDOM = np.random.default_rng(2)


def test_spread_in_a_network_is_the_flow_of_landmarks():
    source = RANDOM.uniform(0.2, 0.8, (2, 468, 2)).astype(np.float32)
    moved = (source + RANDOM.normal(0, 0.02, source.shape)).astype(np.float32)
    expected = np.stack([flow_of_landmarks(*pair) for pair in zip(source, moved)])
    np.testing.assert_allclose(spread(source, moved, 32), expected, atol=1e-5)
    calm = (source + 0.02 * np.sin(6 * source)).astype(np.float32)  # nothing folds
    expected = np.stack([flow_of_landmarks(*pair) for pair in zip(source, calm)])
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(spread(source, calm, 32), expected, atol=1e-5)
