"""The files of a corpus: how they are found, what they are, and which are none of it."""

import os
from collections.abc import Iterator
from pathlib import Path

from vfgan.media.kinds import kind_of
from vfgan.storage.remote import RemotePath

#: What systems and programs leave in folders.
_STRAY_NAMES = frozenset({"__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db", "@eadir"})


def is_sound(path: Path) -> bool:
    """Whether a file is a recording of sound alone."""
    return kind_of(path) == "sound"


def is_video(path: Path) -> bool:
    """Whether a file is a video."""
    return kind_of(path) == "video"


def is_image(path: Path) -> bool:
    """Whether a file is a picture."""
    return kind_of(path) == "picture"


def is_stray(name: Path) -> bool:
    """Whether a path in a corpus is a program's internal file, such as `._a.wav` or `.ipynb_checkpoints/a.wav`.

    >>> is_stray(Path("Actor_01/.ipynb_checkpoints/a.wav")), is_stray(Path("__MACOSX/a.wav")), is_stray(Path("a.wav"))
    (True, True, False)
    """
    return any(part.startswith(".") or part.lower() in _STRAY_NAMES for part in name.parts)


def files_below(folder: Path) -> Iterator[Path]:
    """Every file at any depth, by name, strays too. Folders that are links are entered, each folder once."""
    if isinstance(folder, RemotePath):
        yield from sorted(path for path in folder.rglob("*") if path.is_file())
        return
    found, entered = [], {os.path.realpath(folder)}
    for place, folders, names in os.walk(folder, followlinks=True):
        kept = []
        for name in sorted(folders):
            real = os.path.realpath(os.path.join(place, name))
            if real not in entered:  # else a link that leads to where we are, or have been
                entered.add(real)
                kept.append(name)
        folders[:] = kept
        found += [Path(place, name) for name in names]
    yield from sorted(found)
