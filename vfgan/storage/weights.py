"""Weights of a network on disk."""

from pathlib import Path

import keras

from vfgan.errors import SchemaError
from vfgan.storage.files import atomic_path


def save_weights(model: keras.Model, path: Path) -> None:
    """Weights as HDF5, whole or not at all."""
    with atomic_path(path) as temporary:
        model.save_weights(temporary)


def load_weights(model: keras.Model, path: Path, *, skip_mismatch: bool = False) -> None:
    """What `save_weights` wrote.

    Args:
        skip_mismatch: layers whose weights have other shapes keep theirs.

    Raises:
        SchemaError: it is of another network, or damaged.
    """
    try:
        model.load_weights(path, skip_mismatch=skip_mismatch)
    except (ValueError, OSError, KeyError) as error:
        raise SchemaError(f"{path} does not fit this network, or is of another version: {error}") from error
