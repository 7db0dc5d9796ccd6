"""Writes outputs that are complete or absent: under a temporary name first, then renamed. Also on other machines."""

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
    """Gives a temporary path beside `path` to write to. It is renamed to `path` on success and removed on failure.

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
        _remove(temporary)  # of a killed process with this number: in containers all have the same
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
    """Reads the object in a JSON file.

    Raises:
        SchemaError: the file does not exist or holds no JSON object.
    """
    try:
        value = json.loads(as_path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SchemaError(f"{path} does not exist") from error
    except (OSError, ValueError) as error:
        raise SchemaError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(value, dict):
        raise SchemaError(f"{path}: expected a JSON object, got {type(value).__name__}")
    return value


def digest_file(path: AnyPath) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    found = hashlib.sha256()
    with as_path(path).open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def check_writable(folder: AnyPath) -> None:
    """Checks that `folder` can be written to, before minutes of work.

    Raises:
        OutputError: no file can be made in `folder`.
    """
    path = as_path(folder) / ".writable"
    with atomic_path(path) as temporary:
        temporary.write_bytes(b"\n")  # S3 renames no empty file
    path.unlink(missing_ok=True)


def claim_folder(folder: AnyPath, name: str, values: dict, what: str) -> None:
    """Claims a folder for a result, or checks that it already belongs to that result.

    Args:
        name: file in the folder that holds the values.
        values: plain JSON values that identify the result.
        what: what the folder holds, for the message.
    Raises:
        SchemaError: the folder belongs to other values; the message names the first field that differs.
        OutputError: the folder cannot be written.
    """
    check_writable(folder)
    path = as_path(folder) / name
    if path.exists():
        difference = first_difference(values, read_json(path))
        if difference:
            raise SchemaError(f"{folder} holds {what}: {difference}; choose another folder")
    else:
        write_json(path, values)
