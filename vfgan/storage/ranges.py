"""Reads parts of files: from a disk by `pread`, from other machines by `tf.io.gfile`."""

import os
import zlib
from pathlib import Path

from vfgan.errors import MediaError, SchemaError
from vfgan.storage.remote import AnyPath, RemotePath, as_path


def read_range(path: AnyPath, offset: int, length: int, checksum: int) -> bytes:
    """Reads a part of a file and checks it. Any number of threads may do so at once.

    Args:
        offset: of its first byte.
        length: in bytes.
        checksum: CRC-32 of the part.
    Raises:
        MediaError: the file cannot be read, since its disk or its store went away.
        SchemaError: it ends too early, or holds other bytes.
    """
    place = as_path(path)
    try:
        content = place.read_range(offset, length) if isinstance(place, RemotePath) else _read(place, offset, length)
    except OSError as error:
        reason = " ".join(str(error.strerror or error).split())
        raise MediaError(
            f"{path} cannot be read: {reason}; bring it back and run the same command again to resume"
        ) from error
    if len(content) != length or zlib.crc32(content) != checksum:
        what = f"ends {length - len(content)} bytes early" if len(content) < length else "holds other bytes"
        raise SchemaError(f"{path} is damaged: at byte {offset} it {what}; build the data set again")
    return content


def _read(path: Path, offset: int, length: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)  # opening takes microseconds; a data set may have more files than allowed
    try:
        return os.pread(descriptor, length, offset)
    finally:
        os.close(descriptor)
