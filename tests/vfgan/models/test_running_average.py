"""The running average by NumPy, and its exchange."""

import keras
import numpy as np
import tensorflow as tf

from vfgan.models.running_average import RunningAverage


def test_the_average_follows_its_formula():
    weight = keras.Variable(np.array([1.0, 2.0], np.float32))
    average, expected = RunningAverage([weight], 0.9), np.array([1.0, 2.0])
    for step in (1, 2, 3, 400):
        weight.assign([5.0 * step, -1.0])
        average.update(tf.constant(step))
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * np.array([5.0 * step, -1.0])
        np.testing.assert_allclose(average.values[0], expected, rtol=1e-5)


def test_a_second_swap_takes_the_first_back():
    weight = keras.Variable(np.array([1.0], np.float32))
    average = RunningAverage([weight], 0.5)
    weight.assign([3.0])
    average.swap()
    assert (float(weight.value[0]), float(average.values[0][0])) == (1.0, 3.0)
    average.swap()
    assert (float(weight.value[0]), float(average.values[0][0])) == (3.0, 1.0)


def test_it_begins_anew_with_weights_that_were_loaded():
    weight = keras.Variable(np.array([1.0], np.float32))
    average = RunningAverage([weight], 0.9)
    weight.assign([3.0])
    average.restart()
    average.update(tf.constant(1))
    assert float(average.values[0][0]) == 3.0
