"""Attacks on the embedded server: it answers or closes, goes on, and gives no wrong result.

The long one is by command: pytest -m slow tests/vfgan/serving/test_fuzz.py
"""

import contextlib
import json
import random
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2

from vfgan.serving.client import Client
from vfgan.serving.config import ClientConfig

pytestmark = pytest.mark.medium

HEAD = "POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
PREDICT = "/tensorflow.serving.PredictionService/Predict"
#: What a server may say to nonsense; anything else would be a crash.
ANSWERS = {"OK", "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "INTERNAL", "RESOURCE_EXHAUSTED"}
STATUSES = {200, 400, 404, 405, 411, 413, 431, 504, 505}
JSON_SEEDS = (
    '{"instances": [1.0, 2.0]}', '{"inputs": {"x": [1.0], "scale": [2]}, "signature_name": "both"}',
    '{"instances": [{"b64": "AAH/"}]}', '{"inputs": [[[[1e400]]]]}', "[" * 3_000, '{"inputs":' * 2_000,
    '{"instances": [' + "9" * 5_000 + "]}", '{"instances": [NaN, Infinity, -0.0, 1e-999]}', "\ufeff{}", '{"": null}',
    json.dumps({"instances": ["a" * 100_000] + [""] * 33_000}),  # 200 kB; 13 GB in an array of equally long strings
)  # fmt: skip
PATHS = (
    "/v1/models/half:predict", "/v1/models/text:predict", "/v1/models/half/versions/1:predict",
    "/v1/models/half/labels/a:predict", "/v1/models/..%2f..%2fetc%2fpasswd:predict", "/v1/models/%00:predict",
    "/v1/models/half/versions/-1:predict", "/v1/models//:predict", "/v1/models/" + "a" * 7_000 + ":predict", "*", "//",
)  # fmt: skip
#: What is put into messages: the ends of numbers, of strings, and of lengths.
INSERTED = (b"\x00", b"\xff\xff\xff", b'"', b"{", b"1e9", b"-", b"\x80\x80\x80\x10", b"\r\n")


def request():
    """A good request."""
    message = predict_pb2.PredictRequest()
    message.model_spec.name = "half"
    message.inputs["x"].CopyFrom(tf.make_tensor_proto(np.array([1.0, 2.0], np.float32)))
    return message


def changed(data, rng):
    """The same bytes with some changed, lost, doubled or put in."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        place, length = rng.randrange(len(data) + 1), rng.randint(1, 9)
        what = rng.randrange(4)
        if what == 0:
            data[place : place + length] = rng.randbytes(min(length, len(data) - place))
        elif what == 1:
            del data[place : place + length]
        elif what == 2:
            data[place:place] = data[place : place + length]
        else:
            data[place:place] = rng.choice(INSERTED)
    return bytes(data)


def exchange(port, data):
    """What a server says to bytes before it closes."""
    answer, connection = b"", socket.create_connection(("127.0.0.1", port), timeout=60)
    with connection, contextlib.suppress(ConnectionError):  # it may close while we send
        connection.sendall(data)
        while part := connection.recv(65_536):
            answer += part
    return answer


def code_of(call, data):
    """What a message is answered with: the name of the code, and the message of the answer."""
    try:
        return "OK", predict_pb2.PredictResponse.FromString(call(data, timeout=60))
    except grpc.RpcError as error:
        return error.code().name, None


def attack_grpc(server, rng, rounds):
    """Changed messages. A result that comes is that of the message as any parser reads it."""
    with grpc.insecure_channel(server.grpc) as channel:
        call = channel.unary_unary(PREDICT)
        for _ in range(rounds):
            data = changed(request().SerializeToString(), rng)
            code, answer = code_of(call, data)
            assert code in ANSWERS, data
            if code == "OK" and "y" in answer.outputs and answer.model_spec.version.value == 2:
                x = tf.make_ndarray(predict_pb2.PredictRequest.FromString(data).inputs["x"])
                np.testing.assert_array_equal(tf.make_ndarray(answer.outputs["y"]), x / 2 + 3)


def attack_rest(server, rng, rounds):
    """Changed JSON on good and bad paths, and changed heads."""
    for _ in range(rounds):
        body = rng.choice(JSON_SEEDS).encode()
        body = changed(body, rng) if rng.random() < 0.7 else body
        head = (HEAD % (rng.choice(PATHS), len(body))).encode()
        data = (changed(head, rng) if rng.random() < 0.3 else head) + body
        answer = exchange(server.rest, data)
        if answer:
            assert int(re.match(rb"HTTP/\d\.\d (\d+)", answer)[1]) in STATUSES, (data, answer)


def check_it_goes_on(server):
    """A good request gets the right answer, on both sides."""
    with Client(server.grpc, ClientConfig(request_seconds=60)) as client:
        y = client.predict("half", {"x": np.array([1.0, 2.0], np.float32)})["y"]
    np.testing.assert_array_equal(y, [3.5, 4.0])
    body = b'{"instances": [1.0, 2.0]}'
    answer = exchange(server.rest, (HEAD % (PATHS[0], len(body))).encode() + body)
    assert json.loads(answer.split(b"\r\n\r\n", 1)[1]) == {"predictions": [3.5, 4.0]}


def test_nonsense_for_a_second(toy_models, running):
    rng = random.Random(2)
    with running(toy_models, receive_seconds=0.3) as embedded:
        server = SimpleNamespace(grpc=embedded.address, rest=embedded.server.rest_port)
        attack_grpc(server, rng, 150)
        attack_rest(server, rng, 80)
        check_it_goes_on(server)
        for _ in range(200):
            if not embedded.server.admission.requests:
                break
            socket.create_connection(("127.0.0.1", server.rest)).close()
        assert (embedded.server.admission.requests, embedded.server.admission.bytes) == (0, 0)


def test_a_body_of_a_gibibyte_is_refused_by_its_length(toy_models, running):
    with running(toy_models) as embedded:
        answer = exchange(embedded.server.rest_port, (HEAD % (PATHS[0], 2**30)).encode())
        assert answer.startswith(b"HTTP/1.1 413")


@pytest.fixture
def process(toy_models, root):
    """A server in a process of its own, whose memory can be read."""
    command = [sys.executable, "-m", "pipelines.cli", "serve", "--server", "embedded", "--models", str(toy_models)]
    command += ["--port", "0", "--rest-api-port", "0", "--receive-seconds", "5", "--max-pending-mb", "128"]
    server = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    server.stdout.readline()
    words = server.stdout.readline().split()
    yield SimpleNamespace(grpc=words[1], rest=int(words[3].rsplit(":", 1)[1]), pid=server.pid, poll=server.poll)
    server.send_signal(signal.SIGTERM)
    assert server.wait(60) == 0


def memory_mib(pid):
    """Resident memory of a process."""
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def stream(port, mebibytes):
    """Sends a chunked body of this size, or as much of it as the server takes before it closes."""
    head = f"POST {PATHS[0]} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    block = b"%x\r\n" % 2**20 + b"1" * 2**20 + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection, contextlib.suppress(OSError):
        connection.sendall(head.encode())
        for _ in range(mebibytes):
            connection.sendall(block)


@contextlib.contextmanager
def untaken(address, count):
    """So many requests for answers of 16 MB that nobody takes."""
    message = request()
    message.inputs["x"].CopyFrom(tf.make_tensor_proto(np.ones(4_000_000, np.float32)))
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]
    with contextlib.ExitStack() as open_:
        for _ in range(count):
            channel = open_.enter_context(grpc.insecure_channel(address, options=options))
            channel.stream_stream(PREDICT)(iter([message.SerializeToString()]), timeout=60)
            time.sleep(0.1)
        yield


@pytest.mark.slow
def test_a_long_attack(process):
    """Silent connections, endless bodies, answers that nobody takes, clients that vanish, nonsense: memory stays."""
    rng = random.Random(2)
    check_it_goes_on(process)
    attack_grpc(process, rng, 200)
    attack_rest(process, rng, 200)
    before = memory_mib(process.pid)
    silent = [socket.create_connection(("127.0.0.1", process.rest), timeout=20) for _ in range(500)]
    check_it_goes_on(process)
    for number, connection in enumerate(silent):
        with contextlib.suppress(OSError):
            connection.sendall((HEAD % (PATHS[0], 99_999)).encode()[: 7 * number])
        if number % 3:
            connection.close()
    check_it_goes_on(process)
    stream(process.rest, 1024)  # more than 64 are thrown away
    assert memory_mib(process.pid) - before < 250
    with untaken(process.grpc, 64):  # 1 GB
        check_it_goes_on(process)
        assert memory_mib(process.pid) - before < 500  # of 128 MiB each message is held by gRPC, too
    attack_grpc(process, rng, 4_000)
    attack_rest(process, rng, 2_000)
    for connection in silent:
        connection.close()
    check_it_goes_on(process)
    assert process.poll() is None
    assert memory_mib(process.pid) - before < 250  # MiB; a request may hold 64
