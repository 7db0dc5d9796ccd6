"""The face classifier's contract, and that phi does not see light and contrast."""

import keras
import numpy as np
import pytest

from vfgan.models.face_classifier import FaceClassifier, build_face_classifier

RANDOM = np.random.default_rng(12)


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(2)
    RANDOM.bit_generator.state = np.random.default_rng(12).bit_generator.state


def faces(size=32, batch=2, channels=1):
    return RANDOM.uniform(-1, 1, size=(batch, size, size, channels)).astype(np.float32)


@pytest.mark.medium
@pytest.mark.parametrize("architecture", ["vgg", "separable"])
def test_face_classifier_contract(check_layer, architecture):
    network = FaceClassifier(architecture, width=4, features=8)
    check_layer(network, faces(), (2, 7))
    assert network.features(faces()).shape == (2, 8)
    assert np.min(network.features(faces())) >= 0


def test_phi_does_not_see_light_and_contrast():
    network = build_face_classifier(32, width=4, features=8)
    face, stripes = faces(), np.broadcast_to(np.sin(np.arange(32.0)), (2, 32, 32))[..., None].astype(np.float32)
    phi, of_stripes = np.asarray(network.features(face)), np.asarray(network.features(stripes))
    np.testing.assert_allclose(network.features(0.9 * face - 0.1), phi, atol=0.02 * phi.max())
    assert np.abs(of_stripes - phi).max() > 0.2 * phi.max()
