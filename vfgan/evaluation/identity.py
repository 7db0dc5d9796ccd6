"""Is it still the same person? How alike the output is to its source, beside two real faces of one person."""

import numpy as np

from vfgan.data.face_set import Faces
from vfgan.face import rest as face_rest
from vfgan.face.pixels import as_luma, fade_mask

#: Landmarks of the mesh that stay where they are while a face moves, and those around the nostrils.
STEADY = (*face_rest.STEADY, 2, 98, 327)


def similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """SSIM of pairs of pictures, 1 where they are equal: float [pictures].

    Means, deviations and covariance under a Gaussian of deviation 1.5 pixels; constants 0.01 and 0.03 of the range.
    Weighted by `vfgan.face.pixels.fade_mask`: hair and background stay what they are and prove nothing.

    Args:
        a, b: uint8 [pictures, size, size, channels]; of colours the luma is compared.
    """
    import tensorflow as tf

    # tf.image.ssim has no value where its window of 11 pixels crosses the border: mirrored pixels fill it
    padding = ((0, 0), (5, 5), (5, 5), (0, 0))
    a, b = (np.pad(as_luma(pictures), padding, mode="reflect") for pictures in (a, b))
    share = tf.image.ssim(a, b, max_val=255, return_index_map=True).numpy()  # [pictures, size, size]
    return np.average(share.reshape(len(share), -1), axis=1, weights=fade_mask(share.shape[1]).ravel())


def shape_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How differently two faces are built: root mean square distance of landmarks that expressions hardly move, after
    b has been turned, scaled and shifted onto a (Procrustes analysis; Gower, 1975): float [pairs], eye distances.

    Args:
        a, b: float [pairs, 468, 2], landmarks of MediaPipe's mesh; NaN where no face was found.
    Returns:
        NaN where one of the two was not found.
    """
    out = np.full(len(a), np.nan)
    for index in np.flatnonzero(np.isfinite(a).all(axis=(1, 2)) & np.isfinite(b).all(axis=(1, 2))):
        one, two = a[index][list(STEADY)].astype(np.float64), b[index][list(STEADY)].astype(np.float64)
        one, two = one - one.mean(0), two - two.mean(0)
        left, strength, right = np.linalg.svd(two.T @ one)
        if np.linalg.det(left @ right) < 0:  # a turn, no mirror
            left[:, -1], strength[-1] = -left[:, -1], -strength[-1]
        moved = strength.sum() / (two**2).sum() * two @ left @ right
        eyes = np.linalg.norm(one[[0, 1]].mean(0) - one[[2, 3]].mean(0))
        out[index] = np.sqrt(((one - moved) ** 2).sum(axis=1).mean()) / eyes
    return out


def same_person(sources: Faces, real: Faces, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of real faces of one person that show different emotions: the yardstick of an output and its source.

    Args:
        sources: faces X.
        real: faces that show their emotion; each with a name gets one of the same person's sources.
        rng: draws it.
    Returns:
        Indices of the sources and of the real faces, int [pairs] each.
    """
    first, second = [], []
    for index in np.flatnonzero(real.person != ""):
        same = np.flatnonzero((sources.person == real.person[index]) & (sources.emotion != real.emotion[index]))
        if len(same):
            first.append(rng.choice(same))
            second.append(index)
    return np.array(first, int), np.array(second, int)
