"""Clients that are slow, silent or too much for the embedded server."""

import json
import time

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2

from tests.vfgan.serving.silent_clients import silent_rest
from vfgan.errors import ServerError
from vfgan.serving.client import Client
from vfgan.serving.config import ClientConfig

pytestmark = pytest.mark.medium

ONCE = ClientConfig(attempts=1, request_seconds=20)
ROW = json.dumps({"instances": [1.0]})


def test_clients_that_send_no_body_keep_nobody_out(toy_models, running):
    with running(toy_models, stop_seconds=0.1) as server:
        silent = silent_rest(server, 100)
        server.wait_for_pending(100, "_claims")
        assert server.post(ROW) == (200, {"predictions": [3.5]})
        for connection in silent:
            connection.close()
        server.wait_for_pending(0, "_claims")


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


def test_told_to_stop_it_does_not_wait_for_what_does_not_come(toy_models, running):
    with running(toy_models, stop_seconds=0.2) as server:
        (silent,) = silent_rest(server, 1)
        server.wait_for_pending(1, "_claims")
        begun = time.monotonic()
        server.stop()
        server._thread.join(20)
        assert time.monotonic() - begun < 10
        silent.close()
