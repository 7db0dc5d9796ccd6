"""What is checked of a stream in a container before it is decoded."""

from pathlib import Path

from vfgan.errors import MediaError


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
