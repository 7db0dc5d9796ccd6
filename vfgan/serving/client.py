"""Asks a server that speaks TF Serving's gRPC: `vfgan serve`, or TF Serving itself."""

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from vfgan.config.checks import in_address
from vfgan.errors import ConfigError, SchemaError, ServerError
from vfgan.serving.config import ClientConfig, ServeConfig
from vfgan.serving.tensors import write_proto

#: The signature that returns a model's card: see `vfgan.savedmodel.signatures.GeneratorServing`.
CONTRACT = "contract"
_INTERNAL = "__saved_model_init_op"
_HTTP1 = "http1"  # in what gRPC says of a server that speaks only that
#: gRPC's message for too many calls at once. Too large messages get the same code, but not this message.
_TOO_MANY = "Concurrent RPC limit"


class Client:
    """A connection to a server, opened with the first request. Threads may share it.

    Args:
        address: host:port of gRPC; a URL's scheme and path are left out, and without a port it is `ServeConfig`'s.
        config: deadline and retries; None uses the defaults.
    """

    def __init__(self, address: str, config: ClientConfig | None = None):
        self.address = grpc_address(address)
        self.config = config or ClientConfig()
        options = {
            "grpc.max_receive_message_length": -1,
            "grpc.max_send_message_length": -1,
            # pause between two attempts to connect; until then requests fail without being sent
            "grpc.initial_reconnect_backoff_ms": 100,
            "grpc.max_reconnect_backoff_ms": round(1000 * self.config.longest_pause_seconds),
        }  # fmt: skip
        self._channel = grpc.insecure_channel(self.address, options=list(options.items()))
        self._prediction = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(self._channel)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self._channel.close()

    def predict(
        self,
        model: str,
        inputs: Mapping[str, np.ndarray],
        *,
        signature: str = "serving_default",
        version: int | None = None,
    ) -> dict[str, np.ndarray]:
        """Computes the outputs of a model's signature.

        Args:
            inputs: name -> array of the signature's type and shape.
            version: None lets the server choose, usually the newest.
        Raises:
            ServerError: the server is down, busy, too slow, or fails.
            SchemaError: it has no such model, version or signature, or refuses the inputs.
        """
        request = predict_pb2.PredictRequest(model_spec=_spec(model, version, signature))
        for name, value in inputs.items():
            write_proto(value, request.inputs[name])
        answer = self._ask(self._prediction.Predict, request)
        return {name: tf.make_ndarray(value) for name, value in answer.outputs.items()}

    def signatures(self, model: str, version: int | None = None) -> tuple[int, dict]:
        """(version, signature name -> SignatureDef) of a model; raises as `predict`."""
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=_spec(model, version), metadata_field=["signature_def"]
        )
        answer = self._ask(self._prediction.GetModelMetadata, request)
        found = get_model_metadata_pb2.SignatureDefMap()
        answer.metadata["signature_def"].Unpack(found)
        return answer.model_spec.version.value, {
            name: spec for name, spec in found.signature_def.items() if name != _INTERNAL
        }

    def states(self, model: str) -> dict[int, str]:
        """Version -> START, LOADING, AVAILABLE, UNLOADING or END; raises as `predict`."""
        request = get_model_status_pb2.GetModelStatusRequest(model_spec=_spec(model))
        name = get_model_status_pb2.ModelVersionStatus.State.Name
        answer = self._ask(self._models.GetModelStatus, request)
        return {status.version: name(status.state) for status in answer.model_version_status}

    def load(self, model: str) -> tuple["RemoteModel", dict]:
        """Loads a model of the server, as `load_model` does from a folder: for `VoiceFace(load=client.load)`.

        Returns:
            (the model, whose `signatures` are callable; its card from the contract, {} if it has none).
        """
        version, signatures = self.signatures(model)
        loaded = RemoteModel(self, model, version, tuple(signatures))
        if CONTRACT not in signatures:
            return loaded, {}
        return loaded, json.loads(self.predict(model, {}, signature=CONTRACT, version=version)[CONTRACT].item())

    def _ask(self, call: Callable, request):
        """Sends a request, and repeats it while the server is down or busy."""
        for attempt in range(1, self.config.attempts + 1):
            try:
                return call(request, timeout=self.config.request_seconds)
            except ValueError as error:  # gRPC's, of a channel that was closed
                raise ServerError(f"the connection to {self.address} was closed: make another Client") from error
            except grpc.RpcError as error:
                if not _may_pass(error) or attempt == self.config.attempts:
                    raise self._told(error, request.model_spec, attempt) from error
            pause = min(self.config.longest_pause_seconds, self.config.first_pause_seconds * 2 ** (attempt - 1))
            time.sleep(pause * random.uniform(0.5, 1.0))  # clients refused together should not return together
        raise AssertionError("the last attempt returns or raises")

    def _told(self, error: grpc.RpcError, spec: model_pb2.ModelSpec, attempts: int) -> Exception:
        """The error for the user."""
        code, details, address = error.code().name, error.details() or "", self.address
        model = f"{spec.name} {spec.version.value}" if spec.HasField("version") else spec.name
        if code == "UNAVAILABLE" and _HTTP1 in details:
            return ServerError(f"{address} speaks HTTP/1: give the port of gRPC ({ServeConfig.port}), not that of REST")
        if _may_pass(error) and any(word in details for word in ("busy", "queue", _TOO_MANY)):
            return ServerError(f"the server at {address} is busy ({attempts} attempts): try again later ({details})")
        if code == "UNAVAILABLE":
            return ServerError(
                f"no server answers at {address} ({attempts} attempts): start one with `vfgan serve` ({details})"
            )
        if code == "DEADLINE_EXCEEDED":
            return ServerError(f"the server at {address} did not answer within {self.config.request_seconds:g} s")
        if code == "UNIMPLEMENTED":
            return ServerError(f"the server at {address} does not speak TF Serving's protocol: {details}")
        if code in ("NOT_FOUND", "FAILED_PRECONDITION"):
            return SchemaError(
                f"the server at {address} does not have this model, version or signature: {model}: {details}"
            )
        if code == "INVALID_ARGUMENT":
            return SchemaError(f"{model} at {address} refuses the request: {details}")
        return ServerError(f"the server at {address} failed: {code}: {details}")


