"""What a cross-validation says: recalls with their interval over people, by corpus, confusions, calibration."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from vfgan.data.chances import emotions_of
from vfgan.emotions import EMOTIONS
from vfgan.errors import ConfigError
from vfgan.evaluation.by_corpus import among_own, calm_as_neutral, recall_of
from vfgan.evaluation.scores import confusion_matrix, recalls, unweighted_average_recall

#: Bins of the calibration curve over a probability of 0…1.
BINS = 10


@dataclasses.dataclass(frozen=True)
class Predictions:
    """What an extractor heard in utterances of people that it has not learnt from.

    Where a corpus has no calm voices, what is heard as calm counts as neutral (`vfgan.evaluation.by_corpus`).
    """

    clip_id: np.ndarray  #: str [clips]
    domain: np.ndarray  #: str [clips], the corpus, its songs apart
    person: np.ndarray  #: str [clips], corpus/actor
    emotion: np.ndarray  #: int [clips], true, 0…7
    intensity: np.ndarray  #: int [clips]
    probabilities: np.ndarray  #: float [clips, 8]

    def where(self, chosen: np.ndarray) -> "Predictions":
        """Those for which `chosen` (bool [clips]) says so."""
        return Predictions(**{field.name: getattr(self, field.name)[chosen] for field in dataclasses.fields(self)})

    @property
    def present(self) -> np.ndarray:
        """bool [clips, 8]: the emotions that each clip's corpus has."""
        return emotions_of(self.domain, self.emotion)

    @property
    def told(self) -> np.ndarray:
        """float [clips, 8]: probabilities by the rule on calm."""
        return calm_as_neutral(self.probabilities, self.present)

    @property
    def predicted(self) -> np.ndarray:
        """int [clips]: the most probable emotion."""
        return self.told.argmax(axis=1)

    @property
    def uar(self) -> float:
        """Unweighted average recall."""
        return unweighted_average_recall(self.emotion, self.predicted, len(EMOTIONS))


