"""How far raters agree beyond chance: Krippendorff's alpha."""

from typing import Literal

import numpy as np


def krippendorff_alpha(ratings: np.ndarray, level: Literal["nominal", "ordinal"]) -> float:
    """alpha = 1 - D_observed / D_expected (Krippendorff, *Computing Krippendorff's Alpha-Reliability*, 2011).

    D are mean squared differences between two ratings of one item, and between any two ratings. Two values c < k differ
    by 1 (nominal), or by (n_c / 2 + n_(c+1) + … + n_(k-1) + n_k / 2)^2 where n are their counts (ordinal).

    Args:
        ratings: float [raters, items], NaN where a rater has not rated an item.
        level: whether values are names, or have an order.
    Returns:
        1: they always agree; 0: no more than by chance. NaN if no item has two ratings or all ratings are the same.
    """
    known = np.isfinite(ratings)
    paired = np.where(known & (known.sum(axis=0) > 1), ratings, np.nan)
    values = np.unique(paired[np.isfinite(paired)])
    if len(values) < 2:
        return float("nan")
    counts = (paired[None] == values[:, None, None]).sum(axis=1).astype(float)  # [values, items]
    raters = counts.sum(axis=0)
    counts, raters = counts[:, raters > 1], raters[raters > 1]
    coincidences = (counts / (raters - 1)) @ counts.T - np.diag((counts / (raters - 1)).sum(axis=1))
    totals = coincidences.sum(axis=1)
    difference = _ordinal(totals) if level == "ordinal" else 1.0 - np.eye(len(values))
    observed = (coincidences * difference).sum()
    expected = (np.outer(totals, totals) * difference).sum() / (totals.sum() - 1)
    return float(1.0 - observed / expected)


def _ordinal(totals: np.ndarray) -> np.ndarray:
    """Squared differences between ranks: float [values, values]."""
    rank = np.cumsum(totals) - totals / 2
    return np.square(rank[:, None] - rank[None])
