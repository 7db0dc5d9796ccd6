"""Rows of arrays that are read when they are needed: memory stays flat whatever their number is.

What fits into memory as a whole is kept there once it was read.
"""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf


class Memory:
    """How many bytes may be kept of what was read, by all who share it.

    Args:
        mib: in MiB.
    """

    def __init__(self, mib: float):
        self._left = mib * 2**20

    def reserve(self, count: int) -> bool:
        """Whether so many bytes may be kept; then they count as taken."""
        fits = count <= self._left
        self._left -= count if fits else 0
        return fits


class RowStore:
    """Rows of one shape, each read by its number.

    Args:
        count: number of rows.
        shape: of one row.
        read: number -> the row. Several threads call it at once.
        memory: rows are kept if it has place for all of them.
    """

    def __init__(
        self, count: int, shape: tuple[int, ...], dtype: type, read: Callable[[int], np.ndarray], memory: Memory
    ):
        self.shape, self._read = shape, read
        self.dtype: np.dtype = np.dtype(dtype)
        bytes_in_all = count * int(np.prod(shape)) * self.dtype.itemsize
        # pages of zeros take memory only when they are written
        kept = memory.reserve(bytes_in_all)
        self._kept: np.ndarray | None = np.zeros((count, *shape), dtype) if kept else None
        self._known = np.zeros(count, bool)

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """The rows of some numbers: [numbers, *shape]."""
        if self._kept is None:
            read = [self._read(int(number)) for number in numbers]
            return np.stack(read) if read else np.zeros((0, *self.shape), self.dtype)
        for number in np.unique(numbers[~self._known[numbers]]):
            self._kept[number] = self._read(int(number))
            self._known[number] = True  # after its row: another thread may be looking
        return self._kept[numbers]


class LazyRows:
    """An array whose rows are read when they are asked for.

    Args:
        stores: where rows come from, all of one shape and type.
        store: int [rows], number of each row's store.
        number: int [rows], its number there.
    """

    def __init__(self, stores: Sequence[RowStore], store: np.ndarray, number: np.ndarray):
        self._stores, self._store, self._number = tuple(stores), store, number

    @classmethod
    def of(cls, store: RowStore, count: int) -> "LazyRows":
        """All rows of one store."""
        return cls([store], np.zeros(count, np.int16), np.arange(count, dtype=np.int32))

    def __len__(self) -> int:
        return len(self._number)

    @property
    def shape(self) -> tuple[int, ...]:
        """As of an array."""
        return (len(self), *self._stores[0].shape)

    @property
    def dtype(self) -> np.dtype:
        """As of an array."""
        return self._stores[0].dtype

    def where(self, chosen: np.ndarray) -> "LazyRows":
        """Some of the rows, unread: `chosen` is bool or index [rows]."""
        return LazyRows(self._stores, self._store[chosen], self._number[chosen])

    def __getitem__(self, index) -> np.ndarray:
        """Reads rows, as indexing an array does: one for an integer, else those of a slice, or of bool or index."""
        if isinstance(index, tuple):
            rest = index[1:] if isinstance(index[0], (int, np.integer)) else (slice(None), *index[1:])
            return self[index[0]][rest]
        if isinstance(index, (int, np.integer)):
            return self[[index]][0]
        store, number = self._store[index], self._number[index]
        if len(self._stores) == 1:
            return self._stores[0].rows(number)
        out = np.zeros((len(number), *self.shape[1:]), self.dtype)
        for which in np.unique(store):
            out[store == which] = self._stores[which].rows(number[store == which])
        return out

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        """Reads all rows."""
        return np.asarray(self[:], dtype)


#: Rows in memory, or read when they are needed.
Rows = np.ndarray | LazyRows


def choose_rows(rows: Rows, chosen: np.ndarray) -> Rows:
    """Some of the rows; lazy ones stay unread."""
    return rows.where(chosen) if isinstance(rows, LazyRows) else rows[chosen]


def join_rows(parts: Sequence[Rows]) -> Rows:
    """Several sets of rows as one; lazy ones stay unread."""
    lazy = [part for part in parts if isinstance(part, LazyRows)]
    if len(lazy) < len(parts):
        return np.concatenate([np.asarray(part) for part in parts])
    first = np.cumsum([0, *(len(part._stores) for part in lazy)])
    return LazyRows(
        [store for part in lazy for store in part._stores],
        np.concatenate([part._store + begin for part, begin in zip(lazy, first)]).astype(np.int16),
        np.concatenate([part._number for part in lazy]),
    )


def row_gatherer(rows: Rows) -> Callable[[tf.Tensor], tf.Tensor]:
    """A function int32 [count] -> those rows [count, …], for use in a `tf.data` graph."""
    if not isinstance(rows, LazyRows):
        held = tf.constant(rows)
        return lambda index: tf.gather(held, index)
    kind = tf.as_dtype(rows.dtype)

    def gather(index: tf.Tensor) -> tf.Tensor:
        found = tf.numpy_function(rows.__getitem__, [index], kind, stateful=False)
        return tf.ensure_shape(found, [*index.shape, *rows.shape[1:]])

    return gather
