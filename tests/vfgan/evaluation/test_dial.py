"""The dial: a probability by hand, each emotion the same weight, neutral voices left out."""

import numpy as np
import pytest

from vfgan.evaluation.dial import measure_dial
from vfgan.evaluation.measure import PredictedVoices


class Sources:
    pixels = np.full((3, 4, 4, 1), 100, np.uint8)

    def __len__(self):
        return 3


def voices(*heard):
    heard = np.array(heard)
    return PredictedVoices(heard[:, None].astype(np.float32), heard, heard, np.ones_like(heard))


def edit(pixels, z, intensity):
    """Light says which emotion, and how strongly."""
    return np.uint8(np.broadcast_to(10 * z[:, 0] + 5 * intensity, (4, 4, 1, len(pixels))).transpose(3, 0, 1, 2))


def judge(pixels):
    level = pixels[:, 0, 0, 0].astype(int)
    probabilities = np.zeros((len(pixels), 7))
    probabilities[np.arange(len(pixels)), level // 10] = level % 10 / 10
    return probabilities, np.zeros((len(pixels), 2))


def test_each_emotion_counts_the_same_and_neutral_does_not():
    heard = voices(0, 1, 1, 1, 2)

    def biased(pixels):
        probabilities, features = judge(pixels)
        probabilities[:, 1] = 0.0
        return probabilities, features

    assert measure_dial(edit, judge, Sources(), heard, (0.0, 1.0, 1.5)) == pytest.approx({0.0: 0, 1.0: 0.5, 1.5: 0.7})
    assert measure_dial(edit, biased, Sources(), heard, (1.0,)) == pytest.approx({1.0: 0.25})  # 1: 0, 2: 0.5


def test_nothing_where_all_is_neutral():
    assert measure_dial(edit, judge, Sources(), voices(0, 0), (1.0,)) == {}
