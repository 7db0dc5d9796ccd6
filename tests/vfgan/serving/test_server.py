"""The embedded server's limits, and how it ends."""

import contextlib
import http.client
import json
import os
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


def in_thread(function, *arguments):
    """A thread, and the list that its result will be in."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function(*arguments)))
    thread.start()
    return thread, results


def test_what_is_too_many_is_told_so_at_once(toy_models, running):
    with running(toy_models, max_pending=2) as server, Client(server.address, ONCE) as client:
        with blocked(server):
            threads = [in_thread(server.post, ROW) for _ in range(2)]
            server.wait_for_pending(2)
            assert server.post(ROW)[0] == 503
            with pytest.raises(Exception, match=r"is busy \(1 attempts\)"):
                client.predict("half", {"x": np.ones(1, np.float32)})
        for thread, results in threads:
            thread.join()
            assert results == [(200, {"predictions": [3.5]})]
        server.wait_for_pending(0)
        assert server.post(ROW)[0] == 200


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


def test_all_bodies_together_are_bounded(toy_models, running):
    with running(toy_models, max_pending_mb=0.03) as server:
        body = json.dumps({"instances": [1.0] * 4_000})  # 20 kB
        with blocked(server):
            thread, results = in_thread(server.post, body)
            server.wait_for_pending(1)
            for _ in range(100):
                if server.server.admission.bytes == len(body):
                    break
                time.sleep(0.02)
            assert server.post(body)[0] == 503
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


def test_a_request_that_takes_too_long(toy_models, running):
    with running(toy_models, request_seconds=0.3) as server, blocked(server):
        status, answer = server.post(ROW)
        assert status == 504
        assert answer["error"] == "not answered within 0.3 s"


def test_a_client_that_vanishes_is_not_worked_for(toy_models, running):
    with running(toy_models) as server, Client(server.address, ClientConfig(attempts=1, request_seconds=0.3)) as client:
        with blocked(server):
            vanishing = socket.create_connection(("127.0.0.1", server.server.rest_port))
            head = f"POST /v1/models/half:predict HTTP/1.1\r\nHost: a\r\nContent-Length: {len(ROW)}\r\n\r\n"
            vanishing.sendall((head + ROW).encode())
            server.wait_for_pending(1)
            vanishing.close()
            with pytest.raises(Exception, match=r"within 0\.3 s"):
                client.predict("half", {"x": np.ones(1, np.float32)})
            server.wait_for_pending(0)
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
        assert server.post(ROW)[0] == 200
        for connection in silent:
            connection.close()


def test_told_to_stop_it_answers_what_is_at_work(toy_models, running):
    with running(toy_models, stop_seconds=20) as server:
        with blocked(server) as gate, Client(server.address, ONCE) as client:
            at_work = [
                in_thread(server.post, ROW),
                in_thread(client.predict, "half", {"x": np.ones(1, np.float32)}),
            ]
            server.wait_for_pending(2)
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


def test_it_listens_on_ipv6(toy_models, running):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with running(toy_models, host="::1") as server, Client(f"[::1]:{server.server.grpc_port}", ONCE) as client:
        assert client.predict("half", {"x": np.ones(1, np.float32)})["y"].tolist() == [3.5]
        connection = http.client.HTTPConnection("::1", server.server.rest_port, timeout=20)
        connection.request("GET", "/v1/models/half")
        assert connection.getresponse().status == 200
        connection.close()


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
    from pipelines.commands.serve import Serve
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
    from pipelines.commands.serve import Serve

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="is not on PATH"):
        Serve(models=toy_models, server="tensorflow").main()
    with pytest.raises(ConfigError, match="expected only one of them"):
        Serve(models=toy_models, models_config=tmp_path).main()
