"""How well a mouth follows the sound: opening told and real, clip by clip."""

import numpy as np

from vfgan.face.face import INNER_LIPS

_UPPER, _LOWER = INNER_LIPS


def opening_scores(told: list[np.ndarray], real: list[np.ndarray]) -> dict[str, float]:
    """Correlation of a mouth's opening with that of the same clip and of other clips, and how far it opens.

    Other clips measure what any talking mouth has in common, such as silence at the beginning.

    Args:
        told, real: of each clip float [faces], opening over time.
    Returns:
        correlation: mean over clips with the same clip's. other_clips: mean over pairs of clips. range, real_range:
        mean distance of the 5th and the 95th percentile. NaN where there is nothing to compare.
    """
    own = [_correlation(a, b) for a, b in zip(told, real)]
    other = [_correlation(a, b) for i, a in enumerate(told) for j, b in enumerate(real) if i != j]
    return {
        "correlation": _mean(own),
        "other_clips": _mean(other),
        "range": _mean([_range(one) for one in told]),
        "real_range": _mean([_range(one) for one in real]),
    }


def mouth_scores(mouth, told: np.ndarray, real: np.ndarray, clip: np.ndarray, eye_distance: float) -> dict[str, float]:
    """`opening_scores` of coefficients; opening in eye distances.

    Args:
        mouth: `vfgan.models.mouth.Mouth`.
        told, real: float [faces, components].
        clip: int [faces], which clip each face is of.
        eye_distance: in the crops, crop sides.
    """
    basis = np.asarray(mouth.basis).reshape(-1, 468, 2)
    opens = (basis[:, _LOWER, 1] - basis[:, _UPPER, 1]) / eye_distance  # [components]
    numbers = np.unique(clip)
    return opening_scores(*([c[clip == number] @ opens for number in numbers] for c in (told, real)))


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's, over as long as both last; NaN where one does not move."""
    length = min(len(a), len(b))
    a, b = a[:length] - np.mean(a[:length]), b[:length] - np.mean(b[:length])
    spread = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / spread) if spread > 0 else float("nan")


def _range(values: np.ndarray) -> float:
    return float(np.quantile(values, 0.95) - np.quantile(values, 0.05))


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")
