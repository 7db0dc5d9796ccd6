"""A server that computes nothing for a while, and requests to it from threads."""

import contextlib
import threading


@contextlib.contextmanager
def blocked(server):
    """No batch is computed as long as the block lasts."""
    gate, batcher = threading.Event(), server.server._batcher
    for _ in range(server.config.workers):
        batcher._threads.submit(gate.wait)
    try:
        yield gate
    finally:
        gate.set()


def in_thread(function, *arguments):
    """A thread, and the list that its result will be in."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function(*arguments)))
    thread.start()
    return thread, results
