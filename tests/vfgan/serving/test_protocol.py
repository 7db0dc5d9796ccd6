"""TF Serving's protocol: protocol.json holds requests and the answers to expect, of whichever server there is."""

import http.client
import json
import os
import re
import socket
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from vfgan.serving.config import ServeConfig
from vfgan.serving.model_list import models_of_config
from vfgan.serving.native import find_native, native_command

CASES = {case["name"]: case for case in json.loads((Path(__file__).parent / "protocol.json").read_text())}
METHODS = {
    "Predict": (prediction_service_pb2_grpc.PredictionServiceStub, predict_pb2.PredictRequest),
    "GetModelMetadata": (
        prediction_service_pb2_grpc.PredictionServiceStub,
        get_model_metadata_pb2.GetModelMetadataRequest,
    ),
    "GetModelStatus": (model_service_pb2_grpc.ModelServiceStub, get_model_status_pb2.GetModelStatusRequest),
    "Check": (health_pb2_grpc.HealthStub, health_pb2.HealthCheckRequest),
}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_until_available(rest_port):
    for _ in range(300):
        try:
            if ask(rest_port, "GET", "/v1/models/text")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail("tensorflow_model_server does not become available")


@pytest.fixture(scope="module", params=["embedded", "tensorflow_model_server", "running"])
def server(request, toy_models, running, tmp_path_factory):
    """Addresses of a server of the toy models: ours, TF Serving's, or one that runs already (deploy/smoke_test.sh)."""
    if request.param == "running":
        if "VFGAN_SERVING" not in os.environ:
            pytest.skip("VFGAN_SERVING does not name a running server: deploy/smoke_test.sh starts one in Docker")
        address, rest = os.environ["VFGAN_SERVING"].split(",")
        wait_until_available(int(rest))
        yield SimpleNamespace(grpc=address, rest=int(rest))
        return
    models = models_of_config(toy_models / "models.config")
    if request.param == "embedded":
        with running(models) as embedded:
            yield SimpleNamespace(grpc=embedded.address, rest=embedded.server.rest_port)
        return
    if find_native() is None:
        pytest.skip("tensorflow_model_server is not on PATH")
    grpc_port, rest_port = free_port(), free_port()
    config = ServeConfig(port=grpc_port, rest_api_port=rest_port)
    process = subprocess.Popen(native_command(tmp_path_factory.mktemp("native"), models, config))
    try:
        wait_until_available(rest_port)
        yield SimpleNamespace(grpc=f"127.0.0.1:{grpc_port}", rest=rest_port)
    finally:
        process.terminate()
        process.wait(30)


def ask(port, method, path, body=None):
    """Status and body, of a path that is sent as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, text


def holds(answer, wanted):
    """Whether an answer has at least these fields."""
    if isinstance(wanted, dict):
        return all(key in answer and holds(answer[key], value) for key, value in wanted.items())
    return answer == wanted


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "rest" in case])
def test_rest(server, name):
    case = CASES[name]
    method, path = case["rest"].split()
    body = case["text"] if "text" in case else json.dumps(case["body"]) if "body" in case else None
    status, text = ask(server.rest, method, path, body)
    assert status == case["status"], text
    if "answer" in case:
        assert json.loads(text) == case["answer"]
    if "holds" in case:
        assert holds(json.loads(text), case["holds"]), text
    if "error" in case:
        assert re.search(case["error"], json.loads(text)["error"]), text


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "grpc" in case])
def test_grpc(server, name):
    case = CASES[name]
    stub, kind = METHODS[case["grpc"]]
    request = text_format.Parse(case["request"], kind())
    with grpc.insecure_channel(server.grpc) as channel:
        call = getattr(stub(channel), case["grpc"])
        if case["code"] != "OK":
            with pytest.raises(grpc.RpcError) as error:
                call(request, timeout=20)
            assert error.value.code().name == case["code"], error.value.details()
            assert re.search(case.get("error", ""), error.value.details())
            return
        check_answer(call(request, timeout=20), case)


def check_answer(answer, case):
    if "outputs" in case:
        assert set(answer.outputs) == set(case["outputs"])
        for key, values in case["outputs"].items():
            values = [value.encode() if isinstance(value, str) else value for value in values]
            np.testing.assert_array_equal(tf.make_ndarray(answer.outputs[key]), values)
    if "version" in case:
        assert answer.model_spec.version.value == case["version"]
    if "signature" in case:
        assert answer.model_spec.signature_name == case["signature"]
    if "signatures" in case:
        signatures = get_model_metadata_pb2.SignatureDefMap()
        assert answer.metadata["signature_def"].Unpack(signatures)
        assert set(case["signatures"]) <= set(signatures.signature_def)
    if "states" in case:
        states = get_model_status_pb2.ModelVersionStatus.State
        found = {str(status.version): states.Name(status.state) for status in answer.model_version_status}
        assert found == case["states"]
    if case["grpc"] == "Check":
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_metrics(server):
    """In Prometheus' format, with TF Serving's name of the number of requests."""
    ask(server.rest, "POST", "/v1/models/half:predict", '{"instances": [1.0]}')
    status, text = ask(server.rest, "GET", "/monitoring/prometheus/metrics")
    assert status == 200
    assert re.search(rb'^:tensorflow:serving:request_count\{.*model_name="half".*\} [1-9]', text, re.MULTILINE)
