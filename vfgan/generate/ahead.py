"""Stages of a video that overlap: one is worked ahead while the next one is at work."""

import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar

_T = TypeVar("_T")
#: Frames that wait between two stages.
FRAMES = 4


def ahead(items: Iterable[_T], count: int = FRAMES) -> Generator[_T, None, None]:
    """The same items in the same order, made in a thread of their own while the caller works on the last one.

    Decoders, encoders and TensorFlow let go of Python's lock while they compute, so two such stages use two cores.
    An error comes up where its item would have. When the caller stops early, the thread ends after the item at hand.

    Args:
        items: what takes time to make.
        count: items that wait, at most; two more are being made and used.
    """
    made: queue.Queue = queue.Queue(count)
    stopped = threading.Event()

    def put(entry: tuple) -> bool:
        while not stopped.is_set():
            try:
                made.put(entry, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(("item", item)):
                    break
            put(("end", None))
        except BaseException as error:  # comes up in the caller
            put(("error", error))
        finally:
            if isinstance(items, Generator):
                items.close()

    thread = threading.Thread(target=work, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            kind, value = made.get()
            if kind == "error":
                raise value
            if kind == "end":
                return
            yield value
    finally:
        stopped.set()
        thread.join()
