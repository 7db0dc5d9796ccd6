"""Computes waiting requests for the same signature together, in batches."""

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
#: Most bytes of all inputs of a batch.
_MAX_BATCH_BYTES = 64 * 1024**2


@dataclasses.dataclass(eq=False)
class _Waiting:
    servable: Servable  #: held, so that a replaced version stays until its last request is done
    signature: Signature
    inputs: Arrays
    key: tuple  #: equal for requests that may be computed together
    rows: int  #: 0 if it is computed alone
    answer: asyncio.Future


class Batcher:
    """Hands requests to threads, in batches that grow with the load.

    A free thread takes the request that has waited longest, with all waiting requests of the same signature and
    shapes. It normally takes them at once. While a batch of the same kind is running, it waits until that batch is
    done, or as many rows wait as are running. So a second thread does not split a batch, and no request waits for a
    batch to fill. Waveforms of different lengths share a batch if the signature takes their lengths: shorter ones are
    padded.

    Args:
        workers: batches computed at the same time.
        max_rows: most rows of a batch.
        on_batch: called with (model, rows, requests) of each batch.
    """

    def __init__(self, workers: int, max_rows: int, on_batch: Callable[[str, int, int], None]):
        self._threads = ThreadPoolExecutor(workers, "batch")
        self._free = workers
        self._max_rows, self._on_batch = max_rows, on_batch
        self._queues: OrderedDict[tuple, deque[_Waiting]] = OrderedDict()
        self._rows_at_work: Counter[tuple] = Counter()  # of each key, without requests larger than a batch
        self._tasks: set[asyncio.Task] = set()

    async def run(self, servable: Servable, signature: Signature, inputs: Arrays) -> dict[str, np.ndarray]:
        """Computes the outputs of checked inputs. A request that is cancelled while it waits is not computed.

        Raises:
            RequestFailed: the graph refuses the inputs, or fails.
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
        """Takes the next batch from the queue that was served least recently, without cancelled requests."""
        for key in [key for key in self._queues if self._is_due(key)]:
            queue = self._queues.pop(key)
            batch: list[_Waiting] = []
            rows, row_bytes = 0, 0.0
            while queue and (not batch or self._fits(queue[0], rows, row_bytes)):
                waiting = queue.popleft()
                if not waiting.answer.done():
                    batch.append(waiting)
                    rows += waiting.rows
                    row_bytes = max(row_bytes, _row_bytes(waiting))
            if queue:
                self._queues[key] = queue
            if batch:
                return batch
        return []

    def _is_due(self, key: tuple) -> bool:
        at_work = self._rows_at_work[key]  # reading a Counter adds no key
        return not at_work or sum(each.rows for each in self._queues[key] if not each.answer.done()) >= at_work

    def _fits(self, waiting: _Waiting, rows: int, row_bytes: float) -> bool:
        """Whether a request fits a batch of so many rows. All rows are padded to the largest, of `row_bytes`."""
        rows += waiting.rows
        return rows <= self._max_rows and rows * max(row_bytes, _row_bytes(waiting)) <= _MAX_BATCH_BYTES

    async def _compute(self, batch: list[_Waiting], rows: int, counted: Counter) -> None:
        results = await asyncio.get_running_loop().run_in_executor(self._threads, _results, batch)
        self._free, self._rows_at_work = self._free + 1, self._rows_at_work - counted  # a key without rows is dropped
        self._on_batch(batch[0].servable.name, rows or 1, len(batch))
        for waiting, result in zip(batch, results):
            if waiting.answer.done():
                continue  # the client has given up
            if isinstance(result, RequestFailed):
                waiting.answer.set_exception(result)
            else:
                waiting.answer.set_result(result)
        self._start()

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _key(servable: Servable, signature: Signature, inputs: Arrays) -> tuple:
    shapes = tuple((name, inputs[name].shape[1:]) for name in sorted(inputs))
    if signature.takes_lengths:  # waveforms of any length go together, padded
        shapes = tuple(shape for shape in shapes if shape[0] != "waveform")
    return servable.name, servable.version, id(servable), signature.name, shapes


def _rows(signature: Signature, inputs: Arrays) -> int:
    """Rows of a request that may share a batch, else 0."""
    lengths = {len(array) for array in inputs.values() if array.ndim} if signature.batchable else set()
    return lengths.pop() if len(lengths) == 1 else 0


def _row_bytes(waiting: _Waiting) -> float:
    return sum(array.nbytes for array in waiting.inputs.values()) / max(1, waiting.rows)


def _results(batch: list[_Waiting]) -> list[dict | RequestFailed]:
    """Gives the outputs or the error of each request.

    Requests that fail together are computed one by one. So no request fails because of another one's values, or because
    of a limit that only the whole batch exceeds.
    """
    whole = _result(batch)
    rows = sum(waiting.rows for waiting in batch)
    if len(batch) == 1:
        return [whole]
    if isinstance(whole, RequestFailed) or any(len(value) != rows for value in whole.values()):
        return [_result([waiting]) for waiting in batch]
    ends = np.cumsum([waiting.rows for waiting in batch])
    return [
        {name: value[end - waiting.rows : end] for name, value in whole.items()} for waiting, end in zip(batch, ends)
    ]


def _joined(arrays: list[np.ndarray]) -> np.ndarray:
    """Joins all rows. Waveforms [rows, samples] of unequal length are padded with 0."""
    longest = max(array.shape[1] for array in arrays) if arrays[0].ndim == 2 else None
    if longest is not None and any(array.shape[1] < longest for array in arrays):
        arrays = [np.pad(array, [(0, 0), (0, longest - array.shape[1])]) for array in arrays]
    return np.concatenate(arrays)


def _result(batch: list[_Waiting]) -> dict | RequestFailed:
    """Computes the outputs of all rows, in order; returns them or the error."""
    first = batch[0]
    try:
        if len(batch) == 1:
            return first.signature(first.inputs)
        return first.signature({name: _joined([waiting.inputs[name] for waiting in batch]) for name in first.inputs})
    except RequestFailed as error:
        return error
    except Exception as error:  # a bug: only these clients get an error
        _log.exception("%s: %s failed", first.servable.name, first.signature.name)
        return RequestFailed("INTERNAL", f"{type(error).__name__}: {error}")
