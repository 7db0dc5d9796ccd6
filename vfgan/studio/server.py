"""Serves the page until it is stopped. Then all files of visitors are removed."""

import contextlib
import importlib.util
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from vfgan.config.checks import in_address
from vfgan.errors import ConfigError
from vfgan.studio.config import StudioConfig
from vfgan.studio.examples import Examples
from vfgan.studio.gate import Gate
from vfgan.studio.job import Studio
from vfgan.studio.visitors import Visitors

_SWEEP_SECONDS = 5.0
_STOP_SECONDS = 3  # open pages hold a connection that never ends by itself


def check_installed() -> None:
    """Checks that the extra `studio` is installed.

    Raises:
        ConfigError: it is not installed.
    """
    if importlib.util.find_spec("gradio") is None:
        raise ConfigError("the studio needs Gradio: pip install 'vfgan[studio]'")


@contextlib.contextmanager
def listening(config: StudioConfig) -> Iterator[socket.socket]:
    """Opens a socket on the page's address, before minutes of work.

    Raises:
        ConfigError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((config.host, config.port))
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {config.host}:{config.port} ({error.strerror or error}): choose another --port"
            ) from error
        yield listener


def serve(
    studio: Studio,
    examples: Examples,
    folder: Path,
    config: StudioConfig,
    listener: socket.socket,
    ready: Callable[[str], None],
) -> None:
    """Serves the page; returns after SIGINT or SIGTERM.

    Args:
        folder: folder for all files of visitors; holds only the examples at first.
        listener: from `listening`.
        ready: called with the address when the page can be opened.
    """
    visitors = Visitors(folder, examples.folder, config)
    application = _application(studio, visitors, examples, config)
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=_STOP_SECONDS, ws="none")
    )
    ready(f"http://{in_address(config.host)}:{listener.getsockname()[1]}")
    with _sweeping(visitors), _ending_quietly():
        server.run(sockets=[listener])


def _application(studio: Studio, visitors: Visitors, examples: Examples, config: StudioConfig) -> Gate:
    """Gradio's application behind the gate."""
    # Gradio reads these when it is imported: no telemetry, and its files beside ours
    os.environ["GRADIO_ANALYTICS_ENABLED"], os.environ["HF_HUB_OFFLINE"] = "0", "1"
    os.environ["GRADIO_TEMP_DIR"] = str(visitors.folder)
    import gradio as gr
    from fastapi import FastAPI

    from vfgan.studio.page import STYLE, build_page, theme

    page = gr.mount_gradio_app(
        FastAPI(),
        build_page(studio, visitors, examples, config),
        path="/",
        theme=theme(),
        css_paths=[STYLE],
        max_file_size=config.max_upload_bytes,
        ssr_mode=False,
        run_history=False,
        footer_links=[],
        show_error=False,
        mcp_server=False,
    )
    return Gate(
        page,
        visitors,
        max_upload_bytes=config.max_upload_bytes,
        max_uploads=config.max_uploads,
        only_loopback=config.is_loopback,
    )


@contextlib.contextmanager
def _sweeping(visitors: Visitors) -> Iterator[None]:
    """Removes expired files every few seconds."""
    stop = threading.Event()

    def sweep() -> None:
        while not stop.wait(_SWEEP_SECONDS):
            visitors.sweep()

    thread = threading.Thread(target=sweep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


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
