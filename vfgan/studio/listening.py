"""Listens on an address and runs a page there until it is stopped; for every page of this machine."""

import contextlib
import importlib.util
import signal
import socket
import sys
from collections.abc import Callable, Iterator

from vfgan.config.checks import in_address
from vfgan.errors import ConfigError

_STOP_SECONDS = 3  # open pages hold a connection that never ends by itself


def check_installed(what: str = "the studio") -> None:
    """Checks that the extra `studio` is installed.

    Args:
        what: needs it, for the message.

    Raises:
        ConfigError: it is not installed.
    """
    if importlib.util.find_spec("gradio") is None:
        raise ConfigError(f"{what} needs the extra studio: pip install '.[studio]'")


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Opens a socket on the page's address, before minutes of work.

    Raises:
        ConfigError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {host}:{port} ({error.strerror or error}): choose another --port"
            ) from error
        yield listener


def run_page(application: Callable, host: str, listener: socket.socket, ready: Callable[[str], None]) -> None:
    """Runs an ASGI application; returns after SIGINT or SIGTERM.

    Args:
        host, listener: of `listening`.
        ready: called with the address when the page can be opened.
    """
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=_STOP_SECONDS, ws="none")
    )
    listener.listen()  # whoever is told the address may call before the server is up: the system keeps the call
    ready(f"http://{in_address(host)}:{listener.getsockname()[1]}")
    with _ending_quietly():
        server.run(sockets=[listener])


@contextlib.contextmanager
def _ending_quietly() -> Iterator[None]:
    """Lets the caller remove its files after SIGTERM, too. uvicorn ends first, then raises the signal again."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        return
    finally:
        signal.signal(signal.SIGTERM, before)
