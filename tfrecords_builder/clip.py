"""A clip: which files it consists of, and what a source knows of it before anything is decoded."""

import dataclasses
import math
from pathlib import Path

from vfgan.storage.remote import as_path

#: Fields of a clip that name a file.
MEDIA = ("audio", "video", "image")


@dataclasses.dataclass(frozen=True)
class Clip:
    """What a source knows of a clip before anything is decoded. Paths are absent where there is no such medium."""

    corpus: str
    key: str  #: unique in the corpus; the twins of a clip share it
    emotion: int  #: index in `vfgan.emotions.EMOTIONS`
    actor: str = ""
    intensity: int = 0
    statement: int = 0
    repetition: int = 0
    channel: str = ""
    audio: str | None = None  #: file whose sound is the voice
    video: str | None = None  #: file whose pictures are the face
    image: str | None = None
    start_seconds: float = 0.0  #: of a long recording, where the clip begins
    end_seconds: float = math.inf  #: and where it ends

    @property
    def clip_id(self) -> str:
        """Unique in a data set."""
        return f"{self.corpus}/{self.key}"

    @property
    def modality(self) -> str:
        """What the clip holds, in RAVDESS' words."""
        if self.image:
            return "image"
        return "full-av" if self.audio and self.video else "audio-only" if self.audio else "video-only"


def input_files(clip: Clip) -> list[Path]:
    """The files that a clip is made from."""
    return [as_path(path) for path in dict.fromkeys(getattr(clip, medium) for medium in MEDIA) if path]
