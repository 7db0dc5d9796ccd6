"""Where SavedModels lie, and loading them."""

import os
import sys
from pathlib import Path
from typing import Any

from vfgan.errors import SchemaError
from vfgan.storage.files import read_json


def models_dir() -> Path:
    """The folder of SavedModels: `VFGAN_MODELS`, else the checkout's `saved_models`, else the wheel's data files.

    Raises:
        SchemaError: none of them exists.
    """
    named = os.environ.get("VFGAN_MODELS")
    places = [Path(named)] if named else [
        Path(__file__).resolve().parents[2] / "saved_models",
        Path(sys.prefix) / "share" / "vfgan" / "saved_models",
    ]  # fmt: skip
    for place in places:
        if place.is_dir():
            return place
    raise SchemaError(f"no SavedModels in {' or '.join(map(str, places))}: set VFGAN_MODELS to their folder")


def find_model(name: str | Path) -> Path:
    """The newest version of a model.

    Args:
        name: a name in `models_dir()` (vfgan, extractor, …), or a path (with a slash) of a folder that holds version
            folders or is one.
    Returns:
        The folder with saved_model.pb.
    Raises:
        SchemaError: there is no such model.
    """
    base = Path(name)
    if len(base.parts) == 1 and not base.is_absolute() and base.name == str(name) and base.name not in (".", ".."):
        base = models_dir() / name  # a name; a folder here is written ./name
    elif not base.is_dir():
        raise SchemaError(f"{name} does not exist: expected a SavedModel's folder or name")
    if (base / "saved_model.pb").is_file():
        return base
    versions = [path for path in base.glob("*") if path.name.isdigit() and (path / "saved_model.pb").is_file()]
    if not versions:
        there = sorted({path.parent.parent.name for path in base.parent.glob("*/[0-9]*/saved_model.pb")})
        found = f"one of {', '.join(there)}" if there else "a folder with saved_model.pb"
        raise SchemaError(f"no SavedModel in {base}: expected {found}")
    return max(versions, key=lambda path: int(path.name))


def find_generators() -> tuple[str, ...]:
    """Names of the models in `models_dir()` that put a voice on a face, the default one first.

    Raises:
        SchemaError: there is none.
    """
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    found = []
    for card in sorted(models_dir().glob("*/card.json"), key=lambda path: (path.parent.name != "vfgan", str(path))):
        graph = SavedModel.FromString((find_model(card.parent) / "saved_model.pb").read_bytes())
        if "neutral_z" in graph.meta_graphs[0].signature_def:
            found.append(card.parent.name)
    if not found:
        raise SchemaError(f"no generator in {models_dir()}: expected one such as vfgan")
    return tuple(found)


def load_model(name: str | Path) -> tuple[Any, dict]:
    """The newest version of a model and its card.

    Returns:
        (the loaded object, whose `signatures` are callable; card.json's values).
    Raises:
        SchemaError: there is no such model, it has no card or that of another version, or it cannot be loaded.
    """
    import tensorflow as tf

    folder = find_model(name)
    card = read_json(folder.parent / "card.json")
    if folder.name.isdigit() and str(card.get("version", folder.name)) != folder.name:
        raise SchemaError(f"{folder}: the card beside it is of version {card['version']}: load that, or export again")
    try:
        return tf.saved_model.load(str(folder)), card
    except (OSError, ValueError, tf.errors.OpError) as error:
        raise SchemaError(f"{folder} cannot be loaded: {error}") from error


def load_model_once(name: str | Path) -> tuple[Any, dict]:
    """`load_model` for a process that computes one result: its graphs are not rewritten, for all of the process.

    To rewrite them takes 0.7 s of processor time for a picture; a face takes as long with and without.
    """
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    return load_model(name)
