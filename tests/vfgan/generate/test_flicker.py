"""Flicker by hand."""

import numpy as np

from vfgan.generate.flicker import Flicker


def grey(level, size=20):
    return np.full((size, size, 3), level, np.uint8)


def test_mean_difference_of_successive_faces():
    flicker = Flicker()
    for before, after in ((10, 100), (14, 90), (12, 90)):
        flicker.add(grey(before), grey(after))
    assert flicker.source == 3.0  # (4 + 2) / 2
    assert flicker.generated == 5.0  # (10 + 0) / 2
    assert flicker.added == 8.0  # (14 + 2) / 2: changes of 90, 76, 78


def test_a_gap_is_no_change_and_nothing_is_zero():
    flicker = Flicker()
    assert (flicker.source, flicker.generated) == (0, 0)
    flicker.add(grey(0), grey(0))
    flicker.interrupt()
    flicker.add(grey(200), grey(200))
    assert (flicker.source, flicker.generated) == (0, 0)
    flicker.add(grey(201), grey(202))
    assert (flicker.source, flicker.generated) == (1, 2)


def test_the_crops_border_does_not_count():
    border = grey(0)
    border[:3], border[-3:], border[:, :3], border[:, -3:] = 255, 255, 255, 255
    flicker = Flicker()
    flicker.add(grey(0), grey(0))
    flicker.add(border, border)
    assert flicker.generated == 0
