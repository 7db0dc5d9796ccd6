"""What people's answers say of a generator: accuracy, dynamics, authenticity, each beside real faces; agreement.

Both raters and items are samples, so an interval has to count both. Each draw of the bootstrap takes raters with
replacement and, independently, items with replacement within real or made and emotion; an answer counts as often as
both were drawn (Owen, *The pigeonhole bootstrap*, 2007). It is wide rather than narrow. Where all answers are the same
there is nothing to draw from; then the interval is Wilson's (1927), with the items as trials.
"""

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np

from vfgan.emotions import FACE_EMOTIONS
from vfgan.evaluation.raters import krippendorff_alpha

N = len(FACE_EMOTIONS)
#: float [raters], float [items] -> a figure: how often each rater and each item counts.
Statistic = Callable[[np.ndarray, np.ndarray], float]


@dataclasses.dataclass(frozen=True)
class Judgements:
    """Answers beside the truth, an entry an answer."""

    rater: np.ndarray  #: int [answers], 0…raters - 1
    item: np.ndarray  #: int [answers], 0…items - 1
    emotion: np.ndarray  #: int [answers], 0…6: what the item is to show
    made: np.ndarray  #: bool [answers]: generated
    strength: np.ndarray  #: float [answers]: how strong the emotion is to be, in any unit; NaN where it is not known
    seen_emotion: np.ndarray  #: int [answers], 0…6: what the rater sees
    seen_strength: np.ndarray  #: float [answers], 1…5; 0 where neutral is seen
    taken_for_real: np.ndarray  #: bool [answers]

    def __len__(self) -> int:
        return len(self.rater)


@dataclasses.dataclass(frozen=True)
class Figure:
    """A figure with its 95 % interval."""

    term: str  #: accuracy, dynamics, authenticity or agreement
    of: str  #: made, real, or both
    what: str
    value: float
    low: float  #: NaN where there is no interval
    high: float
    chance: float  #: the value without any effect
    answers: int


def figures(judgements: Judgements, *, draws: int = 1000, seed: int = 0) -> list[Figure]:
    """All figures that these answers allow.

    Args:
        draws: of the bootstrap.
        seed: of the draws.
    """
    found = []
    weights = _Weights(judgements, draws, seed)
    for term, of, what, chance, chosen, statistic in _statistics(judgements):
        value = statistic(np.ones(weights.raters), np.ones(weights.items))
        if np.isfinite(value):
            is_share = what != "d'" and term != "agreement"
            low, high = weights.interval(statistic, value, len(np.unique(judgements.item[chosen])) if is_share else 0)
            found.append(Figure(term, of, what, value, low, high, chance, int(chosen.sum())))
    return found + list(_agreements(judgements, draws, seed))


class _Weights:
    """How often raters and items count in each draw."""

    def __init__(self, judgements: Judgements, draws: int, seed: int):
        rng = np.random.default_rng(seed)
        self.raters, self.items = int(judgements.rater.max()) + 1, int(judgements.item.max()) + 1
        self._rater = rng.multinomial(self.raters, np.full(self.raters, 1 / self.raters), draws)
        self._item = np.zeros((draws, self.items))
        item, first = np.unique(judgements.item, return_index=True)
        stratum = judgements.emotion[first] + N * judgements.made[first]
        for one in np.unique(stratum):
            inside = item[stratum == one]
            self._item[:, inside] = rng.multinomial(len(inside), np.full(len(inside), 1 / len(inside)), draws)

    def interval(self, statistic: Statistic, value: float, trials: int) -> tuple[float, float]:
        """95 %: percentiles of the draws; of a share (`trials` more than 0) that is 0 or 1, Wilson's."""
        if trials and value in (0.0, 1.0):
            from scipy.stats import binomtest

            wilson = binomtest(round(value) * trials, trials).proportion_ci(method="wilson")
            return float(wilson.low), float(wilson.high)
        drawn = np.array([statistic(rater, item) for rater, item in zip(self._rater, self._item)])
        drawn = drawn[np.isfinite(drawn)]
        if not len(drawn):
            return float("nan"), float("nan")
        return float(np.percentile(drawn, 2.5)), float(np.percentile(drawn, 97.5))


def _statistics(j: Judgements) -> Iterator[tuple[str, str, str, float, np.ndarray, Statistic]]:
    """(term, of, what, chance, the answers that it is made of, how to compute it)."""
    sides = (("made", j.made), ("real", ~j.made))
    right = j.seen_emotion == j.emotion
    for of, side in sides:
        yield "accuracy", of, "all emotions", 1 / N, side, _balanced(j, right, side)
        for number, name in enumerate(FACE_EMOTIONS):
            chosen = side & (j.emotion == number)
            yield "accuracy", of, name, 1 / N, chosen, _share(j, right, chosen)
    for of, side in sides:
        stronger, weaker = _pairs(j, side)
        chosen = np.isin(np.arange(len(j)), np.concatenate([stronger, weaker]))
        yield "dynamics", of, "the stronger seen as stronger", 0.5, chosen, _ordered(j, stronger, weaker)
    for of, side in sides:
        yield "authenticity", of, "taken for real", 0.5, side, _share(j, j.taken_for_real, side)
    everything = np.ones(len(j), bool)
    yield "authenticity", "both", "told apart", 0.5, everything, _told_apart(j)
    yield "authenticity", "both", "d'", 0.0, everything, _d_prime(j)


