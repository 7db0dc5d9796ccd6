"""A running average of a network's weights: steadier than the weights of any one step (Yazici et al., 2019)."""

import keras
import numpy as np
import tensorflow as tf

from vfgan.models.image_pool import PER_REPLICA


class RunningAverage(tf.Module):
    """a <- d a + (1 - d) w after every step, with d = min(decay, (1 + step) / (10 + step)): quick at first.

    The averages are variables, so a checkpoint holds them.

    Args:
        weights: of the network.
        decay: 0…1.
    """

    def __init__(self, weights: list[keras.Variable], decay: float):
        super().__init__()
        self.decay, self._weights = decay, tuple(weights)
        self.values = [tf.Variable(weight.numpy(), **PER_REPLICA) for weight in weights]

    def restart(self) -> None:
        """Begins anew with the weights as they are: those of another training were loaded."""
        for average, weight in zip(self.values, self._weights):
            average.assign(weight.value)

    def update(self, step: tf.Tensor) -> None:
        """Moves the averages after a step."""
        step = tf.cast(step, tf.float32)
        decay = tf.minimum(self.decay, (1.0 + step) / (10.0 + step))
        for average, weight in zip(self.values, self._weights):
            average.assign(decay * average + (1.0 - decay) * weight.value)

    def swap(self) -> None:
        """Exchanges weights and averages; a second call takes it back."""
        for average, weight in zip(self.values, self._weights):
            before = np.array(weight)  # a copy: numpy() may be a view of what is assigned next
            weight.assign(average.numpy())
            average.assign(before)
