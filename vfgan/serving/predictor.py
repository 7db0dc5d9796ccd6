"""Answers a request of gRPC or REST: finds the model, checks the inputs, computes the outputs in time."""

import asyncio
import dataclasses
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from vfgan.serving.batcher import Batcher
from vfgan.serving.failures import RequestFailed
from vfgan.serving.metrics import Metrics
from vfgan.serving.models import Models
from vfgan.serving.servable import DEFAULT_SIGNATURE, Servable, Signature


@dataclasses.dataclass(frozen=True)
class Asked:
    """The model that a request names."""

    name: str
    version: int | None = None
    label: str = ""


@dataclasses.dataclass(frozen=True)
class Answer:
    """The answer to a request."""

    outputs: dict[str, np.ndarray]
    name: str
    version: int
    signature: str


#: Messages up to this size, bytes, are parsed and written in the event loop, without a thread.
LIGHT_BYTES = 1024**2
#: Signature name -> the servable and its signature.
Resolve = Callable[[str], tuple[Servable, Signature]]


class Exchange(Protocol):
    """A request and its answer in the format of gRPC or REST."""

    light: bool  #: reading it is as quick as handing it to a thread

    def read(self, resolve: Resolve) -> tuple[Servable, Signature, Mapping[str, np.ndarray]]:
        """Reads the requested signature and its inputs."""

    def write(self, answer: Answer) -> bytes:
        """Writes the message that is sent back."""


class Predictor:
    """Answers requests.

    Args:
        models: the served models.
        batcher: computes the outputs.
        metrics: counts each request.
        max_seconds: time from a request's arrival to its answer, seconds.
    """

    def __init__(self, models: Models, batcher: Batcher, metrics: Metrics, max_seconds: float):
        self.models, self._batcher, self._metrics, self._max_seconds = models, batcher, metrics, max_seconds
        # two at a time: parsing JSON takes about twenty times the memory of its text
        self._threads = ThreadPoolExecutor(2, "read")

    async def predict(
        self, asked: Asked, exchange: Exchange, *, entry: str, seconds_left: float | None = None
    ) -> bytes:
        """Answers a request.

        Args:
            entry: GRPC or REST, for the metrics.
            seconds_left: time until the client's own deadline, seconds.
        Raises:
            RequestFailed: with TF Serving's code.
        """
        started = time.monotonic()
        code = "OK"
        try:
            limit = min(self._max_seconds, seconds_left if seconds_left is not None else self._max_seconds)
            async with asyncio.timeout(max(0.0, limit)):
                return await self._predict(asked, exchange)
        except TimeoutError as error:
            code = "DEADLINE_EXCEEDED"
            raise RequestFailed(code, f"not answered within {limit:.1f} s") from error
        except RequestFailed as error:
            code = error.code.name
            raise
        except BaseException as error:
            code = "CANCELLED" if isinstance(error, asyncio.CancelledError) else "INTERNAL"
            raise
        finally:
            self._metrics.request(self._label(asked.name), code, entry, time.monotonic() - started)

    def refused(self, code: str, name: str = "") -> None:
        """Counts a request that ended before `predict`; `name` is the model's, if it is known."""
        self._metrics.refused(self._label(name), code)

    def _label(self, name: str) -> str:
        return name if self.models.knows(name) else ""  # so that clients cannot create endless labels

    async def _predict(self, asked: Asked, exchange: Exchange) -> bytes:
        def resolve(signature_name: str) -> tuple[Servable, Signature]:
            servable = self.models.find(asked.name, asked.version, asked.label)
            signature = servable.signature(signature_name or DEFAULT_SIGNATURE)
            if signature is None:
                raise RequestFailed("FAILED_PRECONDITION", f'Serving signature key "{signature_name}" not found.')
            return servable, signature

        servable, signature, inputs = await self._call(exchange.light, exchange.read, resolve)
        signature.check(inputs)
        outputs = await self._batcher.run(servable, signature, inputs)
        answer = Answer(outputs, servable.name, servable.version, signature.name)
        small = sum(np.asarray(value).nbytes for value in outputs.values()) <= LIGHT_BYTES
        return await self._call(exchange.light and small, exchange.write, answer)

    async def _call(self, here: bool, function: Callable, argument: object):
        """Calls the function here, or in a thread, so that other requests need not wait."""
        if here:
            return function(argument)
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, argument)

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
