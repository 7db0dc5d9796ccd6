"""Starts worker processes of one thread each. They start quietly and end with their parent."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator

#: One thread in each process, because more compete for the cores. Libraries read these when they are loaded.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENCV_FOR_THREADS_NUM"), "1"
)


@contextlib.contextmanager
def quiet_start() -> Iterator[None]:
    """Lets processes that start in the block use one thread and ignore SIGINT. A SIGINT is delivered afterwards.

    A terminal sends Ctrl-C to every process. A worker that is still importing or starting would print a traceback. The
    main process stops the workers instead.
    """
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    for name, value in _ONE_THREAD.items():
        os.environ.setdefault(name, value)
    asked: list[int] = []
    main = threading.current_thread() is threading.main_thread()
    # replace the handler, too: another thread of this process may get the signal
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
    """Ends this worker if the main process is killed; it would wait for work forever."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
