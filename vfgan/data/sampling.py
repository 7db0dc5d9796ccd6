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
        members = [np.flatnonzero(labels == group) for group in range(groups)]
        longest = max(1, *(len(m) for m in members))
        self.members = tf.constant(
            np.stack([np.pad(m, (0, longest - len(m))) for m in members]).astype(np.int32)
        )  # [groups, longest]
        self.counts = tf.constant([len(m) for m in members], tf.int32)
        self.filled = tf.constant([group for group in range(groups) if len(members[group])], tf.int32)

    def draw_groups(self, seed: tf.Tensor, count: int) -> tf.Tensor:
        """`count` groups that have members, each as likely: int32 [count]."""
        pick = tf.random.stateless_uniform([count], seed, 0, tf.size(self.filled), tf.int32)
        return tf.gather(self.filled, pick)

    def draw_members(self, seed: tf.Tensor, groups: tf.Tensor) -> tf.Tensor:
        """An item of each given group: int32 [count]."""
        share = tf.random.stateless_uniform(tf.shape(groups), seed)
        counts = tf.gather(self.counts, groups)
        place = tf.minimum(tf.cast(share * tf.cast(counts, tf.float32), tf.int32), counts - 1)
        return tf.gather_nd(self.members, tf.stack([groups, place], axis=1))


def draw_by_chance(seed: tf.Tensor, cumulative: tf.Tensor, count: int) -> tf.Tensor:
    """Indices, each with its own probability: int32 [count].

    Args:
        cumulative: float32 [items], sums of the probabilities up to and with each item; the last is 1.
    """
    place = tf.random.stateless_uniform([count], seed)
    index = tf.searchsorted(cumulative, place, side="right")
    return tf.minimum(index, tf.size(cumulative) - 1)
