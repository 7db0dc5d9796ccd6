"""Examples for visitors who bring no files."""

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
    """All examples, made when the studio starts. Their files lie in one folder that every visitor may see."""

    folder: Path
    ready: tuple[Example, ...]
    voices: Mapping[str, Path]  #: emotion -> a sample voice
