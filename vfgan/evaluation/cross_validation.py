"""What a cross-validation by actor says: recalls with their interval over actors, confusions, calibration."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from vfgan.emotions import EMOTIONS
from vfgan.errors import ConfigError
from vfgan.evaluation.scores import confusion_matrix, recalls, unweighted_average_recall

#: Bins of the calibration curve over a probability of 0…1.
BINS = 10


@dataclasses.dataclass(frozen=True)
class Predictions:
    """What an extractor heard in utterances of actors that it has not learnt from."""

    clip_id: np.ndarray  #: str [clips]
    actor: np.ndarray  #: str [clips]
    emotion: np.ndarray  #: int [clips], true, 0…7
    intensity: np.ndarray  #: int [clips]
    probabilities: np.ndarray  #: float [clips, 8]

    def where(self, chosen: np.ndarray) -> "Predictions":
        """Those for which `chosen` (bool [clips]) says so."""
        return Predictions(**{field.name: getattr(self, field.name)[chosen] for field in dataclasses.fields(self)})

    @property
    def predicted(self) -> np.ndarray:
        """int [clips]: the most probable emotion."""
        return self.probabilities.argmax(axis=1)

    @property
    def uar(self) -> float:
        """Unweighted average recall."""
        return unweighted_average_recall(self.emotion, self.predicted, len(EMOTIONS))


def join(parts: Sequence[Predictions]) -> Predictions:
    """Several sets of predictions as one."""
    names = [field.name for field in dataclasses.fields(Predictions)]
    return Predictions(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def folds_of(actors: Sequence[str], count: int) -> list[list[str]]:
    """The test actors of each fold: neighbours in the order of their names.

    Args:
        actors: of the corpus.
        count: folds; 0 leaves one actor out at a time.
    Raises:
        ConfigError: fewer actors than folds, or fewer than two folds.
    """
    names = sorted(set(actors))
    count = count or len(names)
    if not 2 <= count <= len(names):
        raise ConfigError(f"--folds: expected 2 to {len(names)} (the named actors), or 0 for one each; got {count}")
    return [part.tolist() for part in np.array_split(np.array(names), count)]


def summarise(predictions: Predictions) -> dict:
    """Figures of one run over all folds, as plain values.

    The interval is that of the mean over actors, whose UARs are taken as independent draws (Student's t).
    """
    predicted = predictions.predicted
    by_actor = {str(a): predictions.where(predictions.actor == a).uar for a in np.unique(predictions.actor)}
    mean, reach = mean_and_reach(list(by_actor.values()))
    confusion = confusion_matrix(predictions.emotion, predicted, len(EMOTIONS))
    recall = np.nan_to_num(recalls(predictions.emotion, predicted, len(EMOTIONS)))
    return {
        "uar": predictions.uar,
        "accuracy": float((predicted == predictions.emotion).mean()),
        "mean_over_actors": mean,
        "interval_95": [mean - reach, mean + reach] if np.isfinite(reach) else None,
        "by_actor": by_actor,
        "by_emotion": {name: float(value) for name, value in zip(EMOTIONS, recall)},
        "by_intensity": _by_intensity(predictions),
        "by_sex": _by_sex(predictions),
        "confusion": confusion.tolist(),
        "calibration": calibration(predictions),
        "clips": len(predicted),
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
    sexes = sex_of(predictions.clip_id, predictions.actor)
    return {name: predictions.where(sexes == name).uar for name in ("male", "female") if (sexes == name).any()}


def sex_of(clip_id: np.ndarray, actor: np.ndarray) -> np.ndarray:
    """Each clip's "male", "female" or, where it is not known, "": of RAVDESS only, where odd actors are men."""
    numbered = [clip.startswith("ravdess/") and name.isdigit() for clip, name in zip(clip_id, actor)]
    return np.array([("female", "male")[int(name) % 2] if known else "" for name, known in zip(actor, numbered)])


def calibration(predictions: Predictions) -> dict:
    """How often the extractor is right when it is so sure.

    Returns:
        confidence, share_right, clips: one value for each of `BINS` equal bins of the highest probability that has
        clips; expected_error: their mean distance, weighted by clips (Guo et al., 2017).
    """
    sure = predictions.probabilities.max(axis=1)
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
