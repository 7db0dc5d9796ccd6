"""The network that finds landmarks: as deep as its picture is large."""

import numpy as np
import pytest

from vfgan.models.landmark_net import LandmarkNet


@pytest.mark.parametrize(
    ("side", "widths"),
    [(32, [16, 32, 64, 64]), (64, [16, 32, 64, 64]), (96, [8, 16, 32, 64, 64]), (128, [8, 16, 32, 64, 64])],
)
def test_convolutions_go_on_until_little_is_left(side, widths):
    net = LandmarkNet(components=5)
    picture = np.random.default_rng(1).uniform(-1, 1, (2, side, side, 1)).astype(np.float32)
    landmarks, a = net(picture)
    assert [convolution.filters for convolution in net.stages[::2]] == widths
    assert landmarks.shape == (2, 468, 2)
    assert a.shape == (2, 5)


def test_coefficients_are_those_of_the_landmarks():
    random = np.random.default_rng(2)
    net = LandmarkNet(components=3)
    net.build((None, 64, 64, 1))
    faces = 0.5 + np.tensordot(random.normal(size=(50, 3)), random.normal(0, 0.02, (3, 468, 2)), axes=1)
    net.measure(faces)
    a = net.coefficients_of(faces)
    np.testing.assert_allclose(a.std(axis=0), 1.0, atol=1e-3)
    back = np.asarray(net.mean) + (a @ np.asarray(net.basis)).reshape(-1, 468, 2)
    np.testing.assert_allclose(back, faces, atol=1e-4)
