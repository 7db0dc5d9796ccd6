"""Subtracting a mean and dividing by a deviation that were measured once, on training data."""

import keras
import numpy as np


@keras.saving.register_keras_serializable("vfgan")
class Standardise(keras.layers.Layer):
    """(x - mean) / deviation, over the last axes of x.

    Args:
        shape: of the mean and the deviation; must fit the last axes of the input.
    """

    def __init__(self, shape: tuple[int, ...], **kwargs):
        super().__init__(**kwargs)
        self.shape = tuple(shape)
        self.mean = self.add_weight(shape=self.shape, initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(shape=self.shape, initializer="ones", trainable=False, name="deviation")

    def measure(self, values: np.ndarray) -> None:
        """Takes mean and deviation over all but the last axes of `values`, float [..., *shape]."""
        axes = tuple(range(values.ndim - len(self.shape)))
        self.mean.assign(values.mean(axes, dtype=np.float64))
        self.deviation.assign(np.maximum(values.std(axes, dtype=np.float64), 1e-3))

    @property
    def measured(self) -> bool:
        """Whether it subtracts or divides anything: before `measure`, or weights that were loaded, it does not."""
        return bool(np.any(np.array(self.mean) != 0.0) or np.any(np.array(self.deviation) != 1.0))

    def call(self, values):
        return (values - self.mean) / self.deviation

    def get_config(self) -> dict:
        return {**super().get_config(), "shape": self.shape}
