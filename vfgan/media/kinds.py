"""What a file is: sound, a picture or a video. Its content decides, not its name."""

import os
from pathlib import Path
from typing import Literal

from vfgan.media.containers import open_media, pictures_of
from vfgan.storage.remote import AnyPath, is_remote

Kind = Literal["sound", "picture", "video", ""]

#: Names say what a file is only where its content is far away: on other machines, and in zip files.
SOUND_SUFFIXES = frozenset(
    {".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3", ".m4a", ".aac", ".opus", ".wma", ".mka", ".amr"}
)
IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".gif"}
)
VIDEO_SUFFIXES = frozenset(
    {".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".vob", ".flv", ".wmv", ".3gp", ".ts", ".mts"}
)
#: Beginnings of files that can be nothing else; the rest is opened.
_BEGINNINGS: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", "picture"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"fLaC", "sound"),
    (b"ID3", "sound"),
    (b"\x00\x00\x01\xba", "video"),
)
_FORMS: dict[bytes, Kind] = {b"WAVE": "sound", b"AVI ": "video", b"WEBP": "picture"}  # of RIFF
#: FFmpeg takes text for these: what they find is no film.
_NO_FILMS = ("tty", "ansi", "bin", "xbin", "idf", "adf", "lrc", "srt", "ass", "webvtt", "tedcaptions", "concat")


def kind_of(path: AnyPath) -> Kind:
    """What a file is; empty where it is none of the three, or does not exist.

    Args:
        path: a file of another machine is known by its name.
    """
    if is_remote(path):
        return kind_of_name(str(path))
    try:
        with open(path, "rb") as file:
            head = file.read(16)
    except OSError:
        return ""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] in _FORMS:
        return _FORMS[head[8:12]]
    return "picture" if head and _is_picture(path) else _kind_of_container(path) if head else ""


def kind_of_name(name: str) -> Kind:
    """What a file is by its name.

    >>> kind_of_name("a/B.JPG"), kind_of_name("b.vob"), kind_of_name("notes.txt")
    ('picture', 'video', '')
    """
    suffix = os.path.splitext(name)[1].lower()
    kinds: tuple[tuple[Kind, frozenset], ...] = (
        ("picture", IMAGE_SUFFIXES), ("sound", SOUND_SUFFIXES), ("video", VIDEO_SUFFIXES)
    )  # fmt: skip
    return next((kind for kind, suffixes in kinds if suffix in suffixes), "")


def _is_picture(path: AnyPath) -> bool:
    from PIL import Image

    from vfgan.media.images import know_heif

    know_heif()
    try:
        with Image.open(os.fspath(path)):
            return True
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return isinstance(error, Image.DecompressionBombError)


def _kind_of_container(path: AnyPath) -> Kind:
    import av

    try:
        with open_media(Path(path)) as container:
            if container.format.name in _NO_FILMS:
                return ""
            if container.format.name.endswith("_pipe") or container.format.name == "image2":
                return "picture"
            return "video" if pictures_of(container) else "sound" if container.streams.audio else ""
    except (av.FFmpegError, ValueError):
        return ""
