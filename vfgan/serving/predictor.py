"""What both gRPC and REST do with a request: find the model, check, compute, in time."""

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
    """What it is answered with."""

    outputs: dict[str, np.ndarray]
    name: str
    version: int
    signature: str


#: Messages up to this are parsed and written where they arrive, without a thread's turn.
LIGHT_BYTES = 1024**2
#: Signature name -> the servable and its signature.
Resolve = Callable[[str], tuple[Servable, Signature]]


class Exchange(Protocol):
    """A request and its answer in the words of gRPC or REST."""

    light: bool  #: reading it takes no longer than handing it to a thread would

    def read(self, resolve: Resolve) -> tuple[Servable, Signature, Mapping[str, np.ndarray]]:
        """The signature that is asked for, and its inputs."""

    def write(self, answer: Answer) -> bytes:
        """What is sent back."""


class Predictor:
    """Answers requests.

    Args:
        models: what is served.
        batcher: computes.
        metrics: are told of each request.
        max_seconds: of a request, from when it has arrived.
    """

    def __init__(self, models: Models, batcher: Batcher, metrics: Metrics, max_seconds: float):
        self.models, self._batcher, self._metrics, self._max_seconds = models, batcher, metrics, max_seconds
        # two at a time: while JSON is read, it takes some twenty times the memory of its text
        self._threads = ThreadPoolExecutor(2, "read")

    async def predict(
        self, asked: Asked, exchange: Exchange, *, entry: str, seconds_left: float | None = None
    ) -> bytes:
        """The answer to a request.

        Args:
            entry: GRPC or REST, for the metrics.
            seconds_left: of the client's own deadline.
        Raises:
            RequestFailed: with TF Serving's code.
        """
        started, code = time.monotonic(), "OK"
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
        """Counts a request that ended before `predict` was asked; `name` is the model's, where it is known."""
        self._metrics.refused(self._label(name), code)

    def _label(self, name: str) -> str:
        return name if self.models.knows(name) else ""  # else a client could make labels without end

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
        """The function's result: computed here, or in a thread, so that others need not wait for it."""
        if here:
            return function(argument)
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, argument)

    def close(self) -> None:
        """Lets the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
