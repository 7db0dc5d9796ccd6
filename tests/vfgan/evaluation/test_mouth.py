"""Opening told and real, by values worked out by hand."""

import numpy as np
import pytest

from vfgan.evaluation.mouth import opening_scores


def test_own_and_other_clips_are_told_apart():
    wave, other = np.sin(np.linspace(0, 6, 50)), np.cos(np.linspace(0, 6, 50))
    scores = opening_scores([wave, other], [2 * wave + 1, 3 * other])
    assert scores["correlation"] == pytest.approx(1)
    assert abs(scores["other_clips"]) < 0.3
    assert scores["real_range"] / scores["range"] == pytest.approx(2.5, rel=0.05)


def test_clips_are_compared_as_long_as_both_last():
    ramp = np.arange(10.0)
    scores = opening_scores([ramp, ramp[:5]], [ramp, -ramp[:5]])
    assert scores["correlation"] == pytest.approx(0)  # 1 and -1
    assert scores["other_clips"] == pytest.approx(0)


def test_a_mouth_at_rest_has_no_correlation():
    scores = opening_scores([np.zeros(9)], [np.arange(9.0)])
    assert np.isnan(scores["correlation"])
    assert scores["range"] == 0
