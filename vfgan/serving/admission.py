"""Limits how many requests the server accepts at a time, and how many bytes their bodies take."""

import asyncio
import contextlib
from collections.abc import Iterator

from vfgan.serving.failures import RequestFailed


class Admission:
    """Counts requests from arrival to answer, and the bytes that are received or sent.

    A client that sends nothing takes no place; the limit of connections covers it.

    Args:
        max_requests: most requests at a time.
        max_bytes: most bytes of all bodies and unread gRPC answers together.
    """

    def __init__(self, max_requests: int, max_bytes: int):
        self._max_requests, self._max_bytes = max_requests, max_bytes
        self.requests = 0
        self.bytes = 0
        self._claims = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextlib.contextmanager
    def request(self) -> Iterator["Claim"]:
        """Holds one request, from its head to its answer.

        Raises:
            RequestFailed: UNAVAILABLE: there are too many requests.
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
        """Counts one more request; raises RequestFailed UNAVAILABLE if that is too many."""
        self._check_place()
        self.requests += 1

    def _check_place(self) -> None:
        if self.requests >= self._max_requests:
            raise RequestFailed("UNAVAILABLE", f"busy: {self.requests} requests wait or run; try again later")

    def take(self, count: int) -> None:
        """Counts more bytes; raises RequestFailed UNAVAILABLE if they are too many."""
        if self.bytes + count > self._max_bytes:
            raise RequestFailed("UNAVAILABLE", "busy: too many bytes are being received or wait; try again later")
        self.bytes += count

    async def idle(self) -> None:
        """Waits until no request is left, including those that are still being received."""
        await self._idle.wait()


class Claim:
    """What one request holds: its bytes and, once it has arrived, a place."""

    def __init__(self, admission: Admission):
        self._admission = admission
        self.bytes = 0
        self.requests = 0

    def add(self, count: int) -> None:
        """Counts received bytes; raises as `Admission.take`."""
        self._admission.take(count)
        self.bytes += count

    def becomes(self, count: int) -> None:
        """Replaces the request's bytes by those of its answer; raises as `Admission.take`."""
        self._admission.take(count - self.bytes)
        self.bytes = count

    def leave_place(self) -> None:
        """Gives the place back; the bytes stay counted."""
        self._admission.requests -= self.requests
        self.requests = 0

    def arrived(self) -> None:
        """Takes a place once the whole request has arrived; raises as `Admission.take_place`."""
        self._admission.take_place()
        self.requests = 1
