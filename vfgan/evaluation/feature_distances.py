"""How far generated faces are from real ones, in the judge's features."""

import numpy as np


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """|m_a - m_b|^2 + tr(S_a + S_b - 2 (S_a S_b)^(1/2)) of two Gaussians fitted to features (Heusel et al., 2017).

    It falls with the number of samples; compare only distances between sets of the same sizes.

    Args:
        a, b: float [samples, features].
    """
    a, b = a.astype(np.float64), b.astype(np.float64)
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root_a = _root(cov_a)
    # tr((S_a S_b)^(1/2)) = tr((S_a^(1/2) S_b S_a^(1/2))^(1/2)), whose argument is symmetric
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root_a @ cov_b @ root_a), 0.0)).sum()
    return float(np.square(a.mean(0) - b.mean(0)).sum() + np.trace(cov_a) + np.trace(cov_b) - 2.0 * cross)


def _root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def kernel_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Unbiased squared maximum mean discrepancy with the kernel (x y / n + 1)^3 (Binkowski et al., 2018).

    Args:
        a, b: float [samples, features], at least two samples each.
    """
    a, b = a.astype(np.float64), b.astype(np.float64)

    def kernel(p, q):
        return (p @ q.T / p.shape[1] + 1.0) ** 3

    def mean_of_pairs(p):
        k = kernel(p, p)
        return (k.sum() - np.trace(k)) / (len(p) * (len(p) - 1))

    return float(mean_of_pairs(a) + mean_of_pairs(b) - 2.0 * kernel(a, b).mean())


def halves_by_recording(clip_id: np.ndarray, emotion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two halves of real faces with equal numbers of each emotion, and no recording in both.

    Emotions with one recording are left out: they cannot be divided.

    Returns:
        (indices of one half, indices of the other), int [n] each, emotion by emotion in the same order.
    """
    first, second = [], []
    for label in sorted(set(emotion.tolist())):
        clips = sorted(set(clip_id[emotion == label].tolist()))
        if len(clips) < 2:
            continue
        in_first = np.isin(clip_id, clips[::2])
        a = np.flatnonzero((emotion == label) & in_first)
        b = np.flatnonzero((emotion == label) & ~in_first)
        count = min(len(a), len(b))
        first.append(a[np.linspace(0, len(a) - 1, count).astype(int)])
        second.append(b[np.linspace(0, len(b) - 1, count).astype(int)])
    empty = np.zeros(0, int)
    return np.concatenate([empty, *first]), np.concatenate([empty, *second])
