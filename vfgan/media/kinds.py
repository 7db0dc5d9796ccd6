"""What a file is: sound, a picture or a video. Its content decides; its name does where the content says nothing."""

import os
from pathlib import Path
from typing import Literal

from vfgan.errors import MediaError
from vfgan.media.containers import no_file, open_media, pictures_of
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
        path: a file of another machine, and a broken one, is what its name says: who reads it says what is wrong.
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
    found = (_kind_of_picture(path) or _kind_of_container(path)) if head else ""
    return found or kind_of_name(str(path))


def kind_of_face(path: str | Path) -> Literal["picture", "video"]:
    """Whether a face is given as a photo or as footage.

    Raises:
        MediaError: no such file, or it is neither.
    """
    if not Path(path).is_file():
        raise no_file(path, "a photo or footage")
    kind = kind_of(path)
    if kind not in ("picture", "video"):
        raise MediaError(
            f"{path} is neither a photo nor footage: expected a picture (such as .jpg) or a video (such as .mp4)"
        )
    return "picture" if kind == "picture" else "video"


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


def _kind_of_picture(path: AnyPath) -> Kind:
    from PIL import Image

    from vfgan.media.images import know_heif

    know_heif()
    try:
        with Image.open(os.fspath(path)) as image:
            return "video" if image.format == "GIF" and getattr(image, "is_animated", False) else "picture"
    except Image.DecompressionBombError:
        return "picture"
    except Exception:  # of a broken file Pillow's plug-ins raise whatever their parsers meet
        return ""


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
