"""Requests to an ASGI application, without a browser."""

import asyncio
import json


class Browser:
    """Keeps the cookie that it gets."""

    def __init__(self, page, host="127.0.0.1:7861"):
        self.page, self.host, self.cookie = page, host, ""

    def ask(self, path, values=None, body=None):
        """(status, headers, body); a POST with values or a body."""
        body = json.dumps(values).encode() if values is not None else body
        headers = [(b"host", self.host.encode()), (b"cookie", self.cookie.encode())]
        method = "GET" if body is None else "POST"
        scope = {"type": "http", "path": path, "query_string": b"", "headers": headers, "method": method}
        sent = []

        async def receive():
            return {"type": "http.request", "body": body or b""}

        async def send(message):
            sent.append(message)

        asyncio.run(self.page(scope, receive, send))
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        self.cookie = headers.get("set-cookie", self.cookie).split(";")[0]
        return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])

    def said(self, path, values=None):
        """(status, JSON)."""
        status, _, body = self.ask(path, values)
        return status, json.loads(body)
