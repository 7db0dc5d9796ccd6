"""Which frames of a video need not be decoded, where not every frame is looked at."""

import dataclasses
import math
from pathlib import Path
from typing import Any

from vfgan.media.containers import open_media, pictures_of

_TIME_SLACK = 1e-3  #: some containers round time stamps to milliseconds


@dataclasses.dataclass
class Due:
    """Which frames of a part of a video are looked at, asked in the order of their times."""

    interval_seconds: float  #: 0: every frame
    start_seconds: float
    end_seconds: float
    _next: int = 0

    def begun(self, time: float) -> bool:
        """Whether the part has begun."""
        return time - self.start_seconds >= -_TIME_SLACK

    def ended(self, time: float) -> bool:
        """Whether the part is over."""
        return time >= self.end_seconds - _TIME_SLACK

    def now(self, time: float) -> bool:
        """Whether the frame of this time is looked at: the first at or after each n x interval_seconds."""
        if not self.interval_seconds:
            return True
        step = math.floor((time - self.start_seconds + _TIME_SLACK) / self.interval_seconds)
        is_due = step >= self._next
        self._next = step + 1 if is_due else self._next
        return is_due

    def again(self) -> "Due":
        """The same, for a reader that begins anew."""
        return dataclasses.replace(self, _next=0)


def spared(path: str | Path, due: Due) -> frozenset[int]:
    """Time stamps of packets whose frames are not looked at, in the stream's time base; none where not all are known.

    Packets are read, not decoded. A decoder that is told to skip one of these skips it only if no other frame needs it
    (FFmpeg's `AVDISCARD_NONREF`): of H.264, mostly B frames.
    """
    import av

    stamps: list[int | None] = []
    try:
        with open_media(path) as container:
            stream = pictures_of(container)[0]
            first, scale = go_to(container, stream, due.start_seconds), float(stream.time_base)
            begins = (stream.start_time or 0) * scale
            for packet in container.demux(stream):
                if packet.dts is not None and packet.dts * scale - begins > due.end_seconds:
                    break  # what is shown later is decoded later
                if packet.size and not packet.is_discard:
                    stamps.append(None if packet.is_corrupt else packet.pts)
    except (av.FFmpegError, ValueError, IndexError):  # who decodes it says why
        return frozenset()
    known = sorted({stamp for stamp in stamps if stamp is not None})
    if len(known) < len(stamps) or not known:
        return frozenset()
    first = known[0] * scale if first is None else first
    due = due.again()
    times = ((stamp, stamp * scale - first) for stamp in known)
    shown = {stamp for stamp, time in times if due.begun(time) and not due.ended(time) and due.now(time)}
    return frozenset(known) - shown


def go_to(container: Any, stream: Any, start_seconds: float) -> float | None:
    """Goes to the key frame before the start of a part, in seconds from the first frame.

    Returns:
        Time stamp of the first frame in seconds; None where the reader stays at the beginning.
    """
    if stream.start_time is None or not start_seconds:
        return None
    first = float(stream.start_time * stream.time_base)
    container.seek(round((start_seconds + first) / stream.time_base), stream=stream)
    return first
