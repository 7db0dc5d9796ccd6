"""TF Serving's PredictionService and ModelService over gRPC, and gRPC's health service.

Methods with one message and one answer are registered as streams, which is the same on the wire. So the server sees a
request before its message has arrived, and when the client has read its answer. It can limit both.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence

import grpc
from google.protobuf.message import DecodeError, Message
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, predict_pb2

from vfgan.serving.admission import Admission, Claim
from vfgan.serving.failures import RequestFailed
from vfgan.serving.model_info import metadata_response, status_response
from vfgan.serving.predictor import LIGHT_BYTES, Answer, Asked, Predictor
from vfgan.serving.servable import Signature
from vfgan.serving.tensors import to_array, write_proto

_FEW_NAMES = 16  # of inputs or outputs
#: Messages that arrive within this time are not limited in number: the network brings few bytes in it. Slower ones are,
#: because each may hold the memory of the largest message.
_PROMPT_SECONDS = 1.0
#: gRPC drops too large messages and cancels the request a moment later. A request without message waits this long.
_CANCEL_SECONDS = 0.1
PREDICTION_SERVICE, MODEL_SERVICE = "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService"


class GrpcService:
    """The handlers of gRPC requests.

    Args:
        predictor: computes the answers.
        admission: limits requests and bytes.
        max_bytes: largest tensor, bytes.
        receive_seconds: time for a request to arrive, seconds.
        max_slow: most requests at a time that take longer than a second to arrive.
    """

    def __init__(
        self, predictor: Predictor, admission: Admission, max_bytes: int, receive_seconds: float, max_slow: int
    ):
        self._predictor, self._admission = predictor, admission
        self._max_bytes, self._receive_seconds = max_bytes, receive_seconds
        self._max_slow = max_slow
        self._slow = 0

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        """For `grpc.aio.Server.add_generic_rpc_handlers`."""
        predict = self._handler(predict_pb2.PredictRequest, self._predict)
        metadata = self._handler(get_model_metadata_pb2.GetModelMetadataRequest, self._metadata)
        status = self._handler(get_model_status_pb2.GetModelStatusRequest, self._status)
        return [
            grpc.method_handlers_generic_handler(
                PREDICTION_SERVICE, {"Predict": predict, "GetModelMetadata": metadata}
            ),
            grpc.method_handlers_generic_handler(MODEL_SERVICE, {"GetModelStatus": status}),
        ]

    def _handler(self, kind: type[Message], answer: Callable[..., Awaitable[bytes]]) -> grpc.RpcMethodHandler:
        async def handle(messages, context: grpc.aio.ServicerContext) -> None:
            model = None
            try:
                with self._admission.request() as claim:
                    request = await self._receive(kind, messages, claim)
                    model = asked(request)
                    await self._send(await answer(model, request, context), context, claim)
            except RequestFailed as error:
                if model is None:  # later failures are counted by the predictor
                    self._predictor.refused(error.code.name)
                await context.abort(error.code, error.message)
            except asyncio.CancelledError:  # the client has gone, or gRPC has refused a too large message
                if model is None:
                    self._predictor.refused("CANCELLED")
                raise

        return grpc.stream_stream_rpc_method_handler(handle)  # without serializers: bytes in, bytes out

    async def _receive(self, kind: type[Message], messages, claim: Claim) -> Message:
        data = await self._message(messages)
        if data is None:
            await asyncio.sleep(_CANCEL_SECONDS)
            raise RequestFailed("INTERNAL", "the request has no message")
        claim.add(len(data))
        claim.arrived()
        try:
            if len(data) <= LIGHT_BYTES:
                return kind.FromString(data)
            return await asyncio.to_thread(kind.FromString, data)
        except DecodeError as error:
            raise RequestFailed("INTERNAL", f"the message is not a {kind.DESCRIPTOR.full_name}: {error}") from error

    async def _message(self, messages) -> bytes | None:
        """Waits for the first message. gRPC buffers a partial message and does not tell its size."""
        prompt = min(_PROMPT_SECONDS, self._receive_seconds)
        coming = asyncio.ensure_future(anext(messages, None))
        try:
            if (await asyncio.wait({coming}, timeout=prompt))[0]:
                return coming.result()
            with self._slowly():
                return await asyncio.wait_for(coming, self._receive_seconds - prompt)
        except TimeoutError as error:
            raise RequestFailed(
                "DEADLINE_EXCEEDED", f"the request did not arrive within {self._receive_seconds:g} s"
            ) from error
        finally:
            coming.cancel()

    async def _send(self, data: bytes, context, claim: Claim) -> None:
        """Sends the answer. Its bytes count until the client has read it, its place at most `receive_seconds`."""
        claim.becomes(len(data))
        sent = asyncio.ensure_future(context.write(data))
        try:
            if not (await asyncio.wait({sent}, timeout=self._receive_seconds))[0]:
                claim.leave_place()
            await sent
        finally:
            sent.cancel()

    @contextlib.contextmanager
    def _slowly(self) -> Iterator[None]:
        if self._slow >= self._max_slow:
            raise RequestFailed("UNAVAILABLE", f"busy: {self._slow} requests arrive slowly; try again later")
        self._slow += 1
        try:
            yield
        finally:
            self._slow -= 1

    async def _predict(self, model: Asked, request: predict_pb2.PredictRequest, context) -> bytes:
        return await self._predictor.predict(
            model,
            _GrpcExchange(request, self._max_bytes),
            entry="GRPC",
            seconds_left=context.time_remaining(),
        )

    async def _metadata(self, model: Asked, request: get_model_metadata_pb2.GetModelMetadataRequest, context) -> bytes:
        if not request.metadata_field:
            raise RequestFailed("INVALID_ARGUMENT", "GetModelMetadataRequest must specify at least one metadata_field")
        for field in request.metadata_field:
            if field != "signature_def":
                raise RequestFailed("INVALID_ARGUMENT", f"Metadata field {field} is not supported")
        return metadata_response(self._predictor.models, model).SerializeToString()

    async def _status(self, model: Asked, request: get_model_status_pb2.GetModelStatusRequest, context) -> bytes:
        return status_response(self._predictor.models, model).SerializeToString()


class _GrpcExchange:
    """A PredictRequest and its answer."""

    def __init__(self, request: predict_pb2.PredictRequest, max_bytes: int):
        self._request, self._max_bytes = request, max_bytes
        # a short message may still be expensive: values repeated to fill a shape, or thousands of names
        self.light = (
            len(request.inputs) <= _FEW_NAMES
            and len(request.output_filter) <= _FEW_NAMES
            and request.ByteSize() <= LIGHT_BYTES  # before the contents, because reading those copies them
            and all(proto.tensor_content for proto in request.inputs.values())
        )

    def read(self, resolve):
        servable, signature = resolve(self._request.model_spec.signature_name)
        _check_filter(signature, self._request.output_filter)
        arrays = {name: to_array(name, proto, self._max_bytes) for name, proto in self._request.inputs.items()}
        return servable, signature, arrays

    def write(self, answer: Answer) -> bytes:
        response = predict_pb2.PredictResponse()
        response.model_spec.name, response.model_spec.signature_name = answer.name, answer.signature
        response.model_spec.version.value = answer.version
        for name in self._request.output_filter or answer.outputs:
            write_proto(answer.outputs[name], response.outputs[name])
        return response.SerializeToString()


def asked(request: Message) -> Asked:
    """Reads which model a request names.

    Raises:
        RequestFailed: INVALID_ARGUMENT: it names none.
    """
    if not request.HasField("model_spec"):
        raise RequestFailed("INVALID_ARGUMENT", "Missing ModelSpec")
    spec = request.model_spec
    return Asked(spec.name, spec.version.value if spec.HasField("version") else None, spec.version_label)


def _check_filter(signature: Signature, output_filter: Sequence[str]) -> None:
    there = sorted(signature.spec.outputs)
    for alias in output_filter:
        if alias not in there:
            raise RequestFailed(
                "INVALID_ARGUMENT",
                f"output tensor alias not found in signature: {alias} Outputs expected to be in the set "
                f"{{{','.join(there)}}}.",
            )
    if len(set(output_filter)) < len(output_filter):
        raise RequestFailed("INVALID_ARGUMENT", f"duplicate output tensor alias: {output_filter[0]}")
