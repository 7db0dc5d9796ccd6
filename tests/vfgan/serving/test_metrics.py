"""What is counted."""

import json
import re

import grpc
import pytest

from tests.vfgan.serving.silent_clients import silent_rest

pytestmark = pytest.mark.medium

ROW = json.dumps({"instances": [1.0]})


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
