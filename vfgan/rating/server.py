"""Serves the page until it is stopped. Then the copies of the items are removed; the answers stay."""

import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from vfgan.rating.alike import Progress, make_alike, sound_is_heard
from vfgan.rating.answers import Answers, claimed
from vfgan.rating.config import RatingConfig
from vfgan.rating.items import read_items
from vfgan.rating.page import RatingPage
from vfgan.rating.rating import Rating, Shown
from vfgan.rating.truth import key_of, number_items
from vfgan.studio.listening import run_page


def serve(
    folder: Path,
    out: Path,
    config: RatingConfig,
    listener: socket.socket,
    ready: Callable[[str], None],
    progress: Progress = lambda done, total: None,
) -> None:
    """Serves the page; returns after SIGINT or SIGTERM.

    Args:
        folder: items and their table.
        out: file of the answers; the key with the truth is written beside it.
        listener: from `vfgan.studio.listening.listening`.
        ready: called with the address when the page can be opened.
        progress: called after each item that has been made like the others.
    Raises:
        VfganError: items or answers cannot be used.
    """
    items = read_items(folder)
    numbers = number_items(items, config.seed)
    with (
        claimed(out, key_of(items, numbers, config)),
        tempfile.TemporaryDirectory(prefix="vfgan-rate-") as copies,
    ):
        answers = Answers(out)
        paths = make_alike(items, numbers, Path(copies), config, progress)
        shown = {number: Shown(item.kind, path) for item, number, path in zip(items, numbers, paths)}
        page = RatingPage(Rating(shown, answers, config.seed), config, with_sound=sound_is_heard(items))
        run_page(page, config.host, listener, ready)
