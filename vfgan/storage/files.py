"""Outputs that are whole or absent: written under a temporary name, then renamed. Also on other machines."""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from vfgan.config.serialise import first_difference
from vfgan.errors import OutputError, SchemaError
from vfgan.storage.remote import AnyPath, RemotePath, as_path, made_here

_LONGEST_NAME = 60  # characters of a temporary name's end: file systems take 255 bytes


@contextlib.contextmanager
def atomic_path(path: AnyPath) -> Iterator[Path]:
    """A temporary path beside `path` to write to; renamed to `path` on success, removed on failure.

    The name stays its end, because encoders choose the format by its suffix. What a link leads to is written. Works for
    a file and for a folder; for a file on another machine (`vfgan.storage.remote`) it is one of this machine, which is
    copied there and renamed.

    Raises:
        OutputError: the folder cannot be made or written to, or the disk is full.
    """
    final = as_path(path)
    if isinstance(final, RemotePath):
        yield from _atomic_remote(final)
        return
    final = Path(os.path.realpath(final))  # a link stays one, and what it leads to is written
    temporary = final.with_name(f".part-{os.getpid()}.{final.name[-_LONGEST_NAME:]}")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            if final.is_dir() and temporary.is_dir():
                shutil.rmtree(final)
            os.replace(temporary, final)
        except BaseException:
            _remove(temporary)
            raise
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def _atomic_remote(path: RemotePath) -> Iterator[Path]:
    try:
        with made_here(path) as local:
            yield local
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(path: AnyPath, text: str) -> None:
    """Writes `text` as UTF-8; see `atomic_path`."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: AnyPath, value: object) -> None:
    """Writes `value` as indented JSON with sorted keys; see `atomic_path`."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True) + "\n")


def read_json(path: AnyPath) -> dict:
    """The object in a JSON file.

    Raises:
        SchemaError: the file is absent or holds no JSON object.
    """
    try:
        value = json.loads(as_path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SchemaError(f"{path} does not exist") from error
    except (OSError, ValueError) as error:
        raise SchemaError(f"{path} is no readable JSON: {error}") from error
    if not isinstance(value, dict):
        raise SchemaError(f"{path}: expected a JSON object, got {type(value).__name__}")
    return value


def digest_file(path: AnyPath) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    found = hashlib.sha256()
    with as_path(path).open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def check_writable(folder: AnyPath) -> None:
    """Fails now instead of after minutes of work where `folder` cannot be written to.

    Raises:
        OutputError: no file can be made in `folder`.
    """
    path = as_path(folder) / ".writable"
    with atomic_path(path) as temporary:
        temporary.write_bytes(b"")
    path.unlink(missing_ok=True)


def claim_folder(folder: AnyPath, name: str, values: dict, what: str) -> None:
    """Marks a folder as that of a result, or finds that it is.

    Args:
        name: of the file in it that says so.
        values: plain JSON values; what makes one result differ from another.
        what: what the folder holds, for the message.
    Raises:
        SchemaError: it belongs to other values; the first field that differs is named.
        OutputError: it cannot be written.
    """
    check_writable(folder)
    path = as_path(folder) / name
    if path.exists():
        difference = first_difference(values, read_json(path))
        if difference:
            raise SchemaError(f"{folder} holds {what}: {difference}; choose another folder")
    else:
        write_json(path, values)
