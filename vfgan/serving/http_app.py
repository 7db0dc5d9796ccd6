"""Answers TF Serving's REST paths and the page of metrics."""

import asyncio
import contextlib
import logging
import re
from urllib.parse import unquote

from aiohttp import web
from google.protobuf import json_format
from google.protobuf.message import Message
from tensorflow_serving.apis import get_model_metadata_pb2

from vfgan.serving import metrics as metrics_module
from vfgan.serving.admission import Admission, Claim
from vfgan.serving.failures import RequestFailed
from vfgan.serving.json_tensors import error_body, parse_body, read_inputs, write_outputs
from vfgan.serving.metrics import Metrics
from vfgan.serving.model_info import metadata_response, status_response
from vfgan.serving.predictor import Answer, Asked, Predictor

_log = logging.getLogger(__name__)
_MODEL = r"(?i)/v1/models/([^/:]+)(?:/versions/(\d+)|/labels/([^/:]+))?"
_PREDICT = re.compile(_MODEL + r":predict")
_INFO = re.compile(_MODEL + r"(/metadata)?")
_LARGEST_VERSION = 2**63 - 1


class TooLarge(RequestFailed):
    """The body is larger than the limit."""

    http_status = 413


class HttpApp:
    """The handlers of REST requests.

    Args:
        predictor: computes the answers.
        admission: limits requests and bytes.
        metrics: counters for their page.
        max_bytes: largest body, bytes.
        transfer_seconds: time for a request to arrive, and for the client to read its answer, seconds.
        cors_origins: whose pages a browser lets read the answers; "*" is all.
    """

    def __init__(
        self, predictor: Predictor, admission: Admission, metrics: Metrics, max_bytes: int, transfer_seconds: float,
        cors_origins: tuple[str, ...] = (),
    ):  # fmt: skip
        self._predictor, self._admission, self._metrics = predictor, admission, metrics
        self._max_bytes, self._transfer_seconds = max_bytes, transfer_seconds
        self._cors_origins = cors_origins
        self.closing = False  #: close each connection after its answer

    def application(self) -> web.Application:
        """The application for aiohttp."""
        app = web.Application()
        for path in metrics_module.PATHS:
            app.router.add_get(path, self._page)
        app.router.add_route("*", "/v1/{path:.*}", self._answer)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        return web.Response(
            body=self._metrics.page(), headers={"Content-Type": metrics_module.CONTENT_TYPE, "Connection": "close"}
        )

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """Answers every request in TF Serving's JSON, errors included."""
        path = request.raw_path.split("?")[0]
        if request.method == "OPTIONS" and self._allowed(request):
            return await self._send(request, web.Response(status=204))
        try:
            if request.method == "POST" and (match := _PREDICT.fullmatch(path)):
                return await self._predicted(request, _asked(match))
            if request.method == "GET" and (match := _INFO.fullmatch(path)):
                return await self._send(request, _json(self._info(_asked(match), metadata=bool(match[4]))))
            raise RequestFailed("INVALID_ARGUMENT", f"Malformed request: {request.method} {path[:200]}")
        except RequestFailed as error:
            if request.method != "GET":
                self._predictor.refused(error.code.name)
            return await self._send(request, _failure(error))
        except Exception as error:  # a bug: the client gets an error, the log the traceback
            _log.exception("%s %s", request.method, path[:200])
            return await self._send(request, _failure(RequestFailed("INTERNAL", f"{type(error).__name__}: {error}")))

    async def _predicted(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        exchange = None
        with contextlib.ExitStack() as held:  # until the client has read the answer
            try:
                claim = held.enter_context(self._admission.request())
                exchange = _RestExchange(await self._receive(request, claim))
                response = _json(await self._predictor.predict(asked, exchange, entry="REST"))
            except RequestFailed as error:
                if exchange is None:  # later failures are counted by the predictor
                    self._predictor.refused(error.code.name, asked.name)
                response = _failure(error)
            except asyncio.CancelledError:  # the client has gone
                if exchange is None:
                    self._predictor.refused("CANCELLED", asked.name)
                raise
            return await self._send(request, response)

    async def _receive(self, request: web.Request, claim: Claim) -> bytes:
        """Reads the body. Its bytes count as they arrive; the request counts once it is complete."""
        too_large = TooLarge("RESOURCE_EXHAUSTED", f"the body is larger than {self._max_bytes} bytes")
        if (request.content_length or 0) > self._max_bytes:
            raise too_large
        parts, size = [], 0
        try:
            async with asyncio.timeout(self._transfer_seconds):
                async for part in request.content.iter_any():
                    size += len(part)
                    if size > self._max_bytes:
                        raise too_large
                    claim.add(len(part))
                    parts.append(part)
        except TimeoutError as error:
            raise RequestFailed(
                "DEADLINE_EXCEEDED", f"the request did not arrive within {self._transfer_seconds:g} s"
            ) from error
        except web.RequestPayloadError as error:
            raise RequestFailed("INVALID_ARGUMENT", f"the body cannot be read: {error}") from error
        claim.arrived()
        return b"".join(parts)

    def _info(self, asked: Asked, metadata: bool) -> bytes:
        """The state of the versions, or the signatures of one version."""
        models = self._predictor.models
        if not metadata:
            return _message(status_response(models, asked)).encode()
        response = metadata_response(models, asked)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response.metadata["signature_def"].Unpack(signatures)
        told = f'"signature_def": {_message(signatures)}'  # an Any would be written with its type's URL
        return f'{{"model_spec": {_message(response.model_spec)}, "metadata": {{{told}}}}}'.encode()

    def _allowed(self, request: web.Request) -> dict[str, str]:
        """Headers by which a browser lets a page read the answer; none where its origin is not let in."""
        origin = request.headers.get("Origin", "")
        if not origin or not {"*", origin} & set(self._cors_origins):
            return {}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": request.headers.get("Access-Control-Request-Headers", "Content-Type"),
            "Access-Control-Max-Age": "600",
            "Vary": "Origin",
        }

    async def _send(self, request: web.Request, response: web.Response) -> web.StreamResponse:
        """Sends the answer. It drops a client that does not read it in time."""
        response.headers.update(self._allowed(request))
        if self.closing:
            response.force_close()
        try:
            async with asyncio.timeout(self._transfer_seconds):
                await response.prepare(request)
                await response.write_eof()
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError as error:
            _log.debug("%s has gone: %s", request.remote, error)
        return response


