"""Tells from a file's name whether it is sound, video or picture, and whether it belongs to a corpus."""

from pathlib import Path

from vfgan.media.audio import SNDFILE_SUFFIXES
from vfgan.media.images import IMAGE_SUFFIXES
from vfgan.media.video import VIDEO_SUFFIXES

SOUND_SUFFIXES = SNDFILE_SUFFIXES | {".m4a", ".aac", ".opus", ".wma", ".mka", ".amr"}


def is_sound(path: Path) -> bool:
    """Whether a file is a sound recording without pictures."""
    return path.suffix.lower() in SOUND_SUFFIXES and path.is_file()


def is_video(path: Path) -> bool:
    """Whether a file is a video."""
    return path.suffix.lower() in VIDEO_SUFFIXES and path.is_file()


def is_image(path: Path) -> bool:
    """Whether a file is a picture."""
    return path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()


def is_stray(name: Path) -> bool:
    """Whether a path in a corpus is a program's internal file, such as `._a.wav` or `.ipynb_checkpoints/a.wav`.

    >>> is_stray(Path("Actor_01/.ipynb_checkpoints/a.wav")), is_stray(Path("__MACOSX/a.wav")), is_stray(Path("a.wav"))
    (True, True, False)
    """
    return any(part.startswith(".") or part == "__MACOSX" for part in name.parts)
