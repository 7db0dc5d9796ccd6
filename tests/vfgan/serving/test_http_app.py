"""REST: bodies that are too large or do not come, and bugs."""

import http.client
import json
import socket

import numpy as np
import pytest

from vfgan.serving.client import Client
from vfgan.serving.config import ClientConfig

ONCE = ClientConfig(attempts=1, request_seconds=20)
ROW = json.dumps({"instances": [1.0]})


def test_bodies_that_are_too_large(toy_models, running):
    with running(toy_models, max_request_mb=0.01) as server, Client(server.address, ONCE) as client:
        large = json.dumps({"instances": [1.0] * 5_000})
        assert server.post(large)[0] == 413  # by its length
        assert server.post(iter([large[:9_000].encode(), large[9_000:].encode()]))[0] == 413  # while it comes
        with pytest.raises(Exception, match="RESOURCE_EXHAUSTED"):
            client.predict("half", {"x": np.ones(5_000, np.float32)})
        server.wait_for_pending(0)
        assert server.server.admission.bytes == 0
        assert server.post(ROW)[0] == 200


def test_a_bug_is_told_as_an_error(toy_models, running, monkeypatch):
    with running(toy_models) as server:
        monkeypatch.setattr(server.server._app, "_info", lambda *_, **__: 1 / 0)
        connection = http.client.HTTPConnection("127.0.0.1", server.server.rest_port, timeout=20)
        connection.request("GET", "/v1/models/half")
        response = connection.getresponse()
        assert response.status == 500
        assert json.loads(response.read()) == {"error": "ZeroDivisionError: division by zero"}
        connection.close()


@pytest.mark.medium
def test_a_body_that_does_not_come(toy_models, running):
    with running(toy_models, receive_seconds=0.3) as server:
        with socket.create_connection(("127.0.0.1", server.server.rest_port), timeout=20) as slow:
            slow.sendall(b"POST /v1/models/half:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
            answer = b""
            while part := slow.recv(4096):  # until the server closes
                answer += part
        assert answer.startswith(b"HTTP/1.1 504")
        assert b"did not arrive within 0.3 s" in answer
        server.wait_for_pending(0)
