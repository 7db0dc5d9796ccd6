"""Connections of REST: how many, and how long one may say nothing."""

import asyncio

from aiohttp import web

#: A kept connection without a further request is closed after this.
_IDLE_SECONDS = 30.0
#: How long a connection that is refused is listened to, so that the client reads the answer instead of an error.
_LINGER_SECONDS = 2.0
#: How long `HttpServer.stop` waits for handlers: those that were worth it have been waited for before.
_STOP_SECONDS = 1.0


class HttpServer:
    """Listens for an application.

    Args:
        application: aiohttp's.
        max_connections: at a time; further ones are closed.
        head_seconds: a connection whose first request's head has not come after this is closed.
    """

    def __init__(self, application: web.Application, max_connections: int, head_seconds: float):
        self._runner = web.AppRunner(
            application, access_log=None, keepalive_timeout=_IDLE_SECONDS, lingering_time=_LINGER_SECONDS,
            handle_signals=False, handler_cancellation=True,  # what nobody waits for is not computed
            shutdown_timeout=_STOP_SECONDS,
        )  # fmt: skip
        self._max_connections, self._head_seconds = max_connections, head_seconds
        self._server: asyncio.Server | None = None
        self._silent: set = set()  # connections whose first request has not come
        application.middlewares.append(self._middleware())

    async def start(self, host: str, port: int) -> int:
        """Listens; returns the port.

        Raises:
            OSError: the address cannot be listened on.
        """
        await self._runner.setup()
        server = await asyncio.get_running_loop().create_server(self._connect, host, port, backlog=512)
        self._server = server
        return server.sockets[0].getsockname()[1]

    def _connect(self) -> asyncio.Protocol:
        """What answers a new connection; called by asyncio for each."""
        server = self._runner.server
        if server is None or len(server.connections) >= self._max_connections:
            return _Refused()
        connection = server()
        self._silent.add(connection)
        asyncio.get_running_loop().call_later(self._head_seconds, self._give_up, connection)
        return connection

    def _give_up(self, connection: web.RequestHandler) -> None:
        if connection in self._silent:
            self._silent.discard(connection)
            connection.force_close()

    def _middleware(self):
        @web.middleware
        async def with_deadline(request: web.Request, handler) -> web.StreamResponse:
            self._silent.discard(request.protocol)
            return await handler(request)

        return with_deadline

    async def close(self) -> None:
        """Stops listening; what is at work goes on."""
        if self._server:
            self._server.close()

    async def stop(self) -> None:
        """Ends all connections."""
        await self._runner.cleanup()


class _Refused(asyncio.Protocol):
    """One connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
