"""Requests that wait for the same signature are computed together."""

import asyncio
import dataclasses
import logging
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from vfgan.serving.failures import RequestFailed
from vfgan.serving.servable import Servable, Signature

_log = logging.getLogger(__name__)
Arrays = Mapping[str, np.ndarray]
#: Of all inputs of a batch together.
_MAX_BATCH_BYTES = 64 * 1024**2


@dataclasses.dataclass(eq=False)
class _Waiting:
    servable: Servable  #: held, so that a version that is replaced stays until its last request is done
    signature: Signature
    inputs: Arrays
    key: tuple  #: the same for requests that may be computed together
    rows: int  #: 0 where it is computed alone
    answer: asyncio.Future


class Batcher:
    """Hands requests to threads. A free thread takes the longest waiting request, and with it, of those that wait
    behind it, what has the same signature and shapes: so batches grow with the load. It takes them at once, but where
    a batch of the same signature and shapes is at work: then as soon as as many rows wait as are at work, or that
    batch is done. So a second thread does not take a batch to pieces, and nothing waits for a batch to fill.
    Waveforms of a signature that is told their lengths go together whatever these are: the shorter are padded.

    Args:
        workers: batches at work at a time.
        max_rows: of a batch.
        on_batch: called with (model, rows, requests) of each batch.
    """

    def __init__(self, workers: int, max_rows: int, on_batch: Callable[[str, int, int], None]):
        self._threads, self._free = ThreadPoolExecutor(workers, "batch"), workers
        self._max_rows, self._on_batch = max_rows, on_batch
        self._queues: OrderedDict[tuple, deque[_Waiting]] = OrderedDict()
        self._rows_at_work: Counter[tuple] = Counter()  # of each key; no request larger than a batch is among them
        self._tasks: set[asyncio.Task] = set()

    async def run(self, servable: Servable, signature: Signature, inputs: Arrays) -> dict[str, np.ndarray]:
        """The outputs of (checked) inputs; cancelled while it waits, it is not computed.

        Raises:
            RequestFailed: the graph refuses it, or fails.
        """
        answer = asyncio.get_running_loop().create_future()
        rows = _rows(signature, inputs) if self._max_rows > 1 else 0
        key = _key(servable, signature, inputs) if rows else (object(),)  # a queue of its own
        waiting = _Waiting(servable, signature, inputs, key, rows, answer)
        self._queues.setdefault(key, deque()).append(waiting)
        self._start()
        return await answer

    def _start(self) -> None:
        while self._free and (batch := self._next()):
            rows = sum(waiting.rows for waiting in batch)
            counted = Counter({batch[0].key: rows if rows <= self._max_rows else 0})
            self._free, self._rows_at_work = self._free - 1, self._rows_at_work + counted
            task = asyncio.get_running_loop().create_task(self._compute(batch, rows, counted))
            self._tasks.add(task)  # the loop itself holds tasks only weakly
            task.add_done_callback(self._tasks.discard)

    def _next(self) -> list[_Waiting]:
        """The next batch, from the queue that was served least recently; what nobody waits for is left out."""
        for key in [key for key in self._queues if self._is_due(key)]:
            batch: list[_Waiting] = []
            queue, rows, row_bytes = self._queues.pop(key), 0, 0.0
            while queue and (not batch or self._fits(queue[0], rows, row_bytes)):
                waiting = queue.popleft()
                if not waiting.answer.done():
                    batch.append(waiting)
                    rows, row_bytes = rows + waiting.rows, max(row_bytes, _row_bytes(waiting))
            if queue:
                self._queues[key] = queue
            if batch:
                return batch
        return []

    def _is_due(self, key: tuple) -> bool:
        at_work = self._rows_at_work[key]  # a Counter does not keep what it is asked for
        return not at_work or sum(each.rows for each in self._queues[key] if not each.answer.done()) >= at_work

    def _fits(self, waiting: _Waiting, rows: int, row_bytes: float) -> bool:
        """Whether it goes with so many rows, of which the largest, to which all are padded, has so many bytes."""
        rows += waiting.rows
        return rows <= self._max_rows and rows * max(row_bytes, _row_bytes(waiting)) <= _MAX_BATCH_BYTES

    async def _compute(self, batch: list[_Waiting], rows: int, counted: Counter) -> None:
        results = await asyncio.get_running_loop().run_in_executor(self._threads, _results, batch)
        self._free, self._rows_at_work = self._free + 1, self._rows_at_work - counted  # a key without rows is dropped
        self._on_batch(batch[0].servable.name, rows or 1, len(batch))
        for waiting, result in zip(batch, results):
            if waiting.answer.done():
                continue  # it has been given up
            if isinstance(result, RequestFailed):
                waiting.answer.set_exception(result)
            else:
                waiting.answer.set_result(result)
        self._start()

    def close(self) -> None:
        """Lets the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _key(servable: Servable, signature: Signature, inputs: Arrays) -> tuple:
    shapes = tuple((name, inputs[name].shape[1:]) for name in sorted(inputs))
    if signature.takes_lengths:  # waveforms of any length go together, padded
        shapes = tuple(shape for shape in shapes if shape[0] != "waveform")
    return servable.name, servable.version, id(servable), signature.name, shapes


def _rows(signature: Signature, inputs: Arrays) -> int:
    """Rows of a request that may be computed with others, else 0."""
    lengths = {len(array) for array in inputs.values() if array.ndim} if signature.batchable else set()
    return lengths.pop() if len(lengths) == 1 else 0


def _row_bytes(waiting: _Waiting) -> float:
    return sum(array.nbytes for array in waiting.inputs.values()) / max(1, waiting.rows)


def _results(batch: list[_Waiting]) -> list[dict | RequestFailed]:
    """The outputs or the error of each. What fails together is computed one by one, so that nobody suffers from a
    neighbour: from its values, or from a limit that only both together reach."""
    whole, rows = _result(batch), sum(waiting.rows for waiting in batch)
    if len(batch) == 1:
        return [whole]
    if isinstance(whole, RequestFailed) or any(len(value) != rows for value in whole.values()):
        return [_result([waiting]) for waiting in batch]
    ends = np.cumsum([waiting.rows for waiting in batch])
    return [
        {name: value[end - waiting.rows : end] for name, value in whole.items()} for waiting, end in zip(batch, ends)
    ]


def _joined(arrays: list[np.ndarray]) -> np.ndarray:
    """All rows; of waveforms of unequal length, [rows, samples], the shorter ones are followed by 0."""
    longest = max(array.shape[1] for array in arrays) if arrays[0].ndim == 2 else None
    if longest is not None and any(array.shape[1] < longest for array in arrays):
        arrays = [np.pad(array, [(0, 0), (0, longest - array.shape[1])]) for array in arrays]
    return np.concatenate(arrays)


def _result(batch: list[_Waiting]) -> dict | RequestFailed:
    """The outputs of all rows, in order, or the error."""
    first = batch[0]
    try:
        if len(batch) == 1:
            return first.signature(first.inputs)
        return first.signature({name: _joined([waiting.inputs[name] for waiting in batch]) for name in first.inputs})
    except RequestFailed as error:
        return error
    except Exception as error:  # a bug, which must reach these clients as an error and nobody else at all
        _log.exception("%s: %s failed", first.servable.name, first.signature.name)
        return RequestFailed("INTERNAL", f"{type(error).__name__}: {error}")
