"""Is it still the same person? How alike the output is to its source, beside two real faces of one person."""

import numpy as np

from vfgan.data.records import Faces


def similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """SSIM of pairs of pictures, 1 where they are equal: float [pictures].

    Means, deviations and covariance under a Gaussian of deviation 1.5 pixels; constants 0.01 and 0.03 of the range.

    Args:
        a, b: uint8 [pictures, size, size, 1].
    """
    import cv2

    def blurred(pictures):
        return np.stack([cv2.GaussianBlur(picture, (11, 11), 1.5) for picture in pictures])

    a, b = (pictures[..., 0].astype(np.float64) for pictures in (a, b))
    mean_a, mean_b = blurred(a), blurred(b)
    var_a, var_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
    both = blurred(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    share = (2 * mean_a * mean_b + c1) * (2 * both + c2) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return share.mean(axis=(1, 2))


def real_likeness(sources: Faces, real: Faces, rng: np.random.Generator) -> float:
    """What `similarity` is between two real faces of a person that show different emotions: the yardstick.

    Args:
        sources: faces X.
        real: faces that show their emotion; each with a name is compared with one of the same person's sources.
        rng: draws it.
    Returns:
        Mean over pairs; NaN where there is none.
    """
    first, second = [], []
    for index in np.flatnonzero(real.actor != ""):
        same = np.flatnonzero((sources.actor == real.actor[index]) & (sources.emotion != real.emotion[index]))
        if len(same):
            first.append(rng.choice(same))
            second.append(index)
    if not first:
        return float("nan")
    return float(similarity(sources.pixels[first], real.pixels[second]).mean())
