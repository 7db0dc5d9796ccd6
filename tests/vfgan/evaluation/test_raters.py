"""Krippendorff's alpha on its author's example."""

import numpy as np
import pytest

from vfgan.evaluation.raters import krippendorff_alpha

_ = np.nan
#: Krippendorff (2011), section C: four observers, twelve units, values missing.
EXAMPLE = np.array([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
])  # fmt: skip


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815)])
def test_the_published_example(level, alpha):
    assert krippendorff_alpha(EXAMPLE, level) == pytest.approx(alpha, abs=5e-4)


def test_two_raters_by_hand():
    """Agree on 0 0 1, differ on the fourth: coincidences 00 4, 11 2, 01 1, 10 1; 1 - 7 x 2 / (2 x 5 x 3)."""
    ratings = np.array([[0, 0, 1, 0], [0, 0, 1, 1.0]])
    assert krippendorff_alpha(ratings, "nominal") == pytest.approx(1 - 14 / 30)


def test_agreement_in_everything_and_in_nothing_known():
    assert krippendorff_alpha(np.array([[1, 2, 3], [1, 2, 3.0]]), "ordinal") == 1
    assert np.isnan(krippendorff_alpha(np.array([[1, 2, _], [_, _, 3]]), "nominal"))
    assert np.isnan(krippendorff_alpha(np.array([[1, 1], [1, 1.0]]), "nominal"))


def test_opposite_orders_are_worse_than_chance():
    assert krippendorff_alpha(np.array([[1, 2, 3], [3, 2, 1.0]]), "ordinal") < 0
