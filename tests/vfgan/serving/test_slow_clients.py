"""Clients that are slow, silent or too much for the embedded server."""

import contextlib
import json
import re
import socket
import threading
import time

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2

from vfgan.errors import ServerError
from vfgan.serving import grpc_service
from vfgan.serving.client import Client
from vfgan.serving.config import ClientConfig

ONCE = ClientConfig(attempts=1, request_seconds=20)
ROW = json.dumps({"instances": [1.0]})


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


def silent_rest(server, count):
    """Connections that have sent a head."""
    found = [socket.create_connection(("127.0.0.1", server.server.rest_port), timeout=20) for _ in range(count)]
    for connection in found:
        connection.sendall(b"POST /v1/models/half:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
    return found


def test_clients_that_send_no_body_keep_nobody_out(toy_models, running):
    with running(toy_models, stop_seconds=0.1) as server:
        silent = silent_rest(server, 100)
        server.wait_for_pending(100, "_claims")
        assert server.post(ROW) == (200, {"predictions": [3.5]})
        for connection in silent:
            connection.close()
        server.wait_for_pending(0, "_claims")


def test_streams_without_a_message_keep_nobody_out(toy_models, running, monkeypatch):
    """But for `max_slow` of them, they are told to try again later."""
    monkeypatch.setattr(grpc_service, "_PROMPT_SECONDS", 0.5)
    with (
        running(toy_models, stop_seconds=0.1) as server,
        Client(server.address, ONCE) as client,
        contextlib.ExitStack() as open_,
    ):
        calls, end = [], threading.Event()
        open_.callback(end.set)

        def nothing():
            end.wait(60)
            yield from ()

        for _ in range(4):  # connections, of 64 streams at most
            channel = open_.enter_context(
                grpc.insecure_channel(server.address, options=[("grpc.use_local_subchannel_pool", 1)])
            )
            call = channel.stream_unary("/tensorflow.serving.PredictionService/Predict")
            calls += [call.future(nothing(), timeout=20) for _ in range(25)]
        server.wait_for_pending(100, "_claims")
        assert float(client.predict("half", {"x": np.ones(1, np.float32)})["y"][0]) == 3.5
        server.wait_for_pending(8, "_claims")  # max_pending_mb / max_request_mb
        assert float(client.predict("half", {"x": np.ones(1, np.float32)})["y"][0]) == 3.5
        refused = [call.code() for call in calls if call.done()]
        assert refused == [grpc.StatusCode.UNAVAILABLE] * 92


def test_answers_nobody_takes_count_until_the_client_has_gone(toy_models, running):
    large = np.ones(4_000_000, np.float32)  # 16 MB: of less there may be room on the client's side
    with running(toy_models, receive_seconds=3, max_request_mb=20, max_pending_mb=70) as server:  # 16 MB are to arrive
        options = {
            "grpc.use_local_subchannel_pool": 1, "grpc.max_receive_message_length": -1,
            "grpc.http2.bdp_probe": 0,  # else the client's side may find that it has room for all of them
        }  # fmt: skip
        channel = grpc.insecure_channel(server.address, options=list(options.items()))
        call = channel.stream_stream("/tensorflow.serving.PredictionService/Predict")
        request = predict_pb2.PredictRequest(inputs={"x": tf.make_tensor_proto(large)})
        request.model_spec.name = "half"
        message = request.SerializeToString()
        calls = [call(iter([message]), timeout=60) for _ in range(4)]  # nothing is read of the answers
        server.wait_for_pending(4)
        server.wait_for_pending(0)  # they give up their places, not their bytes
        assert 63e6 < server.server.admission.bytes < 65e6
        with Client(server.address, ONCE) as client:
            with pytest.raises(ServerError, match="busy"):
                client.predict("half", {"x": np.ones(4_800_000, np.float32)})
            assert client.predict("half", {"x": np.ones(1, np.float32)})["y"][0] == 3.5
            for one in calls:
                one.cancel()
            channel.close()
            server.wait_for_pending(0, "bytes")
            assert len(client.predict("half", {"x": large})["y"]) == len(large)


def test_a_head_that_does_not_come(toy_models, running):
    with running(toy_models, receive_seconds=0.3) as server:
        for begun in (b"", b"POST /v1/models/half:predict HTTP/1.1\r\nHost: a\r\n"):
            with socket.create_connection(("127.0.0.1", server.server.rest_port), timeout=20) as slow:
                slow.sendall(begun)
                assert slow.recv(4096) == b""  # closed
        assert server.post(ROW)[0] == 200


def test_told_to_stop_it_does_not_wait_for_what_does_not_come(toy_models, running):
    with running(toy_models, stop_seconds=0.2) as server:
        (silent,) = silent_rest(server, 1)
        server.wait_for_pending(1, "_claims")
        begun = time.monotonic()
        server.stop()
        server._thread.join(20)
        assert time.monotonic() - begun < 10
        silent.close()


def test_what_is_refused_is_counted(toy_models, running):
    """Without a label for each name that a client thinks of."""
    with running(toy_models, max_request_mb=0.01, receive_seconds=0.3) as server:
        assert server.post(json.dumps({"instances": [1.0] * 5_000}))[0] == 413
        assert server.post(json.dumps({"instances": [1.0] * 5_000}), "/v1/models/none:predict")[0] == 413
        assert server.post(ROW, "/v1/models/half:classify")[0] == 400
        with silent_rest(server, 1)[0] as slow:
            assert slow.recv(4096).startswith(b"HTTP/1.1 504")
        with grpc.insecure_channel(server.address) as channel:
            call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
            for message, code in (
                (b"\xff", "INTERNAL"), (b"", "INVALID_ARGUMENT"), (bytes(20_000), "RESOURCE_EXHAUSTED"),
            ):  # fmt: skip
                with pytest.raises(grpc.RpcError) as error:
                    call(message, timeout=20)
                assert error.value.code().name == code
        server.wait_for_pending(0, "_claims")
        server.server.admission._max_requests = 0
        assert server.post(ROW)[0] == 503
        page = server.server.metrics.page().decode()
    counted = {
        ("half", "RESOURCE_EXHAUSTED"): 1, ("", "RESOURCE_EXHAUSTED"): 1, ("", "INVALID_ARGUMENT"): 2,
        ("half", "DEADLINE_EXCEEDED"): 1, ("", "INTERNAL"): 1, ("half", "UNAVAILABLE"): 1,
        ("", "CANCELLED"): 1,  # by gRPC, which refuses what is too large itself
    }  # fmt: skip
    found = re.findall(
        r'^:tensorflow:serving:request_count\{model_name="(.*)",status="(.*)"\} (.*)$', page, re.MULTILINE
    )
    assert {(name, code): float(count) for name, code, count in found} == counted
