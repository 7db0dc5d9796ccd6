"""Saves and loads the weights of a network."""

from pathlib import Path

import keras

from vfgan.errors import SchemaError
from vfgan.storage.files import atomic_path


def save_weights(model: keras.Model, path: Path) -> None:
    """Writes the weights as HDF5, completely or not at all."""
    with atomic_path(path) as temporary:
        model.save_weights(temporary)


def load_weights(model: keras.Model, path: Path) -> None:
    """Loads what `save_weights` wrote.

    Raises:
        SchemaError: the file belongs to another network, or is damaged.
    """
    try:
        model.load_weights(path)
    except (ValueError, OSError, KeyError) as error:
        raise SchemaError(f"{path} does not fit this network, or is of another version: {error}") from error
