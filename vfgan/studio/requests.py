"""What every page of this machine needs of a request and an answer (ASGI): host, cookie, body, headers."""

import json
import re
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

#: Status and reason for a request under another machine's name, so that no other page can pretend to be this one.
ELSEWHERE = 403, "This page answers on its own machine only."
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?", re.IGNORECASE)


def names_this_machine(host: str) -> bool:
    """Whether the header Host is a name of loopback.

    >>> names_this_machine("localhost:7860"), names_this_machine("localhost.example.org")
    (True, False)
    """
    return _LOOPBACK.fullmatch(host) is not None


def headers_of(scope: dict) -> dict[str, str]:
    """A request's headers by name in lower case."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def cookie(headers: dict[str, str], name: str) -> str | None:
    """The value of a cookie; None where there is none."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return found.value if found else None


def set_cookie(name: str, secret: str) -> str:
    """The header Set-Cookie of a secret that no script and no other site gets to see."""
    return f"{name}={secret}; Path=/; HttpOnly; SameSite=Strict"


async def read_body(receive: Callable, limit_bytes: int) -> bytes:
    """Reads a request's body; empty if it is too large or the visitor has gone."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or len(body) > limit_bytes:
            return b""
        if not message.get("more_body"):
            return body


def with_headers(send: Callable, policy: str, fresh: str | None = None) -> Callable:
    """A `send` that adds what keeps a page to itself.

    Args:
        policy: the header Content-Security-Policy.
        fresh: the header Set-Cookie, from `set_cookie`.
    """

    async def sending(message: dict) -> None:
        if message["type"] == "http.response.start":
            added = [(b"content-security-policy", policy.encode()), (b"referrer-policy", b"no-referrer")]
            added.append((b"x-content-type-options", b"nosniff"))
            if fresh:
                added.append((b"set-cookie", fresh.encode()))
            message = {**message, "headers": [*message.get("headers", []), *added]}
        await send(message)

    return sending


async def answer(send: Callable, status: int, kind: str, body: bytes) -> None:
    """Sends a whole answer of a media type."""
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def answer_json(send: Callable, status: int, detail: str) -> None:
    """Sends a refusal: {"detail": …}."""
    await answer(send, status, "application/json", json.dumps({"detail": detail}).encode())
