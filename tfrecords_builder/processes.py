"""Worker processes of one thread each, which start without noise and end with their parent."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator

#: One process a core: more threads in each only get in each other's way. Libraries read these when they are loaded.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENCV_FOR_THREADS_NUM"), "1"
)


@contextlib.contextmanager
def quiet_start() -> Iterator[None]:
    """Processes that start here inherit one thread each, and a blocked SIGINT; one that comes meanwhile is put off.

    A terminal sends Ctrl-C to every process; a worker that is still importing would print a traceback, and so would
    one whose start the main process has broken off. It is the main process that stops them.
    """
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    for name, value in _ONE_THREAD.items():
        os.environ.setdefault(name, value)
    asked: list[int] = []
    main = threading.current_thread() is threading.main_thread()
    # the handler, too: the signal may come to another thread of this process, which does not block it
    handler = signal.signal(signal.SIGINT, lambda number, _: asked.append(number)) if main else None
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if main:
            signal.signal(signal.SIGINT, handler)
        for name in [name for name, value in before.items() if value is None]:
            del os.environ[name]
    if asked:
        signal.raise_signal(signal.SIGINT)


def end_with_parent() -> None:
    """Called in a worker: where the main process is killed, it would wait for work for ever."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
