"""What else a voice attribute carries: can a line tell it?"""

import numpy as np

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
    mean = z.mean(axis=0)
    x = np.hstack([z - mean, np.ones((len(z), 1))]).astype(np.float64)
    weight = np.where(label, 0.5 / label.mean(), 0.5 / (1 - label.mean()))
    ridge = RIDGE * len(z) * np.diag([*np.full(z.shape[1], z.var()), 0.0])
    target = np.where(label, 1.0, -1.0)
    plane = np.linalg.solve(x.T @ (weight[:, None] * x) + ridge, x.T @ (weight * target))
    heard = np.hstack([new_z - mean, np.ones((len(new_z), 1))]) @ plane > 0
    return float(np.mean([(heard == new_label)[new_label == side].mean() for side in (False, True)]))
