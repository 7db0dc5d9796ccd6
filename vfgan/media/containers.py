"""Reads a container's header, and checks a stream before it is decoded."""

import dataclasses
from pathlib import Path

from vfgan.errors import MediaError


@dataclasses.dataclass(frozen=True)
class Media:
    """What a file holds, according to its header."""

    seconds: float  #: 0 if the container does not say
    has_audio: bool
    has_video: bool


def probe(path: str | Path) -> Media:
    """Reads the header of a recording or video.

    Raises:
        MediaError: the file does not exist, or FFmpeg cannot read its format.
    """
    import av
    from av.stream import Disposition

    if not Path(path).is_file():
        raise MediaError(f"{path} does not exist or is not a file: expected a recording or a video")
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            pictures = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
            return Media((container.duration or 0) / av.time_base, bool(container.streams.audio), bool(pictures))
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def check_stream(path: str | Path, stream) -> None:
    """Checks that a stream (PyAV's) has a decoder and lies completely in its file.

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