class RemoteModel:
    """One version of a model on a server.

    Args:
        client: connection to the server.
        name: name of the model.
        version: version of every request, so that one video never mixes two versions.
        signatures: names of the signatures.
    """

    def __init__(self, client: Client, name: str, version: int, signatures: tuple[str, ...]):
        self.name, self.version = name, version
        self.signatures = _RemoteSignatures(client, self, signatures)


class _RemoteSignatures(Mapping):
    """Signature name -> a function of tensors, as in a loaded SavedModel."""

    def __init__(self, client: Client, model: RemoteModel, names: tuple[str, ...]):
        self._client, self._model, self._names = client, model, names

    def __getitem__(self, name: str) -> Callable[..., dict[str, tf.Tensor]]:
        if name not in self._names:
            raise KeyError(name)

        def call(**inputs: tf.Tensor) -> dict[str, tf.Tensor]:
            arrays = {key: value.numpy() for key, value in inputs.items()}
            outputs = self._client.predict(self._model.name, arrays, signature=name, version=self._model.version)
            return {key: tf.constant(value) for key, value in outputs.items()}

        return call

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def grpc_address(text: str) -> str:
    """host:port of what a person writes.

    >>> grpc_address("http://example.org:8500/v1"), grpc_address("localhost"), grpc_address("::1")
    ('example.org:8500', 'localhost:8500', '[::1]:8500')

    Raises:
        ConfigError: there is no host in it.
    """
    host = re.sub(r"(?i)^(https?|grpcs?)://", "", text.strip()).split("/")[0]
    if text.startswith(("unix:", "dns:")):  # gRPC's own
        return text
    if re.fullmatch(r"(\[[^]]+\]|[^:]+):\d+", host):
        return host
    if not host.strip(":"):
        raise ConfigError(f"server: expected host:port of gRPC, got {text!r}")
    plain = host.rstrip(":").strip("[]")
    return f"{in_address(plain)}:{ServeConfig.port}"


def _may_pass(error: grpc.RpcError) -> bool:
    """Whether the same request may succeed a little later: the server is down or busy."""
    if _HTTP1 in (error.details() or ""):
        return False  # the port of REST: it will not learn gRPC
    too_many = error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and _TOO_MANY in (error.details() or "")
    return too_many or error.code() == grpc.StatusCode.UNAVAILABLE


def _spec(model: str, version: int | None = None, signature: str = "") -> model_pb2.ModelSpec:
    spec = model_pb2.ModelSpec(name=model, signature_name=signature)
    if version is not None:
        spec.version.value = version
    return spec
