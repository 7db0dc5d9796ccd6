"""Standardise against NumPy."""

import numpy as np

from vfgan.layers.standardise import Standardise


def test_layer_contract(check_layer):
    layer = Standardise((5, 3))
    check_layer(layer, np.random.default_rng(1).normal(size=(2, 4, 5, 3)).astype(np.float32), (2, 4, 5, 3))
    assert layer.trainable_variables == []
    assert len(layer.get_weights()) == 2  # mean and deviation travel with the weights


def test_measured_values_get_mean_0_and_deviation_1():
    values = np.random.default_rng(2).normal(3.0, 2.5, size=(50, 7, 5, 3)).astype(np.float32)
    layer = Standardise((5, 3))
    layer.measure(values)
    standard = np.asarray(layer(values), np.float64)
    np.testing.assert_allclose(standard.mean(axis=(0, 1)), 0.0, atol=1e-5)
    np.testing.assert_allclose(standard.std(axis=(0, 1)), 1.0, atol=1e-5)


def test_is_by_hand():
    layer = Standardise((2,))
    layer.measure(np.array([[1.0, 10.0], [3.0, 30.0]], np.float32))  # means 2, 20; deviations 1, 10
    np.testing.assert_allclose(layer(np.array([[5.0, 5.0]], np.float32)), [[3.0, -1.5]])


def test_a_constant_does_not_blow_up():
    layer = Standardise((1,))
    layer.measure(np.full((9, 1), 4.0, np.float32))
    np.testing.assert_allclose(layer(np.array([[4.0], [4.001]], np.float32)), [[0.0], [1.0]], atol=1e-3)
