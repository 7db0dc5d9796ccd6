"""Drawing examples: the batch of step n is a pure function of (seed, n)."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from vfgan.errors import MediaError


class Epochs:
    """Says which steps a dataset gives each time it is read: epoch 0, then 1, …, or what `next` was set to.

    `Model.fit` reads its dataset once an epoch. So each epoch has other examples, and a training that goes on with
    epoch 7 has those of epoch 7.

    Args:
        steps: of an epoch.
    """

    def __init__(self, steps: int):
        self.steps, self.next = steps, 0

    def numbers(self) -> tf.data.Dataset:
        """The numbers of the steps of an epoch, int64; asked for anew each time the dataset is read."""

        def of_one(_):
            first = tf.ensure_shape(tf.numpy_function(self._begin, [], tf.int64), [])
            return tf.data.Dataset.range(first, first + self.steps)

        numbers = tf.data.Dataset.range(1).flat_map(of_one)
        return numbers.apply(tf.data.experimental.assert_cardinality(self.steps))

    def _begin(self) -> np.int64:
        self.next += 1
        return np.int64((self.next - 1) * self.steps)


def step_dataset(batch_of_step: Callable, start: int | Epochs, stop: int, seed: int) -> tf.data.Dataset:
    """Batches of steps `start` to `stop` - 1.

    Args:
        batch_of_step: (stateless seed, int64 [2] that differs for each step) -> batch, of tensors.
        start: or the epochs that say which steps these are, each time the dataset is read; `stop` is not used then.
    """

    @tf.autograph.experimental.do_not_convert  # all of it is tensor operations: it begins seconds earlier
    def batch(step):
        return batch_of_step(tf.stack([tf.constant(seed, tf.int64), step]))

    dataset = start.numbers() if isinstance(start, Epochs) else tf.data.Dataset.range(start, stop)
    return dataset.map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(2)


class GroupSampler:
    """Indices by group, for drawing a group first and a member of it second.

    Args:
        labels: int [items], the group of each item, 0…groups-1.
        groups: how many groups there are.
    Raises:
        MediaError: there are no items.
    """

    def __init__(self, labels: np.ndarray, groups: int):
        if not len(labels):
            raise MediaError("there is nothing to learn from: the data set has no such examples in training")
        counts = np.bincount(labels, minlength=groups)
        self.members = tf.constant(np.argsort(labels, kind="stable").astype(np.int32))  # [items], group by group
        self.starts = tf.constant((np.cumsum(counts) - counts).astype(np.int32))
        self.counts = tf.constant(counts.astype(np.int32))
        self.filled = tf.constant(np.flatnonzero(counts).astype(np.int32))

    def draw_groups(self, seed: tf.Tensor, count: int) -> tf.Tensor:
        """`count` groups that have members, each as likely: int32 [count]."""
        pick = tf.random.stateless_uniform([count], seed, 0, tf.size(self.filled), tf.int32)
        return tf.gather(self.filled, pick)

    def draw_members(self, seed: tf.Tensor, groups: tf.Tensor) -> tf.Tensor:
        """An item of each given group: int32 [count]."""
        share = tf.random.stateless_uniform(tf.shape(groups), seed)
        counts = tf.gather(self.counts, groups)
        place = tf.minimum(tf.cast(share * tf.cast(counts, tf.float32), tf.int32), counts - 1)
        place = tf.where(counts > 0, tf.gather(self.starts, groups) + place, -1)  # none is an error, not a neighbour's
        return tf.gather(self.members, place)


def another(groups: tf.Tensor, taken: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """For each of `taken` (which are among `groups`) one of the other groups: int32 [batch]."""
    place = tf.argmax(tf.cast(groups[None, :] == taken[:, None], tf.int32), axis=1, output_type=tf.int32)
    offset = tf.random.stateless_uniform(tf.shape(taken), seed, 1, tf.size(groups), tf.int32)
    return tf.gather(groups, (place + offset) % tf.size(groups))


def draw_by_chance(seed: tf.Tensor, cumulative: tf.Tensor, count: int) -> tf.Tensor:
    """Indices, each with its own probability: int32 [count].

    Args:
        cumulative: float32 [items], sums of the probabilities up to and with each item; the last is 1.
    """
    place = tf.random.stateless_uniform([count], seed)
    index = tf.searchsorted(cumulative, place, side="right")
    return tf.minimum(index, tf.size(cumulative) - 1)
