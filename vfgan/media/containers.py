"""Opening containers by their paths, what a header says, and what is checked of a stream before it is decoded."""

import dataclasses
import io
import os
import re
from pathlib import Path
from typing import Any

from vfgan.errors import MediaError

#: FFmpeg takes every file of these names for a picture.
_PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff"})


@dataclasses.dataclass(frozen=True)
class Media:
    """What a file holds, according to its header."""

    seconds: float  #: 0 if the container does not say
    has_audio: bool
    has_video: bool


def open_media(path: str | Path, mode: str = "r", **options: Any) -> Any:
    """PyAV's container of a file. A path is a path: a colon in it makes no URL, a percent sign no pattern.

    Args:
        path: of this machine.
        mode: "r" or "w".
        options: PyAV's.
    Raises:
        av.FFmpegError: it cannot be opened.
    """
    import av

    misleading = mode == "r" and Path(path).suffix.lower() in _PICTURE_SUFFIXES
    place: Any = os.path.abspath(path)
    if misleading:
        place = io.FileIO(place)
        place.name = ""
    return av.open(place, mode, metadata_errors="replace", **options)  # type: ignore[call-overload]


def pictures_of(container: Any) -> list:
    """The streams of moving pictures, without cover pictures of music."""
    from av.stream import Disposition

    return [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]


def reason_of(error: Exception) -> str:
    """What FFmpeg says is wrong, without its numbers."""
    return getattr(error, "strerror", None) or str(error)


def no_file(path: str | Path, expected: str) -> MediaError:
    """The error for a path that is no file of this machine.

    >>> no_file("/", "a photo"), no_file("https://example.org/a.wav", "a recording")  # doctest: +ELLIPSIS
    (MediaError('/ is a folder: expected a photo'), MediaError('https://example.org/a.wav is no file of this machine...
    """
    if Path(path).is_dir():
        return MediaError(f"{path} is a folder: expected {expected}")
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+:/", str(path)):
        return MediaError(f"{path} is no file of this machine: download it, and give the path of {expected}")
    return MediaError(f"{path} does not exist or is not a file: expected {expected}")


def probe(path: str | Path) -> Media:
    """Reads the header of a recording or video.

    Raises:
        MediaError: the file does not exist, or FFmpeg cannot read its format.
    """
    import av

    if not Path(path).is_file():
        raise no_file(path, "a recording or a video")
    try:
        with open_media(path) as container:
            seconds = (container.duration or 0) / av.time_base
            return Media(seconds, bool(container.streams.audio), bool(pictures_of(container)))
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path} cannot be read: {reason_of(error)}") from error


def check_stream(path: str | Path, stream: Any) -> None:
    """Checks that a stream (PyAV's) has a decoder and lies wholly in its file.

    The index of an mp4 names the place of every packet, so an incomplete copy is detected at once.

    Raises:
        MediaError: the codec is unknown, or the file ends before the stream does.
    """
    if stream.codec_context is None:
        raise MediaError(f"{path} has {stream.type} in a codec that cannot be decoded: convert it to H.264 and AAC")
    end = max((entry.pos + entry.size for entry in stream.index_entries), default=0)
    size = Path(path).stat().st_size
    if end > size:
        raise MediaError(f"{path} is cut off: its {stream.type} needs {end} bytes, it has {size}; copy it again")
