"""Batch normalisation that is the same on one device and on several."""

import keras
import tensorflow as tf


def batch_norm() -> keras.layers.BatchNormalization:
    """Normalises by the examples of all replicas: two with half a batch each take the step of one.

    Made on one device, it is Keras' plain layer, whose sums are other ones in their last bits.
    """
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    return keras.layers.BatchNormalization(momentum=0.95, synchronized=replicas > 1)
