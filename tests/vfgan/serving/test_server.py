"""The embedded server's limits, and how it ends."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.vfgan.serving.blocking import blocked, in_thread
from vfgan.errors import OutputError
from vfgan.serving.client import Client
from vfgan.serving.config import ClientConfig

ONCE = ClientConfig(attempts=1, request_seconds=20)
ROW = json.dumps({"instances": [1.0]})


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


@pytest.mark.medium
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
