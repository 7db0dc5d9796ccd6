"""How much is taken on at a time: requests, and the bytes of their bodies."""

import asyncio
import contextlib
from collections.abc import Iterator

from vfgan.serving.failures import RequestFailed


class Admission:
    """Counts requests from when they have arrived to their answer, and bytes of what is received or sent.

    A client that sends nothing takes no place: how many may be silent is bounded where connections are.

    Args:
        max_requests: at a time.
        max_bytes: of all bodies, and of gRPC answers until they are taken, together.
    """

    def __init__(self, max_requests: int, max_bytes: int):
        self._max_requests, self._max_bytes = max_requests, max_bytes
        self.requests, self.bytes, self._claims, self._idle = 0, 0, 0, asyncio.Event()
        self._idle.set()

    @contextlib.contextmanager
    def request(self) -> Iterator["Claim"]:
        """One request, from its head to its answer.

        Raises:
            RequestFailed: UNAVAILABLE: there is no place for it.
        """
        self._check_place()
        claim = Claim(self)
        self._claims += 1
        self._idle.clear()
        try:
            yield claim
        finally:
            self._claims -= 1
            self.requests -= claim.requests
            self.bytes -= claim.bytes
            if not self._claims:
                self._idle.set()

    def take_place(self) -> None:
        """Raises RequestFailed UNAVAILABLE where one more request is too many."""
        self._check_place()
        self.requests += 1

    def _check_place(self) -> None:
        if self.requests >= self._max_requests:
            raise RequestFailed("UNAVAILABLE", f"busy: {self.requests} requests wait or are at work; try again later")

    def take(self, count: int) -> None:
        """Raises RequestFailed UNAVAILABLE where `count` more bytes are too many."""
        if self.bytes + count > self._max_bytes:
            raise RequestFailed("UNAVAILABLE", "busy: too much is being received or waits; try again later")
        self.bytes += count

    async def idle(self) -> None:
        """Waits until no request is left, nor one that is being received."""
        await self._idle.wait()


class Claim:
    """What one request holds: bytes, and from when it has arrived a place."""

    def __init__(self, admission: Admission):
        self._admission, self.bytes, self.requests = admission, 0, 0

    def add(self, count: int) -> None:
        """So many bytes have come; raises as `Admission.take`."""
        self._admission.take(count)
        self.bytes += count

    def becomes(self, count: int) -> None:
        """The request's bytes are gone, its answer has so many; raises as `Admission.take`."""
        self._admission.take(count - self.bytes)
        self.bytes = count

    def leave_place(self) -> None:
        """What is left to do takes its bytes only."""
        self._admission.requests -= self.requests
        self.requests = 0

    def arrived(self) -> None:
        """The whole request has come; raises as `Admission.take_place`."""
        self._admission.take_place()
        self.requests = 1
