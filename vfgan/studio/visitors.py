"""Whose files are whose, and when they are removed."""

import contextlib
import dataclasses
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from vfgan.config.checks import MIB
from vfgan.studio.config import StudioConfig

MAX_SESSION_CHARACTERS = 64
MAX_SESSIONS = 24  #: of one visitor; the oldest is forgotten
_GONE_SECONDS = 10.0  # longer than a page takes to load again


@dataclasses.dataclass
class _Visitor:
    """One browser, known by its cookie."""

    seen: float  #: last request, seconds of the clock
    pages: int = 0  #: that are open
    jobs: int = 0  #: at work
    sessions: dict[str, None] = dataclasses.field(default_factory=dict)  #: pages' names for themselves, newest last
    files: dict[Path, float] = dataclasses.field(default_factory=dict)  #: path -> since when, seconds of the clock


class Visitors:
    """Keeps account of the files below one folder. Serves any number of threads.

    Args:
        folder: of all that visitors send and are given.
        shared: folder whose files everyone may see (the examples).
        config: how long files are kept.
        clock: seconds that only grow.
    """

    def __init__(self, folder: Path, shared: Path, config: StudioConfig, clock: Callable[[], float] = time.monotonic):
        self.folder, self.shared = _absolute(folder), _absolute(shared)
        self._config, self._clock = config, clock
        self._visitors: dict[str, _Visitor] = {}
        self._busy: set[Path] = set()  #: folders in which something is being made
        self._lock = threading.Lock()

    def enter(self) -> str:
        """A new visitor's secret, which the cookie holds."""
        secret = secrets.token_urlsafe(32)
        with self._lock:
            self._visitors[secret] = _Visitor(self._clock())
        return secret

    def greet(self, secret: str) -> bool:
        """Whether there is such a visitor, who is now known to be here."""
        with self._lock:
            visitor = self._visitors.get(secret)
            if visitor:
                visitor.seen = self._clock()
            return visitor is not None

    def claim(self, secret: str, session: str) -> bool:
        """Whether a page's session is this visitor's; a new one becomes theirs, if its name is short."""
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
        """A file is this visitor's; two who send the same file own it both."""
        with self._lock:
            if secret in self._visitors:
                self._visitors[secret].files[_absolute(path)] = self._clock()

    def may_see(self, secret: str, path: str | Path) -> bool:
        """Whether a file is this visitor's, or everyone's."""
        path = _absolute(path)
        if path.is_relative_to(self.shared):
            return True
        with self._lock:
            return secret in self._visitors and path in self._visitors[secret].files

    @property
    def is_full(self) -> bool:
        """Whether all visitors' files together are as many as are kept."""
        return sum(_size(path) for path in _files(self.folder)) > self._config.max_stored_mb * MIB

    @contextlib.contextmanager
    def page(self, secret: str) -> Iterator[None]:
        """While a visitor's page is open."""
        with self._counted(secret, "pages"):
            yield

    def is_here(self, secret: str) -> bool:
        """Whether a page of this visitor is open, or was a moment ago."""
        with self._lock:
            visitor = self._visitors.get(secret)
            return visitor is not None and (visitor.pages > 0 or self._clock() - visitor.seen <= _GONE_SECONDS)

    @contextlib.contextmanager
    def job(self, secret: str) -> Iterator[Path]:
        """An empty folder to work in, while something is made for a visitor, of whom nothing is removed meanwhile."""
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
        """Forgets who has left, and removes files that are nobody's any more or have been kept long enough."""
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
            # what nobody has owned yet is on its way; what stays so was given up
            given_up = path not in kept and _age_seconds(path) > 60 * self._config.leave_minutes
            if path in before - kept or (given_up and not any(map(path.is_relative_to, left_alone))):
                _remove(path)

    def _owned(self) -> set[Path]:
        return {path for visitor in self._visitors.values() for path in visitor.files}

    def _has_left(self, visitor: _Visitor, now: float) -> bool:
        return not visitor.pages and not visitor.jobs and now - visitor.seen > 60 * self._config.leave_minutes


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # another file lies in it
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
