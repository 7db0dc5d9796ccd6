"""Which action units an emotion shows."""

import numpy as np

from tfrecords_builder.synthetic.expression import unit_targets
from tfrecords_builder.synthetic.motion import ACTION_UNITS
from vfgan.emotions import EMOTIONS


def test_every_emotion_has_targets_and_those_that_show_differ():
    targets = {name: unit_targets(name) for name in EMOTIONS}
    assert all(row.shape == (len(ACTION_UNITS),) and row.min() >= 0 and row.max() <= 1 for row in targets.values())
    assert not targets["neutral"].any()
    np.testing.assert_array_equal(targets["calm"], targets["neutral"])
    shown = [row for name, row in targets.items() if name not in ("neutral", "calm")]
    assert all(np.abs(a - b).max() > 0.4 for i, a in enumerate(shown) for b in shown[:i])


def test_a_smile_raises_cheeks_and_corners():
    units = {unit for unit, strength in zip(ACTION_UNITS, unit_targets("happy")) if strength}
    assert units == {6, 12}
