"""Figures of people's answers against values worked out by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from vfgan.evaluation.judgements import Judgements, figures

HAPPY, SAD = 1, 2

#: Rater, item, emotion, made, strength, emotion seen, strength seen, taken for real.
ANSWERS = [
    (0, 0, HAPPY, True, 1, HAPPY, 2, True), (0, 1, HAPPY, True, 2, HAPPY, 4, False),
    (0, 2, SAD, True, 1, HAPPY, 3, False), (0, 3, SAD, True, 2, 0, 0, False),
    (0, 4, HAPPY, False, 1, HAPPY, 1, True), (0, 5, HAPPY, False, 2, HAPPY, 1, True),
    (1, 0, HAPPY, True, 1, SAD, 1, True), (1, 1, HAPPY, True, 2, HAPPY, 1, False),
    (1, 2, SAD, True, 1, SAD, 1, False), (1, 3, SAD, True, 2, SAD, 5, False),
    (1, 4, HAPPY, False, 1, HAPPY, 2, True), (1, 5, HAPPY, False, 2, HAPPY, 5, False),
]  # fmt: skip


def judgements_of(rows):
    columns = [np.array(column) for column in zip(*rows)]
    columns[4] = columns[4].astype(float)
    return Judgements(*columns)


@pytest.fixture(scope="module")
def found():
    return {(f.term, f.of, f.what): f for f in figures(judgements_of(ANSWERS), draws=200)}


@pytest.mark.parametrize(
    ("term", "of", "what", "value", "answers"),
    [
        ("accuracy", "made", "happy", 3 / 4, 4),
        ("accuracy", "made", "sad", 2 / 4, 4),
        ("accuracy", "made", "all emotions", (3 / 4 + 2 / 4) / 2, 8),
        ("accuracy", "real", "happy", 1.0, 4),
        # made: 4 > 2 right, 0 < 3 wrong, 1 = 1 half, 5 > 1 right; real: 1 = 1 half, 5 > 2 right
        ("dynamics", "made", "the stronger seen as stronger", 2.5 / 4, 8),
        ("dynamics", "real", "the stronger seen as stronger", 1.5 / 2, 4),
        ("authenticity", "made", "taken for real", 2 / 8, 8),
        ("authenticity", "real", "taken for real", 3 / 4, 4),
        ("authenticity", "both", "told apart", (6 / 8 + 3 / 4) / 2, 12),
        ("authenticity", "both", "d'", norm.ppf(3.5 / 5) - norm.ppf(2.5 / 9), 12),
        # one item of six gets two answers: coincidences 1 + 1; 5 answers "real", 7 "made": 1 - 11 x 2 / (2 x 5 x 7)
        ("agreement", "both", "real or made", 1 - 22 / 70, 12),
    ],
)
def test_figures_by_hand(found, term, of, what, value, answers):
    one = found[term, of, what]
    assert one.value == pytest.approx(value)
    assert one.answers == answers
    assert one.low <= one.value <= one.high


def test_a_share_of_all_has_wilson_s_interval(found):
    """Two items: 2 / (2 + 1.96^2)."""
    one = found["accuracy", "real", "happy"]
    assert (one.low, one.high) == (pytest.approx(2 / (2 + 1.959964**2), rel=1e-6), 1.0)


def test_what_nobody_was_asked_has_no_figure(found):
    assert ("accuracy", "real", "sad") not in found
    only_made = [row for row in ANSWERS if row[3]]
    known = {(f.term, f.what) for f in figures(judgements_of(only_made), draws=20)}
    assert ("authenticity", "d'") not in known
    assert ("authenticity", "taken for real") in known
    alone = figures(judgements_of([row for row in ANSWERS if row[0] == 0]), draws=20)
    assert not [f for f in alone if f.term == "agreement"]


def test_strengths_of_nothing_and_of_neutral_do_not_count():
    rows = [(0, 0, 0, True, 1, 0, 0, True), (0, 1, 0, True, 2, 0, 0, True), (0, 2, SAD, True, np.nan, 0, 0, True)]
    assert not [f for f in figures(judgements_of(rows), draws=20) if f.term == "dynamics"]


def test_intervals_count_raters_and_items():
    """Ten raters who all say the same of 8 items know no more than one, nor ten who say the same of all items."""
    rng = np.random.default_rng(3)
    items = [(number, HAPPY, True, 1.0, HAPPY if number < 4 else SAD, 3, True) for number in range(8)]
    same = judgements_of([(rater, *item) for rater in range(10) for item in items])
    free = [
        (rater, item, HAPPY, True, 1.0, HAPPY if rng.random() < 0.5 else SAD, 3, True)
        for rater in range(10)
        for item in range(8)
    ]
    stubborn = [(rater, item, HAPPY, True, 1.0, HAPPY if rater < 5 else SAD, 3, True)
                for rater in range(10) for item in range(8)]  # fmt: skip
    widths = []
    for one in (same, judgements_of(free), judgements_of(stubborn)):
        (share,) = [f for f in figures(one, draws=400) if f.what == "happy"]
        widths.append(share.high - share.low)
    assert widths[0] == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 8), rel=0.2)
    assert widths[1] < 0.75 * widths[0]
    assert widths[2] == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 10), rel=0.2)
