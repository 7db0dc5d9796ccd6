"""Orders, progress, corrections: without a page."""

from pathlib import Path

import pytest

from vfgan.errors import ConfigError
from vfgan.rating.answers import Answers
from vfgan.rating.rating import Rating, Shown, order_for


@pytest.fixture
def rating(tmp_path):
    shown = {number: Shown("face", Path(f"{number}.jpg")) for number in range(1, 9)}
    return Rating(shown, Answers(tmp_path / "answers.csv"), seed=3)


def test_each_rater_has_an_order_of_their_own():
    numbers = list(range(1, 41))
    orders = [order_for(rater, numbers, seed) for rater, seed in (("Anna", 1), ("Bert", 1), ("Anna", 2), ("Anna", 1))]
    assert all(sorted(order) == numbers for order in orders)
    assert orders[0] == orders[3]
    assert len({tuple(order) for order in orders}) == 3


def test_a_rater_goes_through_all_items_and_corrects(rating, tmp_path):
    first = rating.state("Anna")
    assert first == {
        "rater": "Anna", "count": 8, "rated": 0, "place": 1, "item": order_for("Anna", list(range(1, 9)), 3)[0],
        "kind": "face", "answer": None,
    }  # fmt: skip
    second = rating.answer("Anna", 1, "happy", 3, True, 2.0)
    assert (second["place"], second["rated"]) == (2, 1)
    back = rating.state("Anna", 1)
    assert (back["item"], back["answer"]) == (first["item"], {"emotion": "happy", "strength": 3, "real": True})
    assert rating.answer("Anna", 1, "sad", 2, False, 1.0) == second
    for place in range(2, 9):
        last = rating.answer("Anna", place, "neutral", 0, False, 1.0)
    assert (last["place"], last["item"], last["rated"]) == (9, None, 8)
    again = Rating(rating.shown, Answers(tmp_path / "answers.csv"), seed=3)
    assert again.state("Anna") == last
    assert again.state("Bert")["place"] == 1
    assert len((tmp_path / "answers.csv").read_text().splitlines()) == 9


def test_a_rater_resumes_where_they_stopped(rating, tmp_path):
    for place in (1, 2, 3):
        fourth = rating.answer("Anna", place, "happy", 1, True, 1.0)
    assert Rating(rating.shown, Answers(tmp_path / "answers.csv"), seed=3).state("Anna") == fourth


@pytest.mark.parametrize("place", [2, 0, -1, 9, None, "1"])
def test_no_item_before_its_turn(rating, place):
    with pytest.raises(ConfigError, match="place: expected 1 to"):
        rating.answer("Anna", place, "happy", 3, True, 2.0)
