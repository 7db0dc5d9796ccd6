"""Connections of REST: too many, and those that send no head."""

import json
import socket
import time

ROW = json.dumps({"instances": [1.0]})


def test_more_connections_than_allowed(toy_models, running):
    with running(toy_models, max_connections=5) as server:
        address = ("127.0.0.1", server.server.rest_port)
        silent = [socket.create_connection(address, timeout=20) for _ in range(5)]
        time.sleep(0.2)
        with socket.create_connection(address, timeout=20) as refused:
            assert refused.recv(1) == b""  # closed
        silent[0].close()
        time.sleep(0.2)
        assert server.post(ROW)[0] == 200
        for connection in silent:
            connection.close()


def test_a_head_that_does_not_come(toy_models, running):
    with running(toy_models, receive_seconds=0.3) as server:
        for begun in (b"", b"POST /v1/models/half:predict HTTP/1.1\r\nHost: a\r\n"):
            with socket.create_connection(("127.0.0.1", server.server.rest_port), timeout=20) as slow:
                slow.sendall(begun)
                assert slow.recv(4096) == b""  # closed
        assert server.post(ROW)[0] == 200