def join(parts: Sequence[Predictions]) -> Predictions:
    """Several sets of predictions as one."""
    names = [field.name for field in dataclasses.fields(Predictions)]
    return Predictions(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def folds_of(people: Sequence[str], count: int) -> list[list[str]]:
    """The test people of each fold: of each corpus, neighbours in the order of their names.

    A corpus with fewer people than folds is in some folds' tests only.

    Args:
        people: corpus/actor, as often as you like.
        count: folds; 0 leaves one person out at a time.
    Raises:
        ConfigError: fewer people than folds in every corpus, or fewer than two folds.
    """
    names = sorted({name for name in people if name})
    if not count:
        return [[name] for name in names]
    by_corpus = [[n for n in names if n.split("/")[0] == corpus] for corpus in sorted({n.split("/")[0] for n in names})]
    most = max(map(len, by_corpus), default=0)
    if not 2 <= count <= most:
        raise ConfigError(f"--folds: expected 2 to {most} (the named people), or 0 for one each; got {count}")
    parts = [np.array_split(np.array(mine), count) for mine in by_corpus]
    return [[str(name) for part in parts for name in part[fold]] for fold in range(count)]


def corpora_of(corpus: Sequence[str], wanted: Sequence[str]) -> list[list[str]]:
    """The corpora that are left out, one a fold: those wanted, or all.

    Raises:
        ConfigError: a wanted one is not there, or there is only one.
    """
    names = sorted(set(corpus))
    missing = sorted(set(wanted) - set(names))
    if missing or len(names) < 2:
        found = ", ".join(names)
        raise ConfigError(f"--by corpus: expected at least two corpora and --left of them; the data set has {found}")
    return [[name] for name in (wanted or names)]


def summarise(predictions: Predictions) -> dict:
    """Figures of one run over all folds, as plain values.

    The interval is that of the mean over actors, whose UARs are taken as independent draws (Student's t).
    """
    predicted = predictions.predicted
    by_actor = {str(a): predictions.where(predictions.person == a).uar for a in np.unique(predictions.person)}
    mean, reach = mean_and_reach(list(by_actor.values()))
    confusion = confusion_matrix(predictions.emotion, predicted, len(EMOTIONS))
    recall = np.nan_to_num(recalls(predictions.emotion, predicted, len(EMOTIONS)))
    return {
        "uar": predictions.uar,
        "accuracy": float((predicted == predictions.emotion).mean()),
        "mean_over_actors": mean,
        "interval_95": [mean - reach, mean + reach] if np.isfinite(reach) else None,
        "by_actor": by_actor,
        "by_corpus": {
            str(d): _of_corpus(predictions.where(predictions.domain == d)) for d in np.unique(predictions.domain)
        },
        "by_emotion": {EMOTIONS[label]: float(recall[label]) for label in np.unique(predictions.emotion)},
        "by_intensity": _by_intensity(predictions),
        "by_sex": _by_sex(predictions),
        "confusion": confusion.tolist(),
        "calibration": calibration(predictions),
        "clips": len(predicted),
    }


def _of_corpus(predictions: Predictions) -> dict:
    """Recall of one corpus: among all eight emotions, and among those that it has."""
    own = among_own(predictions.probabilities, predictions.present)
    return {
        "uar": predictions.uar,
        "uar_own": recall_of(predictions.emotion, own),
        "accuracy": float((predictions.predicted == predictions.emotion).mean()),
        "expected_calibration_error": calibration(predictions)["expected_error"],
        "clips": len(predictions.emotion),
        "people": len(np.unique(predictions.person)),
    }


def mean_and_reach(values: Sequence[float]) -> tuple[float, float]:
    """The mean of independent values and half the width of its 95 % interval (Student's t; NaN for one value)."""
    from scipy import stats

    sample = np.asarray(values, float)
    if len(sample) < 2:
        return float(sample.mean()), float("nan")
    return float(sample.mean()), float(stats.t.ppf(0.975, len(sample) - 1) * stats.sem(sample))


def _by_intensity(predictions: Predictions) -> dict[str, float]:
    """UAR of normal and strong voices of the same emotions: neutral ones have no strong counterpart."""
    emotional = predictions.emotion != EMOTIONS.index("neutral")
    sides = {name: emotional & (predictions.intensity == value) for name, value in (("normal", 1), ("strong", 2))}
    return {name: predictions.where(side).uar for name, side in sides.items() if side.any()}


def _by_sex(predictions: Predictions) -> dict[str, float]:
    """UAR of men and women; nothing where it is not known."""
    sexes = sex_of(predictions.person)
    return {name: predictions.where(sexes == name).uar for name in ("male", "female") if (sexes == name).any()}


def sex_of(person: np.ndarray) -> np.ndarray:
    """Each clip's "male", "female" or, where it is not known, "": of RAVDESS only, where odd actors are men."""
    actors = [name.partition("/") for name in person]
    return np.array(
        [
            ("female", "male")[int(actor) % 2] if corpus == "ravdess" and actor.isdigit() else ""
            for corpus, _, actor in actors
        ]
    )


def calibration(predictions: Predictions) -> dict:
    """How often the extractor is right when it is so sure.

    Returns:
        confidence, share_right, clips: one value for each of `BINS` equal bins of the highest probability that has
        clips; expected_error: their mean distance, weighted by clips (Guo et al., 2017).
    """
    sure = predictions.told.max(axis=1)
    right = predictions.predicted == predictions.emotion
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    rows = [(sure[place == b].mean(), right[place == b].mean(), (place == b).sum()) for b in np.unique(place)]
    confidence, share, clips = (np.array(column, float) for column in zip(*rows))
    return {
        "confidence": confidence.tolist(),
        "share_right": share.tolist(),
        "clips": clips.astype(int).tolist(),
        "expected_error": float((np.abs(confidence - share) * clips).sum() / clips.sum()),
    }
