"""Checks every request before it reaches Gradio: who sends it, what it asks for, and whether the files are theirs."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import parse_qs

from vfgan.config.checks import MIB
from vfgan.studio.requests import (
    ELSEWHERE,
    answer_json,
    cookie,
    headers_of,
    names_this_machine,
    read_body,
    set_cookie,
    with_headers,
)
from vfgan.studio.visitors import Visitors

COOKIE = "vfgan_visitor"
FILE = "/gradio_api/file="
JOIN, DATA, UPLOAD = "/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/upload"
HEARTBEAT = "/gradio_api/heartbeat/"
#: Paths that the page needs. Gradio has many more, such as one that fetches from other hosts.
OPEN = re.compile(
    r"/|/(theme\.css|favicon\.ico|manifest\.json|config|gradio_api/(startup-events|theme\.css))|"
    r"/(static|assets)/(?!.*\.\.).+"
)
OWN = re.compile(r"/gradio_api/(upload|upload_progress|queue/join|queue/data|reset|cancel|(heartbeat/|file=).+)")
MAX_REQUEST_BYTES = MIB  # for an upload: its bytes beside the file
#: Lets a browser load from this host only, and refuses to be shown in frames of other pages.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' data: blob:; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_FULL = 503, "The studio is full: try again later."


class Gate:
    """An ASGI application in front of Gradio's.

    Args:
        page: Gradio's application.
        visitors: knows which files belong to whom.
        max_upload_bytes: largest file, bytes.
        max_uploads: files that may arrive at the same time.
        only_loopback: answer only to names of this machine, so that no other page can pretend to be this one.
    """

    def __init__(
        self,
        page: Callable[..., Awaitable],
        visitors: Visitors,
        *,
        max_upload_bytes: int,
        max_uploads: int,
        only_loopback: bool,
    ):
        self._page, self._visitors, self._only_loopback = page, visitors, only_loopback
        self._max_upload_bytes, self._max_uploads = max_upload_bytes, max_uploads
        self._uploads = 0

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._page(scope, receive, send)
            return
        headers = headers_of(scope)
        path, visitor = scope["path"], self._visitor(headers)
        refusal = self._refusal(path, scope["query_string"], headers, visitor)
        if refusal:
            await answer_json(send, *refusal)
        elif path == "/":
            fresh = None if visitor else self._visitors.enter()
            await self._page(scope, receive, _with_headers(send, fresh))
        elif visitor is None:  # what is open to everyone
            await self._bounded(scope, receive, _with_headers(send, None), MAX_REQUEST_BYTES)
        elif path == JOIN:
            await self._join(scope, receive, send, visitor)
        elif path == UPLOAD:
            self._uploads += 1
            try:
                noting = self._noting_uploads(send, visitor)
                await self._bounded(scope, receive, noting, self._max_upload_bytes + MAX_REQUEST_BYTES)
            finally:
                self._uploads -= 1
        elif path == DATA or path.startswith(HEARTBEAT):  # both last while the page is open
            with self._visitors.page(visitor):
                await self._page(scope, receive, send)
        else:
            await self._bounded(scope, receive, _with_headers(send, None), MAX_REQUEST_BYTES)

    def _visitor(self, headers: dict[str, str]) -> str | None:
        found = cookie(headers, COOKIE)
        return found if found and self._visitors.greet(found) else None

    def _refusal(self, path: str, query: bytes, headers: dict[str, str], visitor: str | None) -> tuple[int, str] | None:
        """Status and reason of a request that is refused, else None."""
        if self._only_loopback and not names_this_machine(headers.get("host", "")):
            return ELSEWHERE
        if OPEN.fullmatch(path):
            return None
        if not OWN.fullmatch(path):
            return 404, "There is nothing here."
        if visitor is None:
            return 403, "Open the page first, or open it again."
        if path.startswith(FILE) and not self._visitors.may_see(visitor, path.removeprefix(FILE)):
            return 403, "This file is not yours, or has been removed."
        if path == DATA and not self._visitors.claim(visitor, _session(query)):
            return 403, "This session is not yours."
        if path == UPLOAD and (self._visitors.is_full or self._uploads >= self._max_uploads):
            return _FULL
        return None

    async def _join(self, scope: dict, receive: Callable, send: Callable, visitor: str) -> None:
        """Passes a job on if all its files belong to the visitor."""
        body = await read_body(receive, MAX_REQUEST_BYTES)
        try:
            request = json.loads(body or b"")
        except ValueError:
            await answer_json(send, 400, "This is not JSON, or too large.")
            return
        session = request.get("session_hash") if isinstance(request, dict) else None
        if not isinstance(session, str) or not self._visitors.claim(visitor, session):
            await answer_json(send, 403, "This session is not yours.")
        elif not all(self._visitors.may_see(visitor, path) for path in _paths(request)):
            await answer_json(send, 403, "A file is not yours, or has been removed: choose it again.")
        else:
            await self._page(scope, _again(body, receive), send)

    async def _bounded(self, scope: dict, receive: Callable, send: Callable, limit_bytes: int) -> None:
        """Passes a body on until it is too large or the studio is full. Then the page sees a disconnect."""
        taken = 0
        refusal = None
        answered = False

        async def receive_some() -> dict:
            nonlocal taken, refusal
            message = await receive()
            before, taken = taken, taken + len(message.get("body", b""))
            if taken > limit_bytes:
                refusal = 413, f"This is too large: at most {limit_bytes} bytes are read."
            elif taken // MIB > before // MIB and self._visitors.is_full:
                refusal = _FULL
            return {"type": "http.disconnect"} if refusal else message

        async def send_unless_refused(message: dict) -> None:
            nonlocal answered
            answered = answered or refusal is None
            if answered:
                await send(message)

        try:
            await self._page(scope, receive_some, send_unless_refused)
        except Exception:
            if refusal is None:  # else the page complains about the disconnect
                raise
        if refusal and not answered:
            await answer_json(send, *refusal)

    def _noting_uploads(self, send: Callable, visitor: str) -> Callable:
        """A `send` that reads from the answer where the uploaded files lie."""
        parts, ok = [], False

        async def noting(message: dict) -> None:
            nonlocal ok
            if message["type"] == "http.response.start":
                ok = message["status"] == 200
            elif ok:
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    for path in json.loads(b"".join(parts)):
                        self._visitors.own(visitor, path)
            await send(message)

        return noting


def _session(query: bytes) -> str:
    return parse_qs(query.decode("latin-1")).get("session_hash", [""])[0]


def _paths(value: object) -> Iterator[str]:
    """The path of every file that a request names."""
    if isinstance(value, dict):
        if isinstance(value.get("path"), str):
            yield value["path"]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _paths(part)


def _again(body: bytes, receive: Callable) -> Callable:
    """A `receive` that gives a body that was already read."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> dict:
        return pending.pop() if pending else await receive()

    return receive_again


def _with_headers(send: Callable, fresh: str | None) -> Callable:
    """A `send` that adds the policy, and the cookie of a new visitor."""
    return with_headers(send, POLICY, set_cookie(COOKIE, fresh) if fresh else None)
