"""Decoded frames -> pictures as a player shows them, by FFmpeg's own filters.

Upright and mirrored as the display matrix says, of square pixels, without combs, in full-range RGB by the film's own
matrix, high dynamic range as SDR, and all of one size.
"""

import dataclasses
import struct
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from vfgan.media.tone_map import is_wide, table_file

_FULL_RANGE = 2
#: FFmpeg's numbers of matrices -> the names that its filter `scale` takes.
_MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
#: Rotations: signs of the display matrix (see `_turn`) -> filters that do what it says.
_TURNS = {
    ("upright", 1, 1): (),
    ("upright", -1, 1): ("hflip",),
    ("upright", 1, -1): ("vflip",),
    ("upright", -1, -1): ("hflip", "vflip"),  # 180 degrees
    ("sideways", 1, 1): ("transpose=dir=cclock_flip",),
    ("sideways", 1, -1): ("transpose=dir=clock",),  # 90 degrees clockwise
    ("sideways", -1, 1): ("transpose=dir=cclock",),  # 90 degrees counterclockwise
    ("sideways", -1, -1): ("transpose=dir=clock_flip",),
}
#: Untagged films of more pixels than this are BT.709, smaller ones BT.601, as mpv and browsers take them.
_SD_WIDTH, _SD_HEIGHT = 1279, 576
_MOST_SQUEEZED = 8  # pixel aspect ratios beyond this either way are errors of a header


@dataclasses.dataclass(frozen=True)
class _Form:
    """What a frame is, as far as it decides which filters it needs."""

    width: int
    height: int
    pixels: str  #: FFmpeg's name of the pixel format
    aspect: float  #: width of a pixel, divided by its height
    turn: tuple[str, int, int]
    colours: tuple[str, bool, int, int]  #: matrix, full range, transfer, primaries

    @property
    def square(self) -> tuple[int, int]:
        """Width and height in square pixels, before it is turned; no side gets smaller."""
        width, height = self.width * max(1.0, self.aspect), self.height * max(1.0, 1 / self.aspect)
        stretched = round(width / 2) * 2 if self.aspect > 1 else self.width
        return stretched, round(height / 2) * 2 if self.aspect < 1 else self.height

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height as it is shown."""
        return self.square[::-1] if self.turn[0] == "sideways" else self.square


class Display:
    """Shows the frames of one stream; the first frame decides the size of all.

    Args:
        stream: PyAV's, of a film.
    """

    def __init__(self, stream: Any):
        self._stream, self._interlaced = stream, False
        self._graph: Any = None
        self._form: _Form | None = None
        self._size: tuple[int, int] | None = None
        self._labels: deque = deque()  # of the frames that are in the filters

    @property
    def needs_all(self) -> bool:
        """Whether frames are made from their neighbours, too, so that none may be left out."""
        return self._interlaced

    def show(self, label: Any, frame: Any) -> Iterator[tuple[Any, np.ndarray]]:
        """Takes a frame, and gives what is ready: pairs of label and uint8 [height, width, 3].

        Args:
            label: whatever shall come back with the picture, such as its time.
            frame: PyAV's.
        """
        form = _form(self._stream, frame)
        if form != self._form or (frame.interlaced_frame and not self._interlaced):
            yield from self.rest()
            self._interlaced = self._interlaced or bool(frame.interlaced_frame)
            self._size = self._size or form.shown
            self._graph, self._form = _graph(form, self._interlaced, self._size, frame), form
        self._labels.append(label)
        self._graph.push(frame)
        yield from self._ready()

    def rest(self) -> Iterator[tuple[Any, np.ndarray]]:
        """What is still in the filters."""
        if self._graph is not None:
            self._graph.push(None)
            yield from self._ready()
            self._graph, self._form = None, None

    def _ready(self) -> Iterator[tuple[Any, np.ndarray]]:
        import av

        while self._labels:
            try:
                picture = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            yield self._labels.popleft(), picture.to_ndarray()


def shown_size(stream: Any, frame: Any) -> tuple[int, int]:
    """Width and height of a film as a player shows it, by its first frame (PyAV's)."""
    return _form(stream, frame).shown


def _form(stream: Any, frame: Any) -> _Form:
    aspect = float(stream.sample_aspect_ratio or 1)
    usable = 1 / _MOST_SQUEEZED <= aspect <= _MOST_SQUEEZED
    full = frame.color_range == _FULL_RANGE or frame.format.name.startswith("yuvj")
    is_small = frame.width <= _SD_WIDTH and frame.height <= _SD_HEIGHT
    matrix = _MATRICES.get(frame.colorspace, "bt601" if is_small else "bt709")
    colours = (matrix, full, int(frame.color_trc), int(frame.color_primaries))
    return _Form(frame.width, frame.height, frame.format.name, aspect if usable else 1.0, _turn(frame), colours)


def _turn(frame: Any) -> tuple[str, int, int]:
    """("upright", sign of a, sign of d) or ("sideways", sign of b, sign of c) of x' = a x + c y, y' = b x + d y."""
    from av.sidedata.sidedata import Type

    found = frame.side_data.get(Type.DISPLAYMATRIX)
    if found is None:
        return "upright", 1, 1
    a, b, _, c, d, *_ = struct.unpack("<9i", bytes(found)[:36])
    kind, first, second = ("upright", a, d) if abs(a) + abs(d) >= abs(b) + abs(c) else ("sideways", b, c)
    return kind, -1 if first < 0 else 1, -1 if second < 0 else 1


def _graph(form: _Form, interlaced: bool, size: tuple[int, int], frame: Any) -> Any:
    """FFmpeg's filters from a frame of this form to RGB of `size`."""
    from av.filter import Graph

    graph = Graph()
    graph.threads = 1  # threads take more time to share out a frame than to convert it
    last = graph.add_buffer(width=form.width, height=form.height, format=frame.format, time_base=frame.time_base)
    for text in (*_filters(form, interlaced), *_fitted(form.shown, size), "buffersink"):
        name, _, options = text.partition("=")
        following = graph.add(name, options or None)
        last.link_to(following)
        last = following
    graph.configure()
    return graph


def _filters(form: _Form, interlaced: bool) -> Iterator[str]:
    if interlaced:
        yield "bwdif=mode=send_frame:parity=auto:deint=interlaced"
    matrix, full, transfer, primaries = form.colours
    width, height = form.square
    wide = is_wide(transfer, primaries)
    source = f"in_color_matrix={matrix}:in_range={'full' if full else 'limited'}:out_range=full"
    yield f"scale=w={width}:h={height}:{source}:flags=bicubic"
    yield "format=rgb48" if wide else "format=rgb24"
    if wide:
        yield f"lut3d=file='{table_file(transfer, primaries)}'"
        yield "format=rgb24"
    yield from _TURNS[form.turn]


def _fitted(shown: tuple[int, int], size: tuple[int, int]) -> Iterator[str]:
    """A film that changes its size goes on within that of its first frame, with black beside it if need be."""
    if shown != size:
        width, height = size
        yield f"scale=w={width}:h={height}:force_original_aspect_ratio=decrease"
        yield f"pad=w={width}:h={height}:x=-1:y=-1"
