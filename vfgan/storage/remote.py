"""Paths on other machines: gs://bucket/… by TensorFlow; s3://, az:// and http:// by tensorflow-io.

They have the methods and errors of `pathlib.Path` that vfgan uses. So code that walks a folder or reads a table works
for both. Only decoders need a local copy first: `vfgan.storage.local_copies`. Web servers (http) have files but no
folders, and take none. Tests use file:///…, ram://…, and servers of their own.
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

from vfgan.storage.graph_io import STORES, tensorflow_io

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://")
#: What `pathlib` makes of such a place, as in options of the command line that are paths.
_COLLAPSED = re.compile(rf"(gs|{'|'.join(sorted(STORES))}):/(?=[^/])")
_AT_ONCE = 32  # parallel requests, because each has a long latency


def is_remote(path: object) -> bool:
    """Whether a path starts with a scheme such as gs://.

    >>> is_remote("gs://bucket/corpus"), is_remote("/corpus"), is_remote("ravdess:gs://bucket")
    (True, False, False)
    """
    text = str(path)
    return isinstance(path, RemotePath) or bool(_SCHEME.match(text) or _COLLAPSED.match(text))


def as_path(path: "AnyPath") -> "Path | RemotePath":
    """Gives a local path, or a remote one if it has a scheme.

    >>> str(as_path("gs://bucket/corpus") / "Actor_01" / "a.wav"), str(as_path("/corpus"))
    ('gs://bucket/corpus/Actor_01/a.wav', '/corpus')
    >>> str(as_path(Path("s3://bucket/corpus")))  # pathlib alone makes it s3:/bucket/corpus
    's3://bucket/corpus'
    """
    if isinstance(path, RemotePath):
        return path
    text = _COLLAPSED.sub(r"\1://", str(path), count=1) if _COLLAPSED.match(str(path)) else str(path)
    return RemotePath(text) if is_remote(text) else Path(path)


def has_folder(path: "Path | RemotePath") -> bool:
    """Whether a file's folder is there and not empty; web servers do not say."""
    if isinstance(path, RemotePath) and path.scheme in ("http", "https"):
        return True
    return path.parent.is_dir() and any(path.parent.iterdir())


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

    @property
    def scheme(self) -> str:
        """What stands before ://."""
        return str(self).partition("://")[0]

    @property
    def _name(self) -> str:
        """What TensorFlow is asked for: tensorflow-io knows a whole bucket only with a slash behind it."""
        is_bucket = self.scheme == "s3" and len(self.parts) == 2
        return f"{self}/" if is_bucket else str(self)

    def resolve(self) -> "RemotePath":
        """Returns itself: there are no links to follow."""
        return self

    def exists(self) -> bool:
        """Whether there is a file or a folder."""
        with _os_errors():
            return _gfile(self).exists(self._name)

    def is_dir(self) -> bool:
        """Whether this is a folder."""
        if self._is_folder is None:
            with _os_errors():
                return _gfile(self).isdir(self._name)
        return self._is_folder

    def is_file(self) -> bool:
        """Whether this is a file."""
        if self._is_folder is not None:
            return not self._is_folder
        return self.exists() and not self.is_dir()

    def stat(self) -> types.SimpleNamespace:
        """Size and time stamp: st_size, st_mtime_ns."""
        with _os_errors():
            found = _gfile(self).stat(self._name)
        return types.SimpleNamespace(st_size=found.length, st_mtime_ns=found.mtime_nsec)

    def iterdir(self) -> "Iterator[RemotePath]":
        """The entries of the folder, sorted by name."""
        with _os_errors():
            names = sorted(filter(None, _gfile(self).listdir(self._name)))
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
            return _gfile(self).GFile(self._name, mode)

    def read_range(self, offset: int, length: int) -> bytes:
        """A part of the file; shorter where the file ends before."""
        with _os_errors(), _gfile(self).GFile(self._name, "rb") as file:
            file.seek(offset)
            return file.read(length)

    def read_text(self, encoding: str = "utf-8") -> str:
        """The file's text."""
        with _os_errors(), _gfile(self).GFile(self._name, "rb") as file:
            return file.read().decode(encoding)

    def mkdir(self, parents: bool = True, exist_ok: bool = True) -> None:
        """Makes the folder and its parents; object stores need none."""
        with _os_errors():
            _gfile(self).makedirs(self._name)

    def unlink(self, missing_ok: bool = False) -> None:
        """Removes the file."""
        try:
            with _os_errors():
                _gfile(self).remove(self._name)
        except FileNotFoundError:
            if not missing_ok:
                raise

    def download(self, local: Path) -> None:
        """Copies the file to this machine."""
        with _os_errors():
            _gfile(self).copy(self._name, str(local), overwrite=True)

    def upload(self, local: Path) -> None:
        """Copies a local file here, under a unique temporary name, and renames it."""
        part = self.with_name(f".part-{uuid.uuid4().hex}.{self.name}")
        self.parent.mkdir()
        try:
            with _os_errors():
                _gfile(self).copy(str(local), str(part))
                _gfile(self).rename(str(part), str(self), overwrite=True)
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


def _gfile(path: RemotePath) -> Any:
    import tensorflow as tf

    if path.scheme in STORES:
        tensorflow_io()
    return tf.io.gfile


@contextlib.contextmanager
def _os_errors() -> Iterator[None]:
    """Turns TensorFlow's errors into those of `pathlib`."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.NotFoundError as error:
        raise FileNotFoundError(first_line(error)) from error
    except tf.errors.PermissionDeniedError as error:
        raise PermissionError(first_line(error)) from error
    except tf.errors.OpError as error:
        raise OSError(first_line(error)) from error
    except RuntimeError as error:  # tensorflow-io's of az://
        raise OSError(str(error)) from error


def first_line(error: Any) -> str:
    """The first line of one of TensorFlow's errors, without the names of its nodes."""
    lines = re.sub(r"\{\{.*?\}\} ?| \[Op:[^\]]*\]( name: ?)?", "", error.message).strip().splitlines()
    return lines[0] if lines else type(error).__name__
