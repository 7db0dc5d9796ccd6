"""What a map over time and frequency is on the whole: mean and deviation over time."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("vfgan")
class TimeStatistics(keras.layers.Layer):
    """[batch, frames, bands, width] -> [batch, bands, 2 width]: mean and standard deviation over the frames.

    When in a window something happened is forgotten (statistics pooling; Snyder et al., 2018).
    """

    def call(self, maps):
        mean = ops.mean(maps, axis=1)
        variance = ops.mean(ops.square(maps - mean[:, None]), axis=1)
        return ops.concatenate([mean, ops.sqrt(variance + 1e-4)], axis=-1)
