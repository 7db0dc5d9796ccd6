"""What a container's header says, and what is checked of a stream before it is decoded."""

import dataclasses
from pathlib import Path

from vfgan.errors import MediaError


@dataclasses.dataclass(frozen=True)
class Media:
    """What a file holds, by its header."""

    seconds: float  #: 0 where the container does not say
    has_audio: bool
    has_video: bool


def probe(path: str | Path) -> Media:
    """Reads the header of a recording or video.

    Raises:
        MediaError: no such file, or of no format that FFmpeg reads.
    """
    import av
    from av.stream import Disposition

    if not Path(path).is_file():
        raise MediaError(f"{path} does not exist or is no file: expected a recording or a video")
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            pictures = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
            return Media((container.duration or 0) / av.time_base, bool(container.streams.audio), bool(pictures))
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def check_stream(path: str | Path, stream) -> None:
    """Checks that a stream (PyAV's) has a decoder and lies wholly in its file.

    The index of an mp4 names the place of every packet, so a copy that broke off is told at once.

    Raises:
        MediaError: the codec is unknown, or the file ends before the stream does.
    """
    if stream.codec_context is None:
        raise MediaError(f"{path} has {stream.type} in a codec that cannot be decoded: convert it to H.264 and AAC")
    end, size = max((entry.pos + entry.size for entry in stream.index_entries), default=0), Path(path).stat().st_size
    if end > size:
        raise MediaError(f"{path} is cut off: its {stream.type} goes on to byte {end}, it has {size}; copy it again")
