"""Copies remote files to this machine, for decoders that need a local file."""

import collections
import tempfile
import threading
from pathlib import Path

from vfgan.errors import MediaError, OutputError
from vfgan.storage.remote import AnyPath, RemotePath, as_path

#: Larger files are refused before they are copied.
MAX_BYTES = 8 << 30
#: Bytes of copies that one thread keeps for the next clip of the same recording. The oldest is removed first.
KEPT_BYTES = 2 << 30


def local_copy(path: AnyPath) -> Path:
    """Gives a local path: the file itself, or a copy of a remote file. Further copies may remove it.

    For a missing remote file it gives a path that does not exist; its reader reports that.

    Raises:
        MediaError: the file is larger than `MAX_BYTES`.
        OutputError: copying failed, though the file is fine.
    """
    place = as_path(path)
    return _copies.of(place) if isinstance(place, RemotePath) else place


class _Copies(threading.local):
    """The copies of one thread. So no thread removes what another one reads."""

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
                f"{path} cannot be copied to {self._folder.name}: {error}; run the same command again to resume"
            ) from error
        self._kept.move_to_end(key)
        self._forget_oldest()
        return self._kept[key][0]

    def _download(self, path: RemotePath, size: int, folder: Path) -> Path:
        if size > MAX_BYTES:
            raise MediaError(f"{path} has {size / 1e9:.1f} GB: expected at most {MAX_BYTES / 1e9:.1f} GB; cut it")
        self._count += 1
        local = folder / f"{self._count}{path.suffix}"
        path.download(local)
        return local

    def _forget_oldest(self) -> None:
        # the current clip's files are among the last three
        while len(self._kept) > 3 and sum(size for _, size in self._kept.values()) > KEPT_BYTES:
            _, (local, _) = self._kept.popitem(last=False)
            local.unlink(missing_ok=True)


_copies = _Copies()
