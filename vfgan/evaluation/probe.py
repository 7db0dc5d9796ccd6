"""What else a voice attribute carries: can a line tell it?"""

import numpy as np

from vfgan.evaluation.scores import unweighted_average_recall

#: Ridge of the probe, as a share of the features' mean variance.
RIDGE = 1e-2


def linear_probe(z: np.ndarray, label: np.ndarray, new_z: np.ndarray, new_label: np.ndarray) -> float:
    """Balanced accuracy on new people of a linear probe (Alain & Bengio, 2017) that was fitted to others.

    The probe is least squares on -1 and 1, each class weighing the same, with a small ridge: it has a closed form and
    nothing to tune.

    Args:
        z, new_z: float [n, z_size].
        label, new_label: bool [n].
    Returns:
        0…1; chance is 0.5. NaN where a class is missing on either side.
    """
    if len(np.unique(label)) < 2 or len(np.unique(new_label)) < 2:
        return float("nan")
    from sklearn.linear_model import RidgeClassifier

    line = RidgeClassifier(alpha=RIDGE * len(z) * z.var(), class_weight="balanced")
    line.fit(z.astype(np.float64), label)
    return unweighted_average_recall(new_label, line.predict(new_z.astype(np.float64)), 2)