class _RestExchange:
    """The body of a request and that of its answer."""

    light = False  # parsing JSON is slow

    def __init__(self, body: bytes):
        self._body = body
        self._columnar = False

    def read(self, resolve):
        request, self._body = parse_body(self._body), b""
        self._columnar = request.columnar
        servable, signature = resolve(request.signature_name)
        return servable, signature, read_inputs(request, signature)

    def write(self, answer: Answer) -> bytes:
        return write_outputs(answer.outputs, columnar=self._columnar)


def _asked(match: re.Match) -> Asked:
    """Reads which model a path names."""
    if match[2] and (len(match[2]) > 19 or int(match[2]) > _LARGEST_VERSION):
        raise RequestFailed("INVALID_ARGUMENT", f"Failed to convert version: {match[2][:40]} to numeric.")
    return Asked(unquote(match[1]), int(match[2]) if match[2] else None, unquote(match[3] or ""))


def _message(message: Message) -> str:
    """Writes a protocol message as TF Serving does: all fields, by their names in the .proto file."""
    return json_format.MessageToJson(message, including_default_value_fields=True, preserving_proto_field_name=True)


def _json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")


def _failure(error: RequestFailed) -> web.Response:
    response = _json(error_body(error.message), error.http_status)
    if error.code.name in ("RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "UNAVAILABLE"):
        response.force_close()  # the rest of the body is not read
    return response
