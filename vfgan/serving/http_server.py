"""Limits the connections of REST: their number, and how long one may be silent."""

import asyncio

from aiohttp import web

#: An open connection without a further request is closed after this time.
_IDLE_SECONDS = 30.0
#: Time that a refused connection stays open, so that the client can read the answer.
_LINGER_SECONDS = 2.0
#: Time that `HttpServer.stop` waits for handlers. The server has already waited for running requests.
_STOP_SECONDS = 1.0


class HttpServer:
    """Listens for an application.

    Args:
        application: the aiohttp application.
        max_connections: most connections at a time; further ones are closed.
        head_seconds: time for the head of the first request to arrive, seconds; then the connection is closed.
    """

    def __init__(self, application: web.Application, max_connections: int, head_seconds: float):
        self._runner = web.AppRunner(
            application,
            access_log=None,
            keepalive_timeout=_IDLE_SECONDS,
            lingering_time=_LINGER_SECONDS,
            handle_signals=False,
            handler_cancellation=True,  # compute nothing for clients that have gone
            shutdown_timeout=_STOP_SECONDS,
        )
        self._max_connections, self._head_seconds = max_connections, head_seconds
        self._server: asyncio.Server | None = None
        self._silent: set = set()  # connections whose first request has not arrived
        application.middlewares.append(self._middleware())

    async def start(self, host: str, port: int) -> int:
        """Starts to listen; returns the port.

        Raises:
            OSError: the address cannot be used.
        """
        await self._runner.setup()
        server = await asyncio.get_running_loop().create_server(self._connect, host, port, backlog=512)
        self._server = server
        return server.sockets[0].getsockname()[1]

    def _connect(self) -> asyncio.Protocol:
        """Gives the protocol of a new connection; asyncio calls it for each."""
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
        """Stops listening; running requests go on."""
        if self._server:
            self._server.close()

    async def stop(self) -> None:
        """Ends all connections."""
        await self._runner.cleanup()


class _Refused(asyncio.Protocol):
    """Closes a connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