def _share(j: Judgements, hits: np.ndarray, chosen: np.ndarray) -> Statistic:
    """Share of the chosen answers that are hits."""
    rater, item, hit = j.rater[chosen], j.item[chosen], hits[chosen]

    def share(of_raters: np.ndarray, of_items: np.ndarray) -> float:
        weight = of_raters[rater] * of_items[item]
        total = weight.sum()
        return float(weight[hit].sum() / total) if total else float("nan")

    return share


def _balanced(j: Judgements, hits: np.ndarray, chosen: np.ndarray) -> Statistic:
    """Mean of the emotions' shares: the UAR of people."""
    shares = [_share(j, hits, chosen & (j.emotion == number)) for number in np.unique(j.emotion[chosen])]

    def balanced(of_raters: np.ndarray, of_items: np.ndarray) -> float:
        found = np.array([share(of_raters, of_items) for share in shares])
        found = found[np.isfinite(found)]
        return float(found.mean()) if len(found) else float("nan")

    return balanced


def _pairs(j: Judgements, side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of one rater's answers, of one emotion and different strengths: (stronger, weaker), int [pairs] each."""
    known = side & np.isfinite(j.strength) & (j.emotion != FACE_EMOTIONS.index("neutral"))
    stronger, weaker = [np.zeros(0, int)], [np.zeros(0, int)]
    group = j.rater * N + j.emotion
    for one in np.unique(group[known]):
        mine = np.flatnonzero(known & (group == one))
        first, second = np.nonzero(j.strength[mine][:, None] > j.strength[mine][None])
        stronger.append(mine[first])
        weaker.append(mine[second])
    return np.concatenate(stronger), np.concatenate(weaker)


def _ordered(j: Judgements, stronger: np.ndarray, weaker: np.ndarray) -> Statistic:
    """Share of the pairs in which the stronger item is seen as stronger; the same strength counts half."""
    gain = j.seen_strength[stronger] - j.seen_strength[weaker]
    value = np.where(gain > 0, 1.0, np.where(gain == 0, 0.5, 0.0))
    rater, first, second = j.rater[stronger], j.item[stronger], j.item[weaker]

    def ordered(of_raters: np.ndarray, of_items: np.ndarray) -> float:
        weight = of_raters[rater] * of_items[first] * of_items[second]
        total = weight.sum()
        return float((weight * value).sum() / total) if total else float("nan")

    return ordered


def _told_apart(j: Judgements) -> Statistic:
    """Balanced accuracy: the mean of the shares of real and of made items that are taken for what they are."""
    real, made = _share(j, j.taken_for_real, ~j.made), _share(j, ~j.taken_for_real, j.made)
    return lambda of_raters, of_items: (real(of_raters, of_items) + made(of_raters, of_items)) / 2


def _d_prime(j: Judgements) -> Statistic:
    """d' = Phi^-1(H) - Phi^-1(F), of all answers together.

    H = (real taken for real + 0.5) / (real + 1), F = (made taken for real + 0.5) / (made + 1): the log-linear
    correction (Hautus, 1995), without which it is infinite where raters make no mistake.
    """
    from scipy.stats import norm

    def d_prime(of_raters: np.ndarray, of_items: np.ndarray) -> float:
        weight = of_raters[j.rater] * of_items[j.item]
        rates = []
        for side in (~j.made, j.made):
            if not weight[side].sum():
                return float("nan")
            rates.append((weight[side & j.taken_for_real].sum() + 0.5) / (weight[side].sum() + 1))
        return float(norm.ppf(rates[0]) - norm.ppf(rates[1]))

    return d_prime


def _agreements(j: Judgements, draws: int, seed: int) -> Iterator[Figure]:
    """Krippendorff's alpha of the three answers; 95 %: bootstrap over items."""
    rng = np.random.default_rng(seed)
    answers = (
        ("emotion", j.seen_emotion, "nominal"),
        ("strength", j.seen_strength, "ordinal"),
        ("real or made", j.taken_for_real, "nominal"),
    )
    for what, values, level in answers:
        table = np.full((j.rater.max() + 1, j.item.max() + 1), np.nan)
        table[j.rater, j.item] = values
        alpha = krippendorff_alpha(table, level)  # type: ignore[arg-type]
        if not np.isfinite(alpha):
            continue
        drawn = [rng.integers(0, table.shape[1], table.shape[1]) for _ in range(draws)]
        again = np.array([krippendorff_alpha(table[:, chosen], level) for chosen in drawn])  # type: ignore[arg-type]
        low, high = np.nanpercentile(again, [2.5, 97.5])
        yield Figure("agreement", "both", what, alpha, float(low), float(high), 0.0, len(j))
