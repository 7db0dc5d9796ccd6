"""The pictures that a video is made from: footage, once or forth and back, or a photo."""

import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from vfgan.errors import MediaError
from vfgan.media.images import read_image
from vfgan.media.video import probe_video, read_frames

#: Frames in memory while footage plays backwards: 190 of 1280 x 720.
HELD_BYTES = 512 * 1024**2


class Photo:
    """One picture, as long as is asked for.

    Args:
        path: of any picture format that Pillow reads.
    Raises:
        MediaError: it cannot be read.
    """

    fps = Fraction(25)
    count = 1  #: pictures that differ

    def __init__(self, path: str | Path):
        self._rgb = read_image(path)

    def once(self) -> Iterator[np.ndarray]:
        """The picture: uint8 [height, width, 3]."""
        yield self._rgb

    def forth_and_back(self) -> Iterator[np.ndarray]:
        """The same array again and again."""
        return itertools.repeat(self._rgb)


class Footage:
    """A video's frames. Each pass decodes it again, so that memory does not grow with its length.

    Args:
        path: of any container and codec that FFmpeg reads.
    Raises:
        MediaError: it cannot be read; while frames are read, too.
    """

    def __init__(self, path: str | Path):
        info = probe_video(path)
        self._path, self.fps = path, info.fps
        self.count = max(1, round(info.seconds * info.fps))  #: frames, as its header says

    def once(self) -> Iterator[np.ndarray]:
        """Every frame: uint8 [height, width, 3]."""
        for _, rgb in read_frames(self._path):
            yield rgb

    def forth_and_back(self) -> Iterator[np.ndarray]:
        """0, 1, …, n - 1, n - 2, …, 0, 1, … without end; a single frame again and again."""
        count = 0
        for rgb in self.once():
            count += 1
            yield rgb
        if not count:
            raise MediaError(f"{self._path} has no frames: expected footage of a face")
        if count == 1:
            yield from itertools.repeat(rgb)
        block = max(1, HELD_BYTES // rgb.nbytes)
        while True:
            for stop in range(count - 1, 0, -block):
                yield from self._backwards(max(0, stop - block), stop)
            yield from itertools.islice(self.once(), 1, None)

    def _backwards(self, start: int, stop: int) -> Iterator[np.ndarray]:
        """Frames stop - 1, …, start; each is let go of when it was given."""
        held = list(itertools.islice(self.once(), start, stop))
        while held:
            yield held.pop()
