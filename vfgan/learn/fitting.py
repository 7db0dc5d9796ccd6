"""What whole models do around Keras' `fit`: check what they are given, and tell datasets which epoch begins."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from vfgan.data.split import Split, source_of
from vfgan.errors import ConfigError

#: Sizes of an array's axes; None: any.
Shape = tuple[int | None, ...]


class KeepsSeeds(keras.Model):
    """A model whose dropout goes on where it was: Keras saves weights, but not the state of random numbers."""

    @property
    def seeds(self) -> list[keras.Variable]:
        """The states of all random numbers."""
        return [variable for variable in self.variables if variable.name == "seed_generator_state"]

    def save_own_variables(self, store) -> None:
        """The seeds; sublayers save their weights themselves."""
        for index, seed in enumerate(self.seeds):
            store[f"seed_{index}"] = np.array(seed)

    def load_own_variables(self, store) -> None:
        """What `save_own_variables` gave; weights of the commands have none of it."""
        known = set(store.keys())
        for index, seed in enumerate(self.seeds):
            if f"seed_{index}" in known:
                seed.assign(np.array(store[f"seed_{index}"]))


class EpochTeller(keras.callbacks.Callback):
    """Tells the dataset of a `fit` which epoch begins, so that one that goes on draws what it would have drawn."""

    def __init__(self, batches: Any):
        super().__init__()
        source = source_of(batches)
        self._epochs = source.epochs if source else None

    def on_epoch_begin(self, epoch, logs=None):
        if self._epochs:
            self._epochs.next = epoch


def read_again(batches: tf.data.Dataset, first: int, end: int) -> list:
    """The batches of some steps of a `fit`, counted over its epochs, as they were then, where they are not shuffled.

    Args:
        first, end: steps first + 1 to end.
    """
    source, steps = source_of(batches), int(batches.cardinality())
    if steps <= 0:  # not known, or endless
        return list(batches.skip(first).take(end - first))
    epochs, found = source.epochs if source else None, []
    coming = epochs.next if epochs else 0
    for epoch in range(first // steps, -(-end // steps)):
        if epochs:
            epochs.next = epoch
        low, high = max(0, first - epoch * steps), min(steps, end - epoch * steps)
        found += batches.skip(low).take(high - low)
    if epochs:
        epochs.next = coming
    return found


def as_list(callbacks: Any) -> list[keras.callbacks.Callback]:
    """What `fit` takes as callbacks, as a list: None, one, several, or Keras' own list."""
    if callbacks is None:
        return []
    if isinstance(callbacks, keras.callbacks.CallbackList):
        return list(callbacks.callbacks)
    return list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]


def fit_options(x: Any, callbacks: Any, options: dict) -> dict:
    """What is passed on to Keras' `fit`: batches that have an order of their own are not to be shuffled."""
    shuffles = {} if not isinstance(x, tf.data.Dataset) else {"shuffle": False}
    return shuffles | options | {"callbacks": [EpochTeller(x), *as_list(callbacks)]}


def expect_split(given: Any, whose: str) -> Split:
    """Checks what `adapt` was given.

    Raises:
        ConfigError: it is no part of a data set.
    """
    if not isinstance(given, Split):
        kind = type(given).__name__
        raise ConfigError(f"{whose}.adapt: expected a split such as load_dataset(FOLDER).train, got a {kind}")
    return given


def check_parts(x: Any, y: Any, expected: Sequence[tuple[str, Shape]], hint: str) -> None:
    """Checks the shapes of batches, or of arrays, before anything is traced.

    Args:
        x: a `tf.data.Dataset`, an array, or a tuple of arrays; what tells no shapes is left to Keras.
        y: labels of an array.
        expected: (name, shape) of each part.
        hint: how to mend it.
    Raises:
        ConfigError: a part is missing or has another shape.
    """
    spec = x.element_spec if isinstance(x, tf.data.Dataset) else x
    if y is not None:
        spec = (x, y)
    parts = spec if isinstance(spec, tuple) else (spec,)
    known = isinstance(x, tf.data.Dataset) or hasattr(parts[0], "shape")
    if known and (len(parts) < len(expected) or not hasattr(parts[0], "shape")):
        raise ConfigError(f"expected {' and '.join(name for name, _ in expected)}, got {_said(spec)}; {hint}")
    for part, (name, shape) in zip(parts, expected):
        check_shape(part, name, shape, hint)


def check_shape(part: Any, name: str, expected: Shape, hint: str) -> None:
    """Checks the shape of one array, or of the batches of it.

    Raises:
        ConfigError: it is another.
    """
    received = getattr(part, "shape", None)
    if received is None or getattr(received, "rank", 0) is None:
        return
    received = tuple(received)
    fits = len(received) == len(expected) and all(a is None or b is None or a == b for a, b in zip(received, expected))
    if not fits:
        raise ConfigError(f"{name}: expected {_listed(expected)}, got {_listed(received)}; {hint}")


def _said(spec: Any) -> str:
    if isinstance(spec, dict):
        return f"dictionaries of {', '.join(sorted(spec))}"
    if isinstance(spec, tuple):
        return f"tuples of {len(spec)}"
    return f"{_listed(spec.shape)} alone" if hasattr(spec, "shape") else type(spec).__name__


def _listed(shape: Any) -> str:
    """[batch, 40, 40, 3].

    >>> _listed((None, 40, None, 3))
    '[any, 40, any, 3]'
    """
    return f"[{', '.join('any' if size is None else str(size) for size in shape)}]"
