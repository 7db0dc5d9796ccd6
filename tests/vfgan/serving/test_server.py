"""The embedded server's limits, and how it ends."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

import grpc
import numpy as np
import pytest

from vfgan.errors import ConfigError, OutputError
from vfgan.serving import grpc_service
from vfgan.serving.client import Client
from vfgan.serving.config import ClientConfig, ServeConfig

ONCE = ClientConfig(attempts=1, request_seconds=20)
ROW = json.dumps({"instances": [1.0]})


@contextlib.contextmanager
def blocked(server):
    """No batch is computed as long as the block lasts."""
    gate, batcher = threading.Event(), server.server._batcher
    for _ in range(server.config.workers):
        batcher._threads.submit(gate.wait)
    try:
        yield gate
    finally:
        gate.set()


def post(server, body, path="/v1/models/half:predict", **headers):
    """Status, and the JSON of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server.rest_port, timeout=20)
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    status, text = response.status, response.read()
    connection.close()
    return status, json.loads(text)


def in_thread(function, *arguments):
    """A thread, and the list that its result will be in."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function(*arguments)))
    thread.start()
    return thread, results


def wait_for_pending(server, count, which="requests"):
    """Until so many requests have arrived and wait or are at work; with "_claims" those that arrive count, too."""
    for _ in range(500):
        if getattr(server.server.admission, which) == count:
            return
        time.sleep(0.02)
    pytest.fail(f"{which} of the admission: {getattr(server.server.admission, which)}, expected {count}")


def test_what_is_too_many_is_told_so_at_once(toy_models, running):
    with running(toy_models, max_pending=2) as server, Client(server.address, ONCE) as client:
        with blocked(server):
            threads = [in_thread(post, server, ROW) for _ in range(2)]
            wait_for_pending(server, 2)
            assert post(server, ROW)[0] == 503
            with pytest.raises(Exception, match=r"is busy \(1 attempts\)"):
                client.predict("half", {"x": np.ones(1, np.float32)})
        for thread, results in threads:
            thread.join()
            assert results == [(200, {"predictions": [3.5]})]
        wait_for_pending(server, 0)
        assert post(server, ROW)[0] == 200


def test_bodies_that_are_too_large(toy_models, running):
    with running(toy_models, max_request_mb=0.01) as server, Client(server.address, ONCE) as client:
        large = json.dumps({"instances": [1.0] * 5_000})
        assert post(server, large)[0] == 413  # by its length
        assert post(server, iter([large[:9_000].encode(), large[9_000:].encode()]))[0] == 413  # while it comes
        with pytest.raises(Exception, match="RESOURCE_EXHAUSTED"):
            client.predict("half", {"x": np.ones(5_000, np.float32)})
        wait_for_pending(server, 0)
        assert server.server.admission.bytes == 0
        assert post(server, ROW)[0] == 200


def test_all_bodies_together_are_bounded(toy_models, running):
    with running(toy_models, max_pending_mb=0.03) as server:
        body = json.dumps({"instances": [1.0] * 4_000})  # 20 kB
        with blocked(server):
            thread, results = in_thread(post, server, body)
            wait_for_pending(server, 1)
            for _ in range(100):
                if server.server.admission.bytes == len(body):
                    break
                time.sleep(0.02)
            assert post(server, body)[0] == 503
        thread.join()
        assert results[0][0] == 200


def test_a_claim_of_a_large_tensor_takes_no_memory(toy_models, running):
    """A shape of 10^12 values in a message of a few bytes."""
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    request = predict_pb2.PredictRequest()
    request.model_spec.name = "half"
    tensor = request.inputs["x"]
    tensor.dtype = 1
    tensor.tensor_shape.dim.add(size=10**12)
    tensor.float_val.append(1.0)
    with running(toy_models) as server, grpc.insecure_channel(server.address) as channel:
        with pytest.raises(grpc.RpcError) as error:
            prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(request, timeout=20)
        assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_body_that_does_not_come(toy_models, running):
    with running(toy_models, receive_seconds=0.3) as server:
        with socket.create_connection(("127.0.0.1", server.server.rest_port), timeout=20) as slow:
            slow.sendall(b"POST /v1/models/half:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
            answer = b""
            while part := slow.recv(4096):  # until the server closes
                answer += part
        assert answer.startswith(b"HTTP/1.1 504")
        assert b"did not arrive within 0.3 s" in answer
        wait_for_pending(server, 0)


def silent_rest(server, count):
    """Connections that have sent a head."""
    found = [socket.create_connection(("127.0.0.1", server.server.rest_port), timeout=20) for _ in range(count)]
    for connection in found:
        connection.sendall(b"POST /v1/models/half:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
    return found


def test_clients_that_send_no_body_keep_nobody_out(toy_models, running):
    with running(toy_models, stop_seconds=0.1) as server:
        silent = silent_rest(server, 100)
        wait_for_pending(server, 100, "_claims")
        assert post(server, ROW) == (200, {"predictions": [3.5]})
        for connection in silent:
            connection.close()
        wait_for_pending(server, 0, "_claims")


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
        wait_for_pending(server, 100, "_claims")
        assert float(client.predict("half", {"x": np.ones(1, np.float32)})["y"][0]) == 3.5
        wait_for_pending(server, 8, "_claims")  # max_pending_mb / max_request_mb
        assert float(client.predict("half", {"x": np.ones(1, np.float32)})["y"][0]) == 3.5
        refused = [call.code() for call in calls if call.done()]
        assert refused == [grpc.StatusCode.UNAVAILABLE] * 92


def test_what_is_refused_is_counted(toy_models, running):
    """Without a label for each name that a client thinks of."""
    with running(toy_models, max_request_mb=0.01, receive_seconds=0.3) as server:
        assert post(server, json.dumps({"instances": [1.0] * 5_000}))[0] == 413
        assert post(server, json.dumps({"instances": [1.0] * 5_000}), "/v1/models/none:predict")[0] == 413
        assert post(server, ROW, "/v1/models/half:classify")[0] == 400
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
        wait_for_pending(server, 0, "_claims")
        server.server.admission._max_requests = 0
        assert post(server, ROW)[0] == 503
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


def test_a_head_that_does_not_come(toy_models, running):
    with running(toy_models, receive_seconds=0.3) as server:
        for begun in (b"", b"POST /v1/models/half:predict HTTP/1.1\r\nHost: a\r\n"):
            with socket.create_connection(("127.0.0.1", server.server.rest_port), timeout=20) as slow:
                slow.sendall(begun)
                assert slow.recv(4096) == b""  # closed
        assert post(server, ROW)[0] == 200


def test_a_request_that_takes_too_long(toy_models, running):
    with running(toy_models, request_seconds=0.3) as server, blocked(server):
        status, answer = post(server, ROW)
        assert status == 504
        assert answer["error"] == "not answered within 0.3 s"


def test_a_client_that_vanishes_is_not_worked_for(toy_models, running):
    with running(toy_models) as server, Client(server.address, ClientConfig(attempts=1, request_seconds=0.3)) as client:
        with blocked(server):
            vanishing = socket.create_connection(("127.0.0.1", server.server.rest_port))
            head = f"POST /v1/models/half:predict HTTP/1.1\r\nHost: a\r\nContent-Length: {len(ROW)}\r\n\r\n"
            vanishing.sendall((head + ROW).encode())
            wait_for_pending(server, 1)
            vanishing.close()
            with pytest.raises(Exception, match=r"within 0\.3 s"):
                client.predict("half", {"x": np.ones(1, np.float32)})
            wait_for_pending(server, 0)
        page = server.server.metrics.page().decode()
        assert 'vfgan_batch_rows_count{model_name="half"}' not in page  # nothing was computed


def test_a_bug_is_told_as_an_error(toy_models, running, monkeypatch):
    with running(toy_models) as server:
        monkeypatch.setattr(server.server._app, "_info", lambda *_, **__: 1 / 0)
        connection = http.client.HTTPConnection("127.0.0.1", server.server.rest_port, timeout=20)
        connection.request("GET", "/v1/models/half")
        response = connection.getresponse()
        assert response.status == 500
        assert json.loads(response.read()) == {"error": "ZeroDivisionError: division by zero"}
        connection.close()


def test_more_connections_than_allowed(toy_models, running):
    with running(toy_models, max_connections=5) as server:
        address = ("127.0.0.1", server.server.rest_port)
        silent = [socket.create_connection(address, timeout=20) for _ in range(5)]
        time.sleep(0.2)
        with socket.create_connection(address, timeout=20) as refused:
            assert refused.recv(1) == b""  # closed
        silent[0].close()
        time.sleep(0.2)
        assert post(server, ROW)[0] == 200
        for connection in silent:
            connection.close()


def test_told_to_stop_it_answers_what_is_at_work(toy_models, running):
    with running(toy_models, stop_seconds=20) as server:
        with blocked(server) as gate, Client(server.address, ONCE) as client:
            at_work = [
                in_thread(post, server, ROW),
                in_thread(client.predict, "half", {"x": np.ones(1, np.float32)}),
            ]
            wait_for_pending(server, 2)
            server.stop()
            for _ in range(500):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.server.rest_port), 1):
                    time.sleep(0.02)
                    continue
                break
            else:
                pytest.fail("it still listens")
            gate.set()
            for thread, _ in at_work:
                thread.join(20)
        assert at_work[0][1] == [(200, {"predictions": [3.5]})]
        assert float(at_work[1][1][0]["y"][0]) == 3.5


def test_told_to_stop_it_does_not_wait_for_what_does_not_come(toy_models, running):
    with running(toy_models, stop_seconds=0.2) as server:
        (silent,) = silent_rest(server, 1)
        wait_for_pending(server, 1, "_claims")
        begun = time.monotonic()
        server.stop()
        server._thread.join(20)
        assert time.monotonic() - begun < 10
        silent.close()


def test_a_port_that_is_taken(toy_models, running):
    with running(toy_models) as server:
        for taken in ({"port": server.server.grpc_port}, {"rest_api_port": server.server.rest_port}):
            with pytest.raises(OutputError, match=r"cannot listen on 127\.0\.0\.1"), running(toy_models, **taken):
                pass


def test_settings_that_cannot_be():
    for wrong in ({"port": 70_000}, {"max_pending": 0}, {"request_seconds": -1.0}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            ServeConfig(**wrong)


def test_the_command_serves_until_sigterm(toy_models, root):
    command = [sys.executable, "-m", "pipelines.cli", "serve", "--server", "embedded"]
    command += ["--models", str(toy_models), "--port", "0", "--rest-api-port", "0"]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "serving half, text\n"
        line = process.stdout.readline()
        with Client(line.split()[1]) as client:
            assert float(client.predict("half", {"x": np.ones(1, np.float32)})["y"][0]) == 3.5
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    assert code == 0
    assert "stopping" in process.stdout.read()


def test_tensorflow_model_server_is_started_where_it_is(toy_models, tmp_path, monkeypatch, capsys):
    """A stand-in on PATH that notes how it was called."""
    from pipelines.serve import Serve
    from vfgan.serving.model_list import models_of_config

    program = tmp_path / "tensorflow_model_server"
    program.write_text(
        '#!/bin/sh\nfor a in "$@"; do echo "$a" >> "$NOTE"; done\n'
        'cp "$(echo "$3" | cut -d= -f2)" "$NOTE.models"\nexit 3\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("NOTE", str(tmp_path / "note"))
    with pytest.raises(ConfigError, match="ended with code 3"):
        Serve(models=toy_models, config=ServeConfig(port=9, rest_api_port=10)).main()
    given = (tmp_path / "note").read_text().splitlines()
    assert given[:2] == ["--port=9", "--rest_api_port=10"]
    assert [model.name for model in models_of_config(tmp_path / "note.models")] == ["half", "text"]
    assert "listens on every network" in capsys.readouterr().out


def test_tensorflow_model_server_where_it_is_not(toy_models, monkeypatch, tmp_path):
    from pipelines.serve import Serve

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="is not on PATH"):
        Serve(models=toy_models, server="tensorflow").main()
    with pytest.raises(ConfigError, match="expected one of them"):
        Serve(models=toy_models, models_config=tmp_path).main()
