"""The conditioned convolution: its equation, and that z survives normalisation."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from vfgan.layers.condition import ConditionedConvolution

MODES = ("add", "film", "concat", "none")
RANDOM = np.random.default_rng(4)


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(2)
    RANDOM.bit_generator.state = np.random.default_rng(4).bit_generator.state


def pictures(size=16, channels=3, batch=2):
    return RANDOM.normal(size=(batch, size, size, channels)).astype(np.float32)


def attributes(size=5, batch=2):
    return RANDOM.normal(size=(batch, size)).astype(np.float32)


def move_weights(layer):
    """Biases and scales start at 0 and 1: moves every weight off its start, so that each one counts."""
    for weight in layer.weights:
        weight.assign(weight.numpy() + 0.2 * RANDOM.normal(size=weight.shape))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        ({}, (2, 16, 16, 4)),
        ({"stride": 2, "kernel": 4, "spectral": True, "activation": "leaky_relu"}, (2, 8, 8, 4)),
        ({"upsample": True, "activation": "linear"}, (2, 32, 32, 4)),
        ({"normalise": False}, (2, 16, 16, 4)),
    ],
)
def test_layer_contract(check_layer, mode, settings, shape):
    check_layer(ConditionedConvolution(4, mode=mode, **settings), [pictures(), attributes()], shape)


@pytest.mark.parametrize("mode", MODES)
def test_agrees_with_the_equation(mode):
    """a(norm(conv(h)) * (1 + V z) + W z), the convolution as a sum over shifted pictures."""
    h, z = pictures(), attributes()
    layer = ConditionedConvolution(4, mode=mode)
    layer([h, z])
    move_weights(layer)
    h64, z64 = h.astype(np.float64), z.astype(np.float64)
    if mode == "concat":
        h64 = np.concatenate([h64, np.broadcast_to(z64[:, None, None, :], (2, 16, 16, 5))], axis=-1)
    padded, kernel = np.pad(h64, [(0, 0), (1, 1), (1, 1), (0, 0)]), layer.convolution.kernel.numpy()
    out = sum(padded[:, i : i + 16, j : j + 16] @ kernel[i, j] for i in range(3) for j in range(3))
    out = (out - out.mean((1, 2), keepdims=True)) / np.sqrt(out.var((1, 2), keepdims=True) + 1e-5)
    out = out * layer.norm.gamma.numpy() + layer.norm.beta.numpy()
    if mode == "film":
        out = out * (1 + z64 @ layer.scale.kernel.numpy() + layer.scale.bias.numpy())[:, None, None, :]
    if mode in ("add", "film"):
        out = out + (z64 @ layer.shift.kernel.numpy() + layer.shift.bias.numpy())[:, None, None, :]
    np.testing.assert_allclose(layer([h, z]), np.maximum(out, 0.0), atol=2e-4)


def change_in_the_middle(mode, kernel):
    """Mean change of the features of the middle 8 x 8 of 64 x 64 with z, once z has gained weight in training."""
    keras.utils.set_random_seed(8)
    random = np.random.default_rng(9)
    h = random.normal(size=(1, 64, 64, 3)).astype(np.float32)
    z = random.normal(size=(2, 1, 5)).astype(np.float32)
    layer = ConditionedConvolution(16, kernel, mode=mode, activation="linear")
    layer([h, z[0]])
    for dense in (layer.shift, layer.scale):
        if dense:
            dense.kernel.assign(0.3 * random.normal(size=dense.kernel.shape))
    one, two = (np.asarray(layer([h, z[i]]))[:, 28:36, 28:36] for i in range(2))
    return np.abs(one - two).mean()


@pytest.mark.parametrize("mode", ["add", "film"])
def test_z_reaches_the_middle_of_the_picture(mode):
    assert change_in_the_middle(mode, 3) > 0.3


def test_concatenation_before_normalisation_removes_z():
    # without padding there is no border to leak in at: z is gone
    assert change_in_the_middle("concat", 1) < 1e-5
    # with a padded border a little comes back, through the channel's mean and deviation
    assert change_in_the_middle("concat", 3) < 0.15 * change_in_the_middle("add", 3)


def test_conditions_begin_small():
    """A z of the features' own size would drown them before anything has been learnt from them."""
    keras.utils.set_random_seed(8)
    h, z = pictures(32), attributes(32)
    layer = ConditionedConvolution(16, activation="linear")
    change = np.asarray(layer([h, z])) - np.asarray(layer([h, 0 * z]))
    assert 0.05 < change.std() < 0.5  # the features have deviation 1


def test_without_a_condition_z_does_not_matter():
    h, layer = pictures(), ConditionedConvolution(4, mode="none")
    np.testing.assert_array_equal(layer([h, attributes()]), layer([h, attributes()]))


def test_spectral_norm_moves_the_kernel_only_in_training():
    h, z = pictures(), attributes()
    layer = ConditionedConvolution(8, spectral=True)
    layer([h, z])
    layer.convolution.kernel.assign(3.0 * layer.convolution.kernel.numpy())
    before = [weight.numpy() for weight in layer.weights]
    layer([h, z], training=False)
    for weight, value in zip(layer.weights, before):
        np.testing.assert_array_equal(weight.numpy(), value)
    for _ in range(30):  # a power iteration a call
        layer([h, z], training=True)
    kernel = layer.convolution.kernel.numpy().reshape(-1, 8)
    assert np.linalg.svd(kernel, compute_uv=False)[0] == pytest.approx(1.0, abs=1e-3)


def test_works_in_a_graph_of_unknown_size():
    layer = ConditionedConvolution(4, mode="concat", upsample=True)
    layer([pictures(), attributes()])
    function = tf.function(
        lambda h, z: layer([h, z]),
        input_signature=[tf.TensorSpec([None, None, None, 3]), tf.TensorSpec([None, 5])],
    )
    assert function(pictures(24, batch=3), attributes(batch=3)).shape == (3, 48, 48, 4)
