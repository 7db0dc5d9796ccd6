"""How often a classifier is right, class by class."""

import numpy as np


def confusion_matrix(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """int64 [classes, classes]: how often class (row) was taken for class (column)."""
    from sklearn import metrics

    return metrics.confusion_matrix(truth, predicted, labels=range(classes))


def recalls(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """float64 [classes]: the share of each class's examples that were recognised; NaN for a class without examples."""
    from sklearn import metrics

    return metrics.recall_score(truth, predicted, labels=range(classes), average=None, zero_division=np.nan)


def unweighted_average_recall(truth: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    """UAR: the mean of the classes' recalls (Schuller et al., 2009).

    Classes without examples do not count.

    >>> unweighted_average_recall(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 3)
    0.8333333333333333
    """
    return float(np.nanmean(recalls(truth, predicted, classes)))


def balanced_mean(values: np.ndarray, group: np.ndarray) -> tuple[float, float]:
    """Mean over groups of the groups' means, and its standard error.

    >>> balanced_mean(np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0]), np.array([0, 0, 1, 1, 1, 1]))
    (0.5, 0.0)
    """
    means, squares = [], []
    for label in np.unique(group):
        part = values[group == label].astype(float)
        means.append(part.mean())
        squares.append(part.var(ddof=1) / len(part) if len(part) > 1 else 0.0)
    return float(np.mean(means)), float(np.sqrt(np.sum(squares)) / len(means))
