"""How often a classifier is right, class by class."""

import numpy as np


def confusion_matrix(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """int64 [classes, classes]: how often class (row) was taken for class (column)."""
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (truth, predicted), 1)
    return matrix


def unweighted_average_recall(truth: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    """UAR: the mean over classes of the share of their examples that were recognised (Schuller et al., 2009).

    Classes without examples do not count.

    >>> unweighted_average_recall(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 3)
    0.8333333333333333
    """
    matrix = confusion_matrix(truth, predicted, classes)
    present = matrix.sum(axis=1) > 0
    return float(np.mean(np.diag(matrix)[present] / matrix.sum(axis=1)[present]))
