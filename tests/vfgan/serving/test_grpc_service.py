"""gRPC: claims of tensors that are not there, and streams that send nothing."""

import contextlib
import threading
import time

import grpc
import numpy as np
import pytest
from tensorflow_serving.apis import predict_pb2

from vfgan.serving import grpc_service
from vfgan.serving.client import Client
from vfgan.serving.config import ClientConfig


def test_a_claim_of_a_large_tensor_takes_no_memory(toy_models, running):
    """A shape of 10^12 values in a message of a few bytes."""
    from tensorflow_serving.apis import prediction_service_pb2_grpc

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


ONCE = ClientConfig(attempts=1, request_seconds=20)


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
        told = time.monotonic() + 10.0
        while sum(call.done() for call in calls) < 92 and time.monotonic() < told:  # the answers are on their way
            time.sleep(0.01)
        refused = [call.code() for call in calls if call.done()]
        assert refused == [grpc.StatusCode.UNAVAILABLE] * 92
