"""The embedded server: TF Serving's gRPC and REST in this process."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from vfgan.config.checks import in_address
from vfgan.errors import OutputError
from vfgan.serving.admission import Admission
from vfgan.serving.batcher import Batcher
from vfgan.serving.config import ServeConfig
from vfgan.serving.grpc_service import MODEL_SERVICE, PREDICTION_SERVICE, GrpcService
from vfgan.serving.http_app import HttpApp
from vfgan.serving.http_server import HttpServer
from vfgan.serving.metrics import Metrics
from vfgan.serving.model_list import ServedModel
from vfgan.serving.models import Models
from vfgan.serving.predictor import Predictor

_log = logging.getLogger(__name__)
_SERVICES = ("", PREDICTION_SERVICE, MODEL_SERVICE)


class Server:
    """Serves models until it is stopped. It must be made and used in one event loop.

    Args:
        models: the models to serve.
        config: address and limits.
    """

    def __init__(self, models: tuple[ServedModel, ...], config: ServeConfig):
        self.config, self.metrics = config, Metrics()
        self.models = Models(models)
        self.admission = Admission(config.max_pending, config.max_pending_bytes)
        self._batcher = Batcher(config.workers, config.max_batch_rows, self.metrics.batch)
        self._predictor = Predictor(self.models, self._batcher, self.metrics, config.request_seconds)
        self.metrics.watch("vfgan_requests_pending", "Requests received or running", lambda: self.admission.requests)
        self.metrics.watch("vfgan_request_bytes_pending", "Their bytes", lambda: self.admission.bytes)
        self._health = health.aio.HealthServicer()
        self._grpc, self._http = self._grpc_server(), self._http_server()
        self._watching: asyncio.Task | None = None
        self.grpc_port = self.rest_port = 0

    def _grpc_server(self) -> grpc.aio.Server:
        options = {
            "grpc.max_receive_message_length": self.config.max_request_bytes,
            "grpc.max_send_message_length": -1,  # an answer is about as large as its request
            "grpc.so_reuseport": 0,  # fail if the port is in use
            "grpc.max_concurrent_streams": self.config.max_pending,  # of one connection
            # close the connection of a client that has vanished or no longer reads
            "grpc.keepalive_time_ms": 30_000,
            "grpc.keepalive_timeout_ms": 10_000,
            "grpc.max_connection_age_ms": 600_000,
            "grpc.max_connection_age_grace_ms": 120_000,
        }
        # more than may wait, so that the admission refuses them with its message, and silent calls take no place
        calls = max(2 * self.config.max_pending, self.config.max_connections)
        server = grpc.aio.server(options=list(options.items()), maximum_concurrent_rpcs=calls)
        service = GrpcService(
            self._predictor,
            self.admission,
            self.config.max_request_bytes,
            self.config.receive_seconds,
            max_slow=max(1, self.config.max_pending_bytes // self.config.max_request_bytes),
        )
        server.add_generic_rpc_handlers(service.handlers())
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        return server

    def _http_server(self) -> HttpServer:
        self._app = HttpApp(
            self._predictor, self.admission, self.metrics, self.config.max_request_bytes, self.config.receive_seconds,
            self.config.cors_origins,
        )  # fmt: skip
        return HttpServer(self._app.application(), self.config.max_connections, self.config.receive_seconds)

    async def start(self) -> None:
        """Loads the models, then listens.

        Raises:
            SchemaError: a model cannot be loaded.
            OutputError: a port cannot be used.
        """
        await self.models.start()
        config = self.config
        try:
            self.grpc_port = self._grpc.add_insecure_port(f"{in_address(config.host)}:{config.port}")
            await self._grpc.start()
            self.rest_port = await self._http.start(config.host, config.rest_api_port)
        except (OSError, RuntimeError) as error:
            raise OutputError(
                f"cannot listen on {config.host}, ports {config.port} and {config.rest_api_port}: {error}"
            ) from error
        for service in _SERVICES:
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        self._watching = asyncio.create_task(self.models.watch(config.poll_seconds))

    async def stop(self) -> None:
        """Refuses new requests; ends when the running ones are answered, or after `stop_seconds`."""
        await self._health.enter_graceful_shutdown()
        self._app.closing = True
        await self._http.close()
        stopped = asyncio.create_task(self._grpc.stop(self.config.stop_seconds))  # refuses new calls at once
        try:
            async with asyncio.timeout(self.config.stop_seconds):
                await self.admission.idle()
        except TimeoutError:
            _log.warning("%d requests are cut off", self.admission.requests)
        await stopped
        await self._http.stop()
        if self._watching:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        self._predictor.close()
        self._batcher.close()
        self.models.close()


@contextlib.asynccontextmanager
async def serving(models: tuple[ServedModel, ...], config: ServeConfig) -> AsyncIterator[Server]:
    """Runs a server while the block lasts."""
    server = Server(models, config)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
