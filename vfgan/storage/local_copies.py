"""Copies of remote files, for decoders that need a file of this machine."""

import collections
import tempfile
import threading
from pathlib import Path

from vfgan.errors import MediaError, OutputError
from vfgan.storage.remote import AnyPath, RemotePath, as_path

#: Larger files are refused before they are copied.
MAX_BYTES = 8 << 30
#: Copies of one thread, which stay for the next clip of the same recording; the oldest goes first.
KEPT_BYTES = 2 << 30


def local_copy(path: AnyPath) -> Path:
    """The file itself, or a copy of one that lies on another machine; it may be gone after further copies.

    What does not exist there does not exist here: who reads it says so.

    Raises:
        MediaError: the file is larger than `MAX_BYTES`.
        OutputError: it cannot be copied, through no fault of its own.
    """
    place = as_path(path)
    return _copies.of(place) if isinstance(place, RemotePath) else place


class _Copies(threading.local):
    """Each thread has its own, so that none removes what another reads."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory | None = None
        self._count = 0
        self._kept: collections.OrderedDict[tuple, tuple[Path, int]] = collections.OrderedDict()

    def of(self, path: RemotePath) -> Path:
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="vfgan-")
        absent = Path(self._folder.name) / "absent" / path.name
        try:
            stat = path.stat()
            key = str(path), stat.st_size, stat.st_mtime_ns
            if key not in self._kept:
                self._kept[key] = self._download(path, stat.st_size, Path(self._folder.name)), stat.st_size
        except FileNotFoundError:
            return absent
        except OSError as error:
            raise OutputError(
                f"{path} cannot be copied to {self._folder.name}: {error}; the same command goes on"
            ) from error
        self._kept.move_to_end(key)
        self._forget_oldest()
        return self._kept[key][0]

    def _download(self, path: RemotePath, size: int, folder: Path) -> Path:
        if size > MAX_BYTES:
            raise MediaError(f"{path} has {size / 1e9:.1f} GB: at most {MAX_BYTES / 1e9:.1f} GB are copied; cut it")
        self._count += 1
        local = folder / f"{self._count}{path.suffix}"
        path.download(local)
        return local

    def _forget_oldest(self) -> None:
        # the files of the clip at hand are the last three at most
        while len(self._kept) > 3 and sum(size for _, size in self._kept.values()) > KEPT_BYTES:
            _, (local, _) = self._kept.popitem(last=False)
            local.unlink(missing_ok=True)


_copies = _Copies()
