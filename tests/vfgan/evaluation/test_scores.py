"""Recall and confusion by hand."""

import numpy as np
import pytest

from vfgan.evaluation.scores import confusion_matrix, recalls, unweighted_average_recall


def test_recall_and_confusion():
    truth, predicted = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 1, 0])
    assert confusion_matrix(truth, predicted, 3).tolist() == [[3, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert unweighted_average_recall(truth, predicted, 3) == pytest.approx((0.75 + 0.5) / 2)
    np.testing.assert_array_equal(recalls(truth, predicted, 3), [0.75, 0.5, np.nan])  # a class without examples
