"""Drawing examples: a pure function of (seed, step)."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.data.sampling import Epochs, GroupSampler, step_dataset


def numbers(start, stop, seed):
    dataset = step_dataset(lambda s: tf.random.stateless_uniform([3], s), start, stop, seed)
    return [batch.numpy() for batch in dataset]


def test_a_batch_follows_from_seed_and_step():
    whole = numbers(0, 6, seed=4)
    np.testing.assert_array_equal(numbers(3, 6, seed=4), whole[3:])
    assert len({batch.tobytes() for batch in whole}) == 6
    assert not (numbers(0, 6, seed=5)[0] == whole[0]).any()


def test_groups_are_drawn_equally_often_and_members_within_them():
    labels = np.array([0, 2, 2, 2, 0, 4])
    groups = GroupSampler(labels, 6)
    drawn = groups.draw_groups(tf.constant([1, 2]), 3_000).numpy()
    counts = np.bincount(drawn, minlength=6)
    assert set(np.flatnonzero(counts)) == {0, 2, 4}
    assert counts[[0, 2, 4]].min() > 900
    members = groups.draw_members(tf.constant([3, 4]), tf.constant(drawn)).numpy()
    np.testing.assert_array_equal(labels[members], drawn)
    assert np.bincount(members, minlength=6)[[1, 2, 3]].min() > 270  # each of the three of group 2


def test_epochs_go_on_where_the_one_before_ended():
    whole = numbers(0, 6, seed=4)
    epochs = Epochs(2)
    dataset = step_dataset(lambda s: tf.random.stateless_uniform([3], s), epochs, 2, 4)
    assert dataset.cardinality() == 2
    for first in (0, 2, 4):
        np.testing.assert_array_equal([batch.numpy() for batch in dataset], whole[first : first + 2])
    epochs.next = 1
    np.testing.assert_array_equal([batch.numpy() for batch in dataset], whole[2:4])


def test_a_group_without_members_gives_none_of_its_neighbours():
    groups = GroupSampler(np.array([0, 2, 2]), 3)
    with pytest.raises(tf.errors.InvalidArgumentError):
        groups.draw_members(tf.constant([3, 4]), tf.constant([1]))
