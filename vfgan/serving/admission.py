"""How much is taken on at a time: requests, and the bytes of their bodies."""

import asyncio
import contextlib
from collections.abc import Iterator

from vfgan.serving.failures import RequestFailed


class Admission:
    """Counts requests from their first byte to their answer.

    Args:
        max_requests: at a time.
        max_bytes: of all bodies together.
    """

    def __init__(self, max_requests: int, max_bytes: int):
        self._max_requests, self._max_bytes = max_requests, max_bytes
        self.requests, self.bytes, self._idle = 0, 0, asyncio.Event()
        self._idle.set()

    @contextlib.contextmanager
    def request(self) -> Iterator["Claim"]:
        """A place for one request.

        Raises:
            RequestFailed: UNAVAILABLE: there is none.
        """
        if self.requests >= self._max_requests:
            raise RequestFailed("UNAVAILABLE", f"busy: {self.requests} requests wait or are at work; try again later")
        claim = Claim(self)
        self.requests += 1
        self._idle.clear()
        try:
            yield claim
        finally:
            self.requests -= 1
            self.bytes -= claim.bytes
            if not self.requests:
                self._idle.set()

    def take(self, count: int) -> None:
        """Raises RequestFailed UNAVAILABLE where `count` more bytes are too many."""
        if self.bytes + count > self._max_bytes:
            raise RequestFailed("UNAVAILABLE", "busy: too much is being received or waits; try again later")
        self.bytes += count

    async def idle(self) -> None:
        """Waits until no request is left."""
        await self._idle.wait()


class Claim:
    """The bytes that one request holds."""

    def __init__(self, admission: Admission):
        self._admission, self.bytes = admission, 0

    def add(self, count: int) -> None:
        """So many bytes have come; raises as `Admission.take`."""
        self._admission.take(count)
        self.bytes += count
