"""How far a voice is from all that was learnt from: the distance of its attribute to the nearest kind of voice."""

import keras
import numpy as np
from keras import ops

#: Ridge of the covariance, as a share of its mean variance.
RIDGE = 1e-2
#: Variance and distance are at least this, so that the fewest utterances can be measured.
LEAST = 1e-6


@keras.saving.register_keras_serializable("vfgan")
class Familiarity(keras.layers.Layer):
    """min_k |W (a - m_k)|^2 / median: the squared Mahalanobis distance to the nearest kind of training voice.

    A kind is an emotion in a corpus; m_k is the mean attribute of its utterances, W whitens what is left around the
    means (Lee et al., A Simple Unified Framework for Detecting Out-of-Distribution Samples, 2018). 1 is the median of
    the training utterances. Before it is measured, everything is at 0.

    Args:
        size: numbers of the attribute.
        kinds: most kinds there can be.
    """

    def __init__(self, size: int, kinds: int = 128, **kwargs):
        super().__init__(**kwargs)
        self.size, self.kinds = size, kinds
        self.means = self.add_weight(shape=(kinds, size), initializer="zeros", trainable=False, name="means")
        self.whiten = self.add_weight(shape=(size, size), initializer="zeros", trainable=False, name="whiten")

    def measure(self, attributes: np.ndarray, kind: np.ndarray) -> None:
        """Takes means, covariance and median.

        Args:
            attributes: float [utterances, size].
            kind: [utterances], the kind of each; beyond `kinds` the rarest are left out.
        """
        attributes = attributes.astype(np.float64)
        means, which, counts = _means(attributes, kind)
        covariance = np.cov((attributes - means[which]).T, bias=True)
        ridge = max(RIDGE * np.trace(covariance) / self.size, LEAST)  # one utterance of a kind is at its mean
        covariance += ridge * np.eye(self.size)
        self._take(means[np.argsort(-counts, kind="stable")])
        self.whiten.assign(np.linalg.cholesky(np.linalg.inv(covariance)))
        median = float(np.median(np.asarray(self(attributes.astype(np.float32)))))
        self.whiten.assign(self.whiten / np.sqrt(max(median, LEAST)))

    def add(self, attributes: np.ndarray, kind: np.ndarray) -> None:
        """Takes further means; what the distance is measured by stays.

        Arguments as of `measure`; beyond `kinds` the last of the old ones, which were the rarest, are left out.
        """
        means, _, _ = _means(attributes.astype(np.float64), kind)
        old = np.asarray(self.means, np.float64)
        _, first = np.unique(old, axis=0, return_index=True)
        self._take(np.concatenate([means, old[np.sort(first)]]))

    def _take(self, means: np.ndarray) -> None:
        means = means[: self.kinds]
        self.means.assign(means[np.arange(self.kinds) % len(means)])

    def call(self, attributes):
        white = ops.matmul(attributes, self.whiten)  # [batch, size]
        away = white[:, None, :] - ops.matmul(self.means, self.whiten)[None]  # [batch, kinds, size]
        return ops.min(ops.sum(ops.square(away), axis=-1), axis=-1)

    def get_config(self) -> dict:
        return {**super().get_config(), "size": self.size, "kinds": self.kinds}


def _means(attributes: np.ndarray, kind: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each kind the mean, float64 [kinds, size], and the number of its utterances; the kind of each utterance."""
    names, which, counts = np.unique(kind, return_inverse=True, return_counts=True)
    return np.stack([attributes[which == index].mean(axis=0) for index in range(len(names))]), which, counts
