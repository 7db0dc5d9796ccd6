"""Where the landmarks of an aligned face are, from its pixels: small enough to lie inside a generator."""

import keras
import numpy as np
from keras import layers, ops

from vfgan.layers.instance_norm import InstanceNorm

#: The last convolution's map is no larger.
_LAST_PX = 4


@keras.saving.register_keras_serializable("vfgan")
class LandmarkNet(keras.layers.Layer):
    """l = mean + sum_i a_i s_i c_i: an active shape model (Cootes et al., 1995) whose a a network reads off the pixels.

    Faces are aligned, so that a handful of components tells where brows, lips and jaw are.

    Args:
        components: how many c.
        filters: of the fourth strided convolution from the end; twice and four times as many at the next ones, half as
            many before it. They go on until the map is 4 x 4: four of 64 px, five of 128.
    Input:
        float32 [batch, size, size, 1], luma, -1…1.
    Outputs:
        (landmarks float32 [batch, 468, 2], crop sides; a float32 [batch, components], deviations).
    """

    def __init__(self, components: int, filters: int = 16, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"components": components, "filters": filters}
        self.stages = []
        self.hidden = layers.Dense(128, activation="relu", name="hidden")
        self.coefficients = layers.Dense(components, kernel_initializer="zeros", name="coefficients")

    def build(self, shape):
        side, channels = shape[1], shape[3]
        filters = self.settings["filters"]
        widths = [filters, 2 * filters, 4 * filters, 4 * filters]
        while side > _LAST_PX << len(widths):
            widths.insert(0, filters // 2)
        self.stages = []
        for index, width in enumerate(widths):
            convolution = layers.Conv2D(width, 3, 2, padding="same", use_bias=False, name=f"down_{index}")
            norm = InstanceNorm(name=f"norm_{index}")
            convolution.build((None, side, side, channels))
            side, channels = -(-side // 2), width
            norm.build((None, side, side, channels))
            self.stages += [convolution, norm]
        self.hidden.build((None, side * side * channels))
        self.coefficients.build((None, 128))
        count = self.settings["components"]
        self.mean = self.add_weight(shape=(468, 2), initializer="zeros", trainable=False, name="mean")
        self.basis = self.add_weight(shape=(count, 936), initializer="zeros", trainable=False, name="basis")

    def measure(self, landmarks: np.ndarray) -> None:
        """Takes mean and components, each times its deviation, from landmarks float [faces, 468, 2]."""
        flat = landmarks.reshape(len(landmarks), -1).astype(np.float64)
        mean = flat.mean(axis=0)
        variances, directions = np.linalg.eigh((flat - mean).T @ (flat - mean) / len(flat))  # ascending
        largest = slice(None, -1 - self.settings["components"], -1)
        deviations = np.sqrt(np.maximum(variances[largest], 0.0))
        self.mean.assign(mean.reshape(468, 2))
        self.basis.assign(deviations[:, None] * directions.T[largest])

    def coefficients_of(self, landmarks: np.ndarray) -> np.ndarray:
        """a of known landmarks float [faces, 468, 2]: float64 [faces, components], least squares."""
        away = (landmarks - np.asarray(self.mean)).reshape(len(landmarks), -1).astype(np.float64)
        return away @ np.linalg.pinv(np.asarray(self.basis, np.float64))

    def call(self, luma):
        h = luma
        for index, stage in enumerate(self.stages):
            h = stage(h)
            h = ops.relu(h) if index % 2 else h
        a = self.coefficients(self.hidden(ops.reshape(h, (-1, self.hidden.kernel.shape[0]))))
        return self.mean + ops.reshape(ops.matmul(a, self.basis), (-1, 468, 2)), a

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}
