"""The discriminator's contract, and its projection worked by hand."""

import keras
import numpy as np
import pytest

from vfgan.models.discriminator import Discriminator, build_discriminator
from vfgan.models.face_classifier import build_face_classifier

RANDOM = np.random.default_rng(12)
MODES = ("add", "film", "concat", "input", "none")


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(2)
    RANDOM.bit_generator.state = np.random.default_rng(12).bit_generator.state


def faces(size=32, batch=2, channels=1):
    return RANDOM.uniform(-1, 1, size=(batch, size, size, channels)).astype(np.float32)


def attributes(batch=2):
    return RANDOM.normal(size=(batch, 3)).astype(np.float32)


@pytest.mark.parametrize("condition", MODES)
@pytest.mark.parametrize("spectral", [True, False])
def test_discriminator_contract(check_layer, condition, spectral):
    network = Discriminator(4, 2, condition=condition, spectral=spectral, z_size=3)
    check_layer(network, [faces(), attributes()], (2, 8, 8, 1))


def test_projecting_discriminator_contract(check_layer):
    network = Discriminator(4, 2, z_size=3, emotion_cnn={"width": 4, "features": 8})
    check_layer(network, [faces(), attributes()], (2, 8, 8, 1))


def test_projection_by_hand():
    """Every patch's score is added to by w phi + (V z) phi / sqrt(n), phi standardised, at first the emotion CNN's."""
    phi = build_face_classifier(32, width=4, features=16)
    network = build_discriminator(32, phi, filters=4, depth=2, z_size=3)
    y, z = faces(), attributes()
    features = np.asarray(phi.features(y))
    features = (features - features.mean(1, keepdims=True)) / np.sqrt(features.var(1, keepdims=True) + 1e-3)
    real, bias = (weight.numpy() for weight in network.real.weights)
    added = features @ real[:, 0] + bias[0] + (features * (z @ network.fitting.kernel.numpy())).sum(1) / 4
    whole = np.asarray(network([y, z]))
    for weight in (*network.real.weights, network.fitting.kernel):
        weight.assign(0 * weight)
    patches = np.asarray(network([y, z]))
    np.testing.assert_allclose(whole - patches, np.broadcast_to(added[:, None, None, None], whole.shape), atol=1e-5)
    assert np.abs(added).min() > 1e-3


def test_discriminator_hears():
    network = build_discriminator(32, filters=4, depth=2, z_size=3)
    y = faces(batch=1)
    assert np.abs(network([y, attributes(1)]) - network([y, attributes(1)]))[:, 3:5, 3:5].mean() > 1e-3
    deaf = build_discriminator(32, filters=4, depth=2, condition="none", z_size=3)
    np.testing.assert_array_equal(deaf([y, attributes(1)]), deaf([y, attributes(1)]))
