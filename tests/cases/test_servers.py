"""What people write for a server's address, and what pages in a browser ask."""

import asyncio
import socket
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from aiohttp.test_utils import TestClient, TestServer

from vfgan.errors import ConfigError, ServerError
from vfgan.serving.client import Client, grpc_address
from vfgan.serving.failures import RequestFailed
from vfgan.serving.http_app import HttpApp
from vfgan.serving.json_tensors import parse_body, read_inputs

ADDRESSES = {
    "localhost:8500": "localhost:8500", "localhost": "localhost:8500", "http://localhost:8500": "localhost:8500",
    "https://localhost:8500/": "localhost:8500", "HTTP://localhost": "localhost:8500", "localhost:": "localhost:8500",
    "grpc://10.0.0.1:9000": "10.0.0.1:9000", "http://h:8500/v1/models/vfgan": "h:8500", " h:8500 ": "h:8500",
    "::1": "[::1]:8500", "[::1]": "[::1]:8500", "[::1]:9000": "[::1]:9000", "unix:/tmp/a": "unix:/tmp/a",
    "dns:///h:1": "dns:///h:1",
}  # fmt: skip


@pytest.mark.parametrize("text", ADDRESSES)
def test_addresses(text):
    assert grpc_address(text) == ADDRESSES[text]


@pytest.mark.parametrize("text", ["", "http://", ":"])
def test_no_address(text):
    with pytest.raises(ConfigError, match="expected host:port of gRPC"):
        Client(text)


def test_the_port_of_rest_is_told_at_once():
    """It answers HTTP/1, as REST does; nine attempts would take 8 s and more."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.recv(1024)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.close()

    threading.Thread(target=answer, daemon=True).start()
    started = time.monotonic()
    with (
        Client(f"http://127.0.0.1:{listener.getsockname()[1]}") as client,
        pytest.raises(ServerError, match="speaks HTTP/1: give the port of gRPC"),
    ):
        client.states("vfgan")
    assert time.monotonic() - started < 3
    listener.close()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"instances": [[0.5, NaN]]}', r"input waveform holds nan at \[0, 1\]"),
        ('{"inputs": [[Infinity]]}', r"input waveform holds inf at \[0, 0\]"),
        ('{"instances": [{"waveform": [-Infinity]}]}', r"holds -inf at \[0, 0\]"),
    ],
)
def test_what_is_no_number_is_named(body, told):
    signature = SimpleNamespace(
        name="s", spec=SimpleNamespace(inputs={"waveform": SimpleNamespace(dtype=tf.float32.as_datatype_enum)})
    )
    with pytest.raises(RequestFailed, match=told):
        read_inputs(parse_body(body.encode()), signature)
    whole = read_inputs(parse_body(b'{"instances": [[0.5, 1]]}'), signature)
    np.testing.assert_array_equal(whole["waveform"], [[0.5, 1]])


PAGE = {"Origin": "https://page.example"}
PREFLIGHT = PAGE | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


def ask(origins, method, headers):
    """(status, headers) of an answer."""

    async def main():
        predictor = SimpleNamespace(refused=lambda *_: None)
        app = HttpApp(predictor, None, None, 1000, 5.0, origins)
        async with TestClient(TestServer(app.application())) as client:
            response = await client.request(method, "/v1/nothing", headers=headers)
            return response.status, response.headers

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [((), ""), (("*",), PAGE["Origin"]), ((PAGE["Origin"],), PAGE["Origin"]), (("https://other.example",), "")],
)
def test_pages_of_other_origins(origins, allowed):
    status, headers = ask(origins, "OPTIONS", PREFLIGHT)
    assert (status == 204) == bool(allowed)
    assert headers.get("Access-Control-Allow-Origin", "") == allowed
    if allowed:
        assert "POST" in headers["Access-Control-Allow-Methods"]
        assert headers["Access-Control-Allow-Headers"] == "content-type"
    assert ask(origins, "GET", PAGE)[1].get("Access-Control-Allow-Origin", "") == allowed
    assert "Access-Control-Allow-Origin" not in ask(origins, "GET", {})[1]
