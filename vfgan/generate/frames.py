"""The pictures that a video is made from: footage, once or forth and back, or a photo."""

import itertools
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from vfgan.errors import MediaError
from vfgan.media.images import Picture
from vfgan.media.video import probe_video, read_frames

#: Frames in memory while footage plays backwards: 190 of 1280 x 720.
HELD_BYTES = 512 * 1024**2
#: The longer side of a photo in a video; pictures keep their size.
MAX_PHOTO_PX = 1920
#: A step of the times further back or ahead is no pause, but a recording that was joined to another.
_STEP_SECONDS = -1.0, 60.0


def evenly_timed(timed: Iterable[tuple[float, np.ndarray]], fps: Fraction) -> Iterator[np.ndarray]:
    """Frames at a constant rate, each within one frame of its time.

    Where the times lag behind the rate frames are repeated, where they run ahead of it they are left out. Times that
    stay within one frame of a constant rate change nothing.

    Args:
        timed: (seconds from the first frame, frame).
        fps: frame rate of the result.
    """
    count, shift, before, shown = 0, 0.0, 0.0, None
    for seconds, rgb in timed:
        place = seconds * float(fps) - shift  # in frames of the result
        if not _STEP_SECONDS[0] <= seconds - before <= _STEP_SECONDS[1]:
            shift, place = shift + place - count, count
        before = seconds
        if place < count - 1:
            continue
        if place > count + 1:
            before_it = rgb if shown is None else shown  # none: it is read from between two frames on
            yield from itertools.repeat(before_it, round(place) - count)
            count = round(place)
        shown, count = rgb, count + 1
        yield rgb


class Photo:
    """One picture, as long as is asked for; of more than `MAX_PHOTO_PX` it is made smaller, with even sides.

    Args:
        picture: what is transparent of it is white.
    """

    fps = Fraction(25)
    count = 1  #: pictures that differ

    def __init__(self, picture: Picture):
        self.is_transparent = picture.alpha is not None  #: in part; it is white there
        self._rgb = _shrink(picture.over_white(), MAX_PHOTO_PX)

    def once(self) -> Iterator[np.ndarray]:
        """The picture: uint8 [height, width, 3]."""
        yield self._rgb

    def forth_and_back(self) -> Iterator[np.ndarray]:
        """The same array again and again."""
        return itertools.repeat(self._rgb)


def _shrink(rgb: np.ndarray, longer_px: int) -> np.ndarray:
    import cv2

    height, width = rgb.shape[:2]
    scale = longer_px / max(height, width)
    if scale >= 1:
        return rgb
    even = [max(2, round(side * scale / 2) * 2) for side in (width, height)]
    return cv2.resize(rgb, even, interpolation=cv2.INTER_AREA)


class Footage:
    """A video's frames at a constant rate. Each pass decodes it again, so that memory does not grow with its length.

    One with a variable rate is shown at its mean rate (`evenly_timed`), so that index / fps is a frame's time.

    Args:
        path: of any container and codec that FFmpeg reads.
    Raises:
        MediaError: it cannot be read; while frames are read, too.
    """

    def __init__(self, path: str | Path):
        info = probe_video(path)
        self._path, self.fps, self._has_times = path, info.fps, info.has_times
        self.count = max(1, round(info.seconds * info.fps))  #: frames, before any is decoded

    def once(self) -> Iterator[np.ndarray]:
        """From the first frame to the last: uint8 [height, width, 3]."""
        return self._frames(0.0)

    def _frames(self, start_seconds: float) -> Iterator[np.ndarray]:
        timed = read_frames(self._path, start_seconds=start_seconds, max_seconds=math.inf)
        return evenly_timed(timed, self.fps) if self._has_times else (rgb for _, rgb in timed)

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
        # by its time a frame is found at once, but not where times are unknown or jump
        has_places = self._has_times and abs(count - self.count) <= 1
        while True:
            for stop in range(count - 1, 0, -block):
                yield from self._backwards(max(0, stop - block), stop, has_places)
            yield from itertools.islice(self.once(), 1, None)

    def _backwards(self, start: int, stop: int, has_places: bool) -> Iterator[np.ndarray]:
        """Frames stop - 1, …, start; each is let go of when it was given."""
        if has_places:
            held = list(itertools.islice(self._frames(float(start / self.fps)), stop - start))
        else:
            held = list(itertools.islice(self.once(), start, stop))
        while held:
            yield held.pop()
