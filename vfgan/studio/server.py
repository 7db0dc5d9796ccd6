"""Serves the page until it is stopped. Then all files of visitors are removed."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from vfgan.studio.config import StudioConfig
from vfgan.studio.examples import Examples
from vfgan.studio.gate import Gate
from vfgan.studio.job import Studio
from vfgan.studio.listening import run_page
from vfgan.studio.visitors import Visitors

_SWEEP_SECONDS = 5.0


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
        listener: from `vfgan.studio.listening.listening`.
        ready: called with the address when the page can be opened.
    """
    visitors = Visitors(folder, examples.folder, config)
    application = _application(studio, visitors, examples, config)
    with _sweeping(visitors):
        run_page(application, config.host, listener, ready)


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
