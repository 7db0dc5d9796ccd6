"""Instance normalisation (Ulyanov et al., 2016)."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("vfgan")
class InstanceNorm(keras.layers.Layer):
    """(h - mean) / sqrt(variance + epsilon) * gamma + beta; mean and variance over the picture, for each channel."""

    def __init__(self, epsilon: float = 1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, shape):
        self.gamma = self.add_weight(shape=(shape[-1],), initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=(shape[-1],), initializer="zeros", name="beta")

    def call(self, values):
        mean = ops.mean(values, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(values), axis=(1, 2), keepdims=True) - ops.square(mean)
        scale = self.gamma * ops.rsqrt(ops.maximum(variance, 0.0) + self.epsilon)  # [batch, 1, 1, channels]
        return values * scale + (self.beta - mean * scale)

    def get_config(self) -> dict:
        return {**super().get_config(), "epsilon": self.epsilon}
