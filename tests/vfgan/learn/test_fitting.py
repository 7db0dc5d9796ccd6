"""Batches of a `fit` that are read again, for a guard that looks for a bad one."""

import numpy as np
import tensorflow as tf

from vfgan.data.sampling import Epochs, step_dataset
from vfgan.data.split import Source
from vfgan.learn.fitting import read_again


def test_batches_of_other_epochs_are_read_again():
    epochs = Epochs(4)
    batches = step_dataset(lambda seed: {"x": seed[1]}, epochs, 0, 1)
    batches.vfgan_source = Source(None, epochs)
    first, second = ([int(batch["x"]) for batch in batches] for _ in range(2))
    assert first + second == list(range(8))
    assert [int(batch["x"]) for batch in read_again(batches, 3, 6)] == [3, 4, 5]
    assert epochs.next == 2
    assert [int(batch["x"]) for batch in batches] == [8, 9, 10, 11]


def test_others_are_the_same_in_each_epoch():
    batches = tf.data.Dataset.range(3)
    assert [int(batch) for batch in read_again(batches, 2, 7)] == [2, 0, 1, 2, 0]
    np.testing.assert_array_equal(read_again(batches.repeat(), 2, 4), [2, 0])
