"""Instance normalisation against NumPy."""

import numpy as np
import pytest

from vfgan.layers.instance_norm import InstanceNorm


def normalise(values, gamma, beta, epsilon):
    values = values.astype(np.float64)
    mean = values.mean(axis=(1, 2), keepdims=True)
    variance = values.var(axis=(1, 2), keepdims=True)
    return (values - mean) / np.sqrt(variance + epsilon) * gamma + beta


def test_layer_contract(check_layer):
    values = np.random.default_rng(1).normal(size=(2, 6, 5, 4)).astype(np.float32)
    check_layer(InstanceNorm(epsilon=1e-3), values, (2, 6, 5, 4))


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (2.0, 0.5), (-3.0, 4.0), (0.0, 1e-3)])
@pytest.mark.parametrize("epsilon", [1e-5, 1e-3])
def test_agrees_with_numpy(mean, deviation, epsilon):
    random = np.random.default_rng(5)
    values = random.normal(mean, deviation, size=(3, 8, 6, 4)).astype(np.float32)
    gamma, beta = random.normal(size=4), random.normal(size=4)
    layer = InstanceNorm(epsilon=epsilon)
    layer(values)
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    np.testing.assert_allclose(layer(values), normalise(values, gamma, beta, epsilon), atol=2e-5)


def test_examples_do_not_mix():
    random = np.random.default_rng(6)
    values = random.normal(size=(2, 8, 8, 3)).astype(np.float32)
    layer = InstanceNorm()
    before = np.asarray(layer(values))[0]
    values[1] = 100 * random.normal(size=(8, 8, 3))
    np.testing.assert_array_equal(np.asarray(layer(values))[0], before)


def test_a_flat_picture_is_beta():
    np.testing.assert_allclose(InstanceNorm()(np.full((1, 8, 8, 2), 0.7, np.float32)), 0.0, atol=1e-3)
