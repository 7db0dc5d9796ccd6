"""Where corpora have different emotions: who has which, and recalls by one rule everywhere.

Where a corpus has no calm voices, what is heard as calm counts as neutral. The answer is the likeliest of all eight
emotions ("any"), or of those that the corpus has ("own").
"""

import numpy as np

from vfgan.emotions import EMOTIONS
from vfgan.evaluation.scores import unweighted_average_recall

_NEUTRAL, _CALM = EMOTIONS.index("neutral"), EMOTIONS.index("calm")


def calm_as_neutral(probabilities: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Probabilities with those of calm given to neutral where there is no calm.

    Args:
        probabilities: float [clips, 8].
        present: bool [clips, 8], the emotions that each clip's corpus has.
    """
    told = probabilities.copy()
    merged = present[:, _NEUTRAL] & ~present[:, _CALM]
    told[merged, _NEUTRAL] += told[merged, _CALM]
    told[merged, _CALM] = 0.0
    return told


def among_own(probabilities: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Probabilities of the emotions that each clip's corpus has, sum 1; else 0. Arguments as above."""
    told = np.where(present, calm_as_neutral(probabilities, present), 0.0)
    return told / np.maximum(1e-12, told.sum(axis=1, keepdims=True))


def recall_of(emotion: np.ndarray, probabilities: np.ndarray) -> float:
    """Unweighted average recall of the likeliest emotion."""
    return unweighted_average_recall(emotion, probabilities.argmax(axis=1), len(EMOTIONS))
