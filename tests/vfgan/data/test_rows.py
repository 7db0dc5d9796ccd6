"""Rows that are read when they are needed behave as an array does."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.data.rows import LazyRows, Memory, RowStore, choose_rows, join_rows, row_gatherer

WHOLE = np.arange(7 * 6, dtype=np.uint8).reshape(7, 2, 3)


def lazy(memory=0.0, rows=WHOLE):
    """(lazy rows of an array, the numbers that were read)."""
    read = []

    def one(number):
        read.append(number)
        return rows[number]

    return LazyRows.of(RowStore(len(rows), rows.shape[1:], rows.dtype, one, Memory(memory)), len(rows)), read


@pytest.mark.parametrize("memory", [0, 1])
@pytest.mark.parametrize(
    "index",
    [3, np.int64(6), slice(1, 5, 2), np.array([4, 0, 4]), np.arange(7) > 4, np.array([], int), (2, ..., 1),
     (slice(0, 3), 1), (np.array([5, 1]), 0, 2)],
)  # fmt: skip
def test_indexing_is_that_of_an_array(memory, index):
    rows, _ = lazy(memory)
    found = rows[index]
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, WHOLE[index])


def test_it_has_the_shape_of_an_array():
    rows, read = lazy()
    assert (len(rows), rows.shape, rows.dtype) == (7, (7, 2, 3), np.uint8)
    assert not read
    np.testing.assert_array_equal(np.asarray(rows), WHOLE)
    assert [one.tolist() for one in rows] == WHOLE.tolist()


def test_what_fits_is_read_once_and_the_rest_each_time():
    for memory, expected in ((1, [0, 2]), (0, [2, 0, 2, 2])):
        rows, read = lazy(memory)
        rows[np.array([2, 0, 2])]
        rows[2]
        assert read == expected


def test_memory_is_shared_and_all_or_nothing():
    memory = Memory(100 / 2**20)
    assert [memory.reserve(count) for count in (60, 41, 40, 1)] == [True, False, True, False]


@pytest.mark.parametrize("chosen", [np.arange(7) % 2 == 0, np.array([6, 1, 1])])
def test_choosing_and_joining_reads_nothing(chosen):
    (one, read_one), (other, read_other) = lazy(1), lazy(rows=WHOLE + 100)
    joined = join_rows([choose_rows(one, chosen), other])
    assert not read_one + read_other
    expected = np.concatenate([WHOLE[chosen], WHOLE + 100])
    np.testing.assert_array_equal(joined[:], expected)
    again = choose_rows(join_rows([joined, one]), np.array([2, len(joined) + 3, 1]))
    np.testing.assert_array_equal(again[:], np.concatenate([expected, WHOLE])[[2, len(joined) + 3, 1]])
    np.testing.assert_array_equal(join_rows([WHOLE, one]), np.concatenate([WHOLE, WHOLE]))


@pytest.mark.parametrize("rows", [WHOLE, lazy()[0], lazy(1)[0]])
def test_a_graph_gathers_rows_of_a_known_shape(rows):
    gather = row_gatherer(rows)
    indices = tf.data.Dataset.from_tensor_slices(np.array([[1, 5], [6, 6]], np.int32))
    made = indices.map(gather, num_parallel_calls=2)
    assert made.element_spec.shape == (2, 2, 3)
    np.testing.assert_array_equal(list(made.as_numpy_iterator()), WHOLE[[[1, 5], [6, 6]]])
