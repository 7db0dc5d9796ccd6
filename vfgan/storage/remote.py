"""Paths on other machines: gs://bucket/… and all others of `tf.io.gfile`. Tests use file:///… and ram://…

They have the methods and errors of `pathlib.Path` that vfgan uses. So code that walks a folder or reads a table works
for both. Only decoders need a local copy first: `vfgan.storage.local_copies`.
"""

import contextlib
import fnmatch
import re
import tempfile
import types
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://")
_AT_ONCE = 32  # parallel requests, because each has a long latency


def is_remote(path: object) -> bool:
    """Whether a path starts with a scheme such as gs://.

    >>> is_remote("gs://bucket/corpus"), is_remote("/corpus"), is_remote("ravdess:gs://bucket")
    (True, False, False)
    """
    return isinstance(path, RemotePath) or bool(_SCHEME.match(str(path)))


def as_path(path: "AnyPath") -> "Path | RemotePath":
    """Gives a local path, or a remote one if it has a scheme.

    >>> str(as_path("gs://bucket/corpus") / "Actor_01" / "a.wav"), str(as_path("/corpus"))
    ('gs://bucket/corpus/Actor_01/a.wav', '/corpus')
    """
    if isinstance(path, (Path, RemotePath)):
        return path
    return RemotePath(path) if is_remote(path) else Path(path)


class RemotePath(PurePosixPath):
    """A path with a scheme, such as gs://bucket/folder/file.

    Raises:
        OSError: as `pathlib.Path` does, from each method that asks the file system.
    """

    _is_folder: bool | None = None  #: known for paths that a walk has found

    def __str__(self) -> str:
        scheme, colon, rest = super().__str__().partition(":/")
        if not colon or "/" in scheme:
            return super().__str__()  # a part of a path
        return f"{scheme}:///{rest}" if scheme == "file" else f"{scheme}://{rest}"

    def resolve(self) -> "RemotePath":
        """Returns itself: there are no links to follow."""
        return self

    def exists(self) -> bool:
        """Whether there is a file or a folder."""
        with _os_errors():
            return _gfile().exists(str(self))

    def is_dir(self) -> bool:
        """Whether this is a folder."""
        if self._is_folder is None:
            with _os_errors():
                return _gfile().isdir(str(self))
        return self._is_folder

    def is_file(self) -> bool:
        """Whether this is a file."""
        if self._is_folder is not None:
            return not self._is_folder
        return self.exists() and not self.is_dir()

    def stat(self) -> types.SimpleNamespace:
        """Size and time stamp: st_size, st_mtime_ns."""
        with _os_errors():
            found = _gfile().stat(str(self))
        return types.SimpleNamespace(st_size=found.length, st_mtime_ns=found.mtime_nsec)

    def iterdir(self) -> "Iterator[RemotePath]":
        """The entries of the folder, sorted by name."""
        with _os_errors():
            names = sorted(filter(None, _gfile().listdir(str(self))))
        for name in names:
            path = self / name.rstrip("/")
            path._is_folder = True if name.endswith("/") else None  # object stores mark their folders
            yield path

    def glob(self, pattern: str) -> "Iterator[RemotePath]":
        """The entries of the folder whose names match a pattern; none if there is no folder."""
        if self.is_dir():
            yield from (path for path in self.iterdir() if fnmatch.fnmatchcase(path.name, pattern))

    def rglob(self, pattern: str) -> "Iterator[RemotePath]":
        """The entries at any depth whose names match a pattern."""
        if not self.is_dir():
            return
        paths = list(self.iterdir())
        with ThreadPoolExecutor(_AT_ONCE) as requests:
            kinds = list(requests.map(RemotePath.is_dir, paths))
        for path, is_folder in zip(paths, kinds):
            path._is_folder = is_folder
            if fnmatch.fnmatchcase(path.name, pattern):
                yield path
            if is_folder:
                yield from path.rglob(pattern)

    def open(self, mode: str = "rb") -> Any:
        """Opens the file with `tf.io.gfile`. Reading then raises TensorFlow's errors."""
        with _os_errors():
            return _gfile().GFile(str(self), mode)

    def read_range(self, offset: int, length: int) -> bytes:
        """A part of the file; shorter where the file ends before."""
        with _os_errors(), _gfile().GFile(str(self), "rb") as file:
            file.seek(offset)
            return file.read(length)

    def read_text(self, encoding: str = "utf-8") -> str:
        """The file's text."""
        with _os_errors(), _gfile().GFile(str(self), "rb") as file:
            return file.read().decode(encoding)

    def mkdir(self, parents: bool = True, exist_ok: bool = True) -> None:
        """Makes the folder and its parents; object stores need none."""
        with _os_errors():
            _gfile().makedirs(str(self))

    def unlink(self, missing_ok: bool = False) -> None:
        """Removes the file."""
        try:
            with _os_errors():
                _gfile().remove(str(self))
        except FileNotFoundError:
            if not missing_ok:
                raise

    def download(self, local: Path) -> None:
        """Copies the file to this machine."""
        with _os_errors():
            _gfile().copy(str(self), str(local), overwrite=True)

    def upload(self, local: Path) -> None:
        """Copies a local file here, under a unique temporary name, and renames it."""
        part = self.with_name(f".part-{uuid.uuid4().hex}.{self.name}")
        self.parent.mkdir()
        try:
            with _os_errors():
                _gfile().copy(str(local), str(part))
                _gfile().rename(str(part), str(self), overwrite=True)
        except BaseException:
            with contextlib.suppress(OSError):  # the first error is the one to report
                part.unlink(missing_ok=True)
            raise


#: A path of this machine or of another one.
AnyPath = str | Path | RemotePath


@contextlib.contextmanager
def made_here(path: RemotePath) -> Iterator[Path]:
    """Gives a local file to write to, which is uploaded on success."""
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder) / path.name
        yield local
        path.upload(local)


def _gfile() -> Any:
    import tensorflow as tf

    return tf.io.gfile


@contextlib.contextmanager
def _os_errors() -> Iterator[None]:
    """Turns TensorFlow's errors into those of `pathlib`."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.NotFoundError as error:
        raise FileNotFoundError(error.message) from error
    except tf.errors.PermissionDeniedError as error:
        raise PermissionError(error.message) from error
    except tf.errors.OpError as error:
        raise OSError(error.message) from error
