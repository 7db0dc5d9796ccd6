"""What a visitor may try without bringing anything."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Example:
    """A voice and a face."""

    title: str
    voice: Path
    face: Path  #: photo or footage
    thumbnail: Path


@dataclasses.dataclass(frozen=True)
class Examples:
    """Made once, when the studio starts; all files lie in one folder, which everyone may see."""

    folder: Path
    ready: tuple[Example, ...]
    voices: Mapping[str, Path]  #: emotion -> a sample voice
