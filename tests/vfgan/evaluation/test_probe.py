"""The linear probe."""

import numpy as np
import pytest

from vfgan.evaluation.probe import RIDGE, linear_probe

RNG = np.random.default_rng(0)


def cloud(count, shift, size=6):
    z = RNG.standard_normal((count, size))
    z[:, 2] += shift
    return z


def test_tells_what_lies_on_a_line_and_nothing_else():
    label = np.arange(400) % 4 == 0  # one in four
    z, new = cloud(400, np.where(label, 3.0, -3.0)), cloud(400, np.where(label, 3.0, -3.0))
    assert linear_probe(z + 5.0, label, new + 5.0, label) > 0.98
    noise = linear_probe(cloud(4_000, 0.0), np.arange(4_000) % 2 == 0, cloud(4_000, 0.0), np.arange(4_000) % 2 == 0)
    assert noise == pytest.approx(0.5, abs=0.03)


def test_the_line_is_weighted_least_squares_with_a_ridge():
    """The closed form, with an intercept that the ridge leaves alone."""
    label = np.arange(60) % 3 == 0
    z, new = cloud(60, np.where(label, 0.5, -0.5)) + 5.0, cloud(60, np.where(label, 0.5, -0.5)) + 5.0
    x = np.hstack([z, np.ones((60, 1))])
    weight = np.where(label, 0.5 / label.mean(), 0.5 / (1 - label.mean()))
    ridge = RIDGE * 60 * z.var() * np.diag([1.0] * 6 + [0.0])
    plane = np.linalg.solve(x.T @ (weight[:, None] * x) + ridge, x.T @ (weight * np.where(label, 1.0, -1.0)))
    told = np.hstack([new, np.ones((60, 1))]) @ plane > 0
    expected = np.mean([(told == label)[label == side].mean() for side in (False, True)])
    assert 0.5 < expected < 1.0
    assert linear_probe(z, label, new, label) == pytest.approx(expected)


def test_classes_count_the_same():
    """All taken for the common class is chance, not the share of that class."""
    label = np.arange(1_000) % 50 == 0
    assert linear_probe(cloud(1_000, 0.0), label, cloud(1_000, 0.0), label) == pytest.approx(0.5, abs=0.15)


def test_a_missing_class_is_no_number():
    z, ones = cloud(10, 0.0), np.ones(10, bool)
    assert np.isnan(linear_probe(z, ones, z, ones))
