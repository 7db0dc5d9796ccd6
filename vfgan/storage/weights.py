"""Saves and loads the weights of a network."""

import shutil
from pathlib import Path

import keras

from vfgan.errors import OutputError, SchemaError
from vfgan.storage.files import atomic_path

#: What HDF5 adds to the weights, at most.
_OVERHEAD, _HEADERS_BYTES = 1.1, 1 << 20


def save_weights(model: keras.Model, path: Path) -> None:
    """Weights as HDF5, whole or not at all.

    Raises:
        OutputError: the disk is too full. That is seen before: HDF5 ends the process where it cannot write.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    needed = _OVERHEAD * sum(variable.value.numpy().nbytes for variable in model.variables) + _HEADERS_BYTES
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise OutputError(f"cannot write {path}: {free / 1e6:.1f} MB are free, it needs {needed / 1e6:.1f} MB")
    with atomic_path(path) as temporary:
        model.save_weights(temporary)


def load_weights(model: keras.Model, path: Path, *, skip_mismatch: bool = False) -> None:
    """Loads what `save_weights` wrote.

    Args:
        skip_mismatch: layers whose weights have other shapes keep theirs.

    Raises:
        SchemaError: the file belongs to another network, or is damaged.
    """
    optimizer = getattr(model, "optimizer", None)
    if isinstance(optimizer, keras.Optimizer) and not optimizer.built:  # else Keras warns that it skips its state
        optimizer.build(model.trainable_variables)
    try:
        model.load_weights(path, skip_mismatch=skip_mismatch)
    except (ValueError, OSError, KeyError) as error:
        raise SchemaError(f"{path} does not fit this network, or is of another version: {error}") from error
