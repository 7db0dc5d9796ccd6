"""Which landmark a mirrored one becomes."""

import numpy as np

from vfgan.face.mirror import mirror_order, mirrored


def faces():
    """A symmetric cloud: points 0…199 have partners 200…399, the rest lie on the axis."""
    random = np.random.default_rng(1)
    left = np.stack([random.uniform(0.1, 0.45, 200), random.uniform(0.1, 0.9, 200)], axis=1)
    middle = np.stack([np.full(68, 0.5), np.linspace(0.1, 0.9, 68)], axis=1)
    shape = np.concatenate([left, left * [-1, 1] + [1, 0], middle])
    return shape + random.normal(0, 1e-4, (20, 468, 2))


def test_partners_are_each_others():
    order = mirror_order(faces())
    np.testing.assert_array_equal(order[:200], np.arange(200, 400))
    np.testing.assert_array_equal(order[400:], np.arange(400, 468))
    np.testing.assert_array_equal(order[order], np.arange(468))


def test_mirrored_twice_is_the_same():
    some = faces()
    order = mirror_order(some)
    turned = mirrored(some, order)
    np.testing.assert_allclose(turned[:, 0, 0], 1 - some[:, 200, 0])
    np.testing.assert_allclose(mirrored(turned, order), some)
