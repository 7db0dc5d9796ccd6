"""Knows which files belong to which visitor, and removes them in time."""

import atexit
import contextlib
import dataclasses
import logging
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from vfgan.config.checks import MIB
from vfgan.studio.config import StudioConfig

MAX_SESSION_CHARACTERS = 64
MAX_SESSIONS = 24  #: sessions of one visitor; a further one replaces the oldest
_GONE_SECONDS = 10.0  # longer than a page takes to load again
_REMOVALS, _BETWEEN_SECONDS = 30, 0.1  #: how often a folder is removed in which somebody still writes

_log = logging.getLogger(__name__)


@contextlib.contextmanager
def folder_of_visitors() -> Iterator[Path]:
    """A new folder for all that visitors send and get. Nothing of it outlives the process.

    A request that is still answered when the page ends may write once more. So the folder is removed until it is gone,
    and again when all threads have ended.
    """
    folder = Path(tempfile.mkdtemp(prefix="vfgan-studio-"))
    atexit.register(_remove_folder, folder)
    try:
        yield folder
    finally:
        _remove_folder(folder)


def _remove_folder(folder: Path) -> None:
    for _ in range(_REMOVALS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(_BETWEEN_SECONDS)
    _log.error("%s cannot be removed: it holds what visitors sent; remove it by hand", folder)


@dataclasses.dataclass
class _Visitor:
    """One browser, known by its cookie."""

    seen: float  #: time of the last request, seconds of the clock
    pages: int = 0  #: open pages
    jobs: int = 0  #: running jobs
    sessions: dict[str, None] = dataclasses.field(default_factory=dict)  #: names of the page's sessions, newest last
    files: dict[Path, float] = dataclasses.field(default_factory=dict)  #: path -> time it came, seconds of the clock


class Visitors:
    """Keeps account of the files in one folder. Threads may share it.

    Args:
        folder: folder of all files that visitors send or get.
        shared: folder whose files everyone may see (the examples).
        config: how long files are kept.
        clock: a clock in seconds that never goes back.
    """

    def __init__(self, folder: Path, shared: Path, config: StudioConfig, clock: Callable[[], float] = time.monotonic):
        self.folder, self.shared = _absolute(folder), _absolute(shared)
        self._config, self._clock = config, clock
        self._visitors: dict[str, _Visitor] = {}
        self._busy: set[Path] = set()  #: folders in which something is being made
        self._lock = threading.Lock()

    def enter(self) -> str:
        """Registers a new visitor; returns the secret for the cookie."""
        secret = secrets.token_urlsafe(32)
        with self._lock:
            self._visitors[secret] = _Visitor(self._clock())
        return secret

    def greet(self, secret: str) -> bool:
        """Whether the visitor is known; notes the time of this request."""
        with self._lock:
            visitor = self._visitors.get(secret)
            if visitor:
                visitor.seen = self._clock()
            return visitor is not None

    def claim(self, secret: str, session: str) -> bool:
        """Whether a page's session belongs to this visitor. A new session becomes theirs if its name is short."""
        if len(session) > MAX_SESSION_CHARACTERS:
            return False
        with self._lock:
            if any(session in visitor.sessions for key, visitor in self._visitors.items() if key != secret):
                return False
            sessions = self._visitors[secret].sessions
            sessions.pop(session, None)
            sessions[session] = None
            if len(sessions) > MAX_SESSIONS:
                del sessions[next(iter(sessions))]
            return True

    def own(self, secret: str, path: str | Path) -> None:
        """Makes a file this visitor's. Two visitors who send the same file both own it."""
        with self._lock:
            if secret in self._visitors:
                self._visitors[secret].files[_absolute(path)] = self._clock()

    def may_see(self, secret: str, path: str | Path) -> bool:
        """Whether a file belongs to this visitor or to everyone."""
        path = _absolute(path)
        if path.is_relative_to(self.shared):
            return True
        with self._lock:
            return secret in self._visitors and path in self._visitors[secret].files

    @property
    def is_full(self) -> bool:
        """Whether the files of all visitors exceed the limit."""
        return sum(_size(path) for path in _files(self.folder)) > self._config.max_stored_mb * MIB

    @contextlib.contextmanager
    def page(self, secret: str) -> Iterator[None]:
        """Counts a visitor's page while it is open."""
        with self._counted(secret, "pages"):
            yield

    def is_here(self, secret: str) -> bool:
        """Whether a page of this visitor is open, or was a few seconds ago."""
        with self._lock:
            visitor = self._visitors.get(secret)
            return visitor is not None and (visitor.pages > 0 or self._clock() - visitor.seen <= _GONE_SECONDS)

    @contextlib.contextmanager
    def job(self, secret: str) -> Iterator[Path]:
        """Gives an empty folder for a visitor's job. Meanwhile none of the visitor's files is removed."""
        folder = self.folder / "results" / secrets.token_urlsafe(16)
        folder.mkdir(parents=True)
        with self._lock:
            self._busy.add(folder)
        try:
            with self._counted(secret, "jobs"):
                yield folder
        finally:
            with self._lock:
                self._busy.discard(folder)

    @contextlib.contextmanager
    def _counted(self, secret: str, name: str) -> Iterator[None]:
        with self._lock:
            visitor = self._visitors.get(secret) or _Visitor(self._clock())
            setattr(visitor, name, getattr(visitor, name) + 1)
        try:
            yield
        finally:
            with self._lock:
                setattr(visitor, name, getattr(visitor, name) - 1)
                visitor.seen = self._clock()

    def sweep(self) -> None:
        """Forgets visitors who have left; removes files that have no owner or have expired."""
        now, late = self._clock(), self._clock() - 60 * self._config.keep_minutes
        with self._lock:
            before = self._owned()
            for secret in [secret for secret, visitor in self._visitors.items() if self._has_left(visitor, now)]:
                del self._visitors[secret]
            for visitor in self._visitors.values():
                if not visitor.jobs:
                    visitor.files = {path: since for path, since in visitor.files.items() if since > late}
            kept, left_alone = self._owned(), (self.shared, *self._busy)
        for path in _files(self.folder):
            # a file without owner is still being uploaded; an old one was given up
            given_up = path not in kept and _age_seconds(path) > 60 * self._config.leave_minutes
            if path in before - kept or (given_up and not any(map(path.is_relative_to, left_alone))):
                _remove(path)

    def _owned(self) -> set[Path]:
        return {path for visitor in self._visitors.values() for path in visitor.files}

    def _has_left(self, visitor: _Visitor, now: float) -> bool:
        return not visitor.pages and not visitor.jobs and now - visitor.seen > 60 * self._config.leave_minutes


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # the folder holds another file
        path.parent.rmdir()


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))


def _files(folder: Path) -> list[Path]:
    return [Path(base) / name for base, _, names in os.walk(folder) for name in names]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # removed since it was listed
        return 0


def _age_seconds(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
