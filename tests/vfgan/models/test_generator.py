"""The generator's contract: shapes, gradients, serialisation, its heads, and z in the middle of the picture."""

import keras
import numpy as np
import pytest

from vfgan.face.pixels import fade_mask
from vfgan.models.generator import Generator, build_generator, mean_and_contrast

RANDOM = np.random.default_rng(12)
FADE = fade_mask(32)[None, :, :, None]
MODES = ("add", "film", "concat", "input", "none")


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(2)
    RANDOM.bit_generator.state = np.random.default_rng(12).bit_generator.state


def faces(size=32, batch=2, channels=1):
    return RANDOM.uniform(-1, 1, size=(batch, size, size, channels)).astype(np.float32)


def attributes(batch=2):
    return RANDOM.normal(size=(batch, 3)).astype(np.float32)


@pytest.mark.medium
@pytest.mark.parametrize("condition", MODES)
def test_generator_contract(check_layer, condition):
    network = Generator(4, 1, condition=condition, z_size=3)
    check_layer(network, [faces(), attributes()], (2, 32, 32, 1))


def test_generator_heads():
    x, z = faces(channels=3), attributes()
    plain = build_generator(32, filters=4, blocks=1, head="plain", channels=3, z_size=3)
    y, mask = plain([x, z])
    assert y.shape == (2, 32, 32, 3)
    np.testing.assert_array_equal(mask, np.ones((2, 32, 32, 1)))
    assert np.abs(y).max() <= 1


def test_generator_adds_a_change():
    """y = x + 2 fade tanh(r), within -1…1; the mask is 1."""
    x, z = 0.5 * faces(channels=3), attributes()
    network = build_generator(32, filters=4, blocks=1, channels=3, z_size=3)
    y, mask = network([x, z])
    np.testing.assert_array_equal(mask, np.ones_like(mask))
    np.testing.assert_allclose(y, x, atol=1e-6)  # r begins as 0
    change = np.array([0.3, -0.2, 2.0], np.float32)
    network.picture.bias.assign(change)
    np.testing.assert_allclose(network([x, z])[0], np.clip(x + 2 * FADE * np.tanh(change), -1, 1), atol=1e-5)


def test_generator_adds_a_masked_change():
    """y = x + 2 m fade r, within -1…1."""
    x, z = 0.5 * faces(channels=3), attributes()
    network = build_generator(32, filters=4, blocks=1, channels=3, z_size=3, head="attention")
    y, mask = network([x, z])
    assert 0 < np.min(mask) < np.max(mask) < 1
    np.testing.assert_allclose(y, x, atol=1e-6)  # r begins as 0
    change = np.array([0.3, -0.2, 2.0], np.float32)
    network.picture.bias.assign(change)
    y, mask = network([x, z])
    np.testing.assert_allclose(y, np.clip(x + 2 * np.asarray(mask) * FADE * np.tanh(change), -1, 1), atol=1e-5)
    assert np.max(y) == 1.0
    network.mask.kernel.assign(0 * network.mask.kernel)
    network.mask.bias.assign([-50.0])  # shut
    np.testing.assert_allclose(network([x, z])[0], x, atol=1e-6)


def test_equal_contrast_follows_mean_and_contrast():
    """A paler, darker picture gets the same change, as much paler: G(a x + b) = a G(x) + b."""
    network = build_generator(32, filters=4, blocks=1, z_size=3, equal_contrast=True)
    network.picture.kernel.assign(RANDOM.normal(0, 0.01, size=network.picture.kernel.shape))
    x, z = 0.3 * faces(), attributes()
    y = np.asarray(network([x, z])[0])
    assert np.abs(y - x).max() > 0.02
    assert np.abs(y).max() < 1
    np.testing.assert_allclose(network([0.6 * x - 0.2, z])[0], 0.6 * y - 0.2, atol=1e-4)
    flat = np.full_like(x, 0.5)
    assert np.isfinite(network([flat, z])[0]).all()


def test_light_is_that_of_the_oval():
    """Mean and twice the deviation, weighted by the fade mask; a flat picture's is 0.1."""
    x = faces()
    weight = np.broadcast_to(FADE, x.shape)
    for picture, mean, contrast in zip(x, *mean_and_contrast(x)):
        expected = np.average(picture, weights=weight[0])
        np.testing.assert_allclose(mean.numpy().item(), expected, atol=1e-5)
        deviation = np.sqrt(np.average((picture - expected) ** 2, weights=weight[0]))
        np.testing.assert_allclose(contrast.numpy().item(), 2 * deviation, atol=1e-4)
    assert mean_and_contrast(np.zeros_like(x))[1].numpy().ravel().tolist() == pytest.approx([0.1, 0.1])


def middle_change(condition, size=96):
    """Mean change with z of what the generator makes of the middle of a picture, far from padded borders."""
    network = build_generator(size, filters=8, blocks=1, head="plain", condition=condition, z_size=3)
    x = faces(size, batch=1)
    one, two = (np.asarray(network([x, attributes(1)])[0])[0, 44:52, 44:52] for _ in range(2))
    return np.abs(one - two).mean()


@pytest.mark.parametrize("condition", ["add", "film"])
def test_voice_moves_the_middle_of_the_picture(condition):
    assert middle_change(condition) > 0.05


def test_without_condition_the_voice_moves_nothing():
    assert middle_change("none") == 0.0
