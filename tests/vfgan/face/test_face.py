"""A face's own measures."""

import numpy as np
import pytest

from vfgan.face.face import Face


def test_share_inside_is_that_of_the_landmarks():
    face = Face(np.stack([np.linspace(-50, 150, 468), np.full(468, 20.0)], axis=1))
    assert face.share_inside(100, 300) == pytest.approx(0.75, abs=0.01)
    assert face.share_inside(100, 100) == pytest.approx(0.5, abs=0.01)
    assert face.share_inside(10, 300) == 0
