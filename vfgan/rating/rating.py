"""Who rates what, in which order, and how far they have come."""

import dataclasses
import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from vfgan.errors import ConfigError
from vfgan.rating.answers import Answer, Answers


@dataclasses.dataclass(frozen=True)
class Shown:
    """What the page gets of an item."""

    kind: str
    path: Path  #: the copy that is like all others


def order_for(rater: str, numbers: list[int], seed: int) -> list[int]:
    """A rater's order of the items: each rater has another one, and the same one when they return."""
    digest = hashlib.sha256(f"{seed}/{rater}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big")).permutation(sorted(numbers)).tolist()


class Rating:
    """All raters' progress through the items.

    Args:
        shown: number -> item.
        answers: where they are kept.
        seed: of the orders.
    """

    def __init__(self, shown: Mapping[int, Shown], answers: Answers, seed: int):
        self.shown, self._answers, self._seed = dict(shown), answers, seed

    def state(self, rater: str, place: int | None = None) -> dict:
        """What the page shows a rater: plain JSON values.

        Args:
            place: 1 is the rater's first item. None: the first one that is not rated yet.
        Raises:
            ConfigError: an item before this place is not rated yet, or there is no such place.
        """
        order, given = order_for(rater, list(self.shown), self._seed), self._answers.of(rater)
        rated = next((place for place, item in enumerate(order) if item not in given), len(order))
        place = rated + 1 if place is None else place
        if not isinstance(place, int) or not 1 <= place <= rated + 1:
            raise ConfigError(f"place: expected 1 to {rated + 1}, got {place!r}")
        state = {"rater": rater, "count": len(order), "rated": rated, "place": place, "item": None}
        if place <= len(order):
            item = order[place - 1]
            state |= {"item": item, "kind": self.shown[item].kind, "answer": _as_json(given.get(item))}
        return state

    def answer(self, rater: str, place: int, emotion: str, strength: int, real: bool, seconds: float) -> dict:
        """Keeps an answer; gives the state of the next place.

        Raises:
            ConfigError: a value is out of range, or it is not this place's turn.
            OutputError: the answers cannot be written.
        """
        item = self.state(rater, place)["item"] if isinstance(place, int) else None
        if item is None:
            raise ConfigError(f"place: expected 1 to {len(self.shown)}, got {place!r}")
        kind = self.shown[item].kind
        self._answers.put(Answer(rater, item, kind, emotion, strength, real, seconds, place, self._seed))
        return self.state(rater, place + 1)


def _as_json(answer: Answer | None) -> dict | None:
    if answer is None:
        return None
    return {"emotion": answer.emotion, "strength": answer.strength, "real": answer.real}
