"""Bends faces as far as they are meant to be *seen* to bend: a face mesh sees only a part of what moves."""

from collections.abc import Callable

import numpy as np


def seen_in_full(
    seen: Callable[[np.ndarray], np.ndarray], wanted: np.ndarray, rounds: int, most: float = 4.0
) -> np.ndarray:
    """Displacements under which landmarks are seen to move as far as is wanted.

        d_0 = w,   d_(i+1) = d_i + w - m(d_i)

    A mesh holds landmarks back where few faces move: m(d) is d for the corners of a smile, and a third of it for brows
    that come down. This is the iteration of Richardson (1911). It does not converge everywhere: lips that are pressed
    together cannot be bent so. A landmark that is seen no closer in the end gets the d under which it was closest.
    The last d is seen, too.

    Args:
        seen: m, displacements float [landmarks, 2] -> those that are measured in faces bent so; NaN: not found.
        wanted: w, float [landmarks, 2], as measured on real faces by the same mesh.
        rounds: how many times d is mended.
        most: no landmark moves more than this many times as far as the furthest of `wanted` does.
    Returns:
        float [landmarks, 2].
    """
    tried, off = [wanted.astype(np.float64)], []
    furthest = most * np.linalg.norm(wanted, axis=1).max()
    while rounds:
        missing = wanted - seen(tried[-1])
        if not np.isfinite(missing).all():
            tried = tried[: max(1, len(off))]
            break
        off.append(np.linalg.norm(missing, axis=1))
        if len(tried) > rounds:
            break
        moved = tried[-1] + missing
        length = np.linalg.norm(moved, axis=1, keepdims=True)
        tried.append(moved * np.minimum(1.0, furthest / np.maximum(length, 1e-12)))
    if len(off) < 2:
        return tried[0]
    closest = np.array(tried)[np.argmin(off, axis=0), np.arange(len(wanted))]
    return np.where((off[-1] < off[0])[:, None], tried[-1], closest)
