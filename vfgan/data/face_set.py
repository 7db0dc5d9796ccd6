"""The face crops of a data set: labels in memory, pictures and landmarks where they lie until they are asked for."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from vfgan.config.data import ReadConfig
from vfgan.data.dataset import DataSet
from vfgan.data.rows import Memory, Rows, choose_rows, join_rows
from vfgan.data.stored_faces import stored_landmarks, stored_pictures
from vfgan.emotions import FACE_LABEL
from vfgan.errors import MediaError

#: Statistics of faces are those of all, or of so many that are evenly spread.
STATISTICS_OF = 20_000


@dataclasses.dataclass(frozen=True)
class Faces:
    """Face crops of many clips."""

    pixels: Rows  #: uint8 [faces, size, size, channels]: RGB, or luma
    emotion: np.ndarray  #: int32 [faces], 0…6, index in `vfgan.emotions.FACE_EMOTIONS`
    intensity: np.ndarray  #: int32 [faces]
    statement: np.ndarray  #: int32 [faces], 0: unknown
    voice_phase: np.ndarray  #: int32 [faces]: -1 before the voice, 0 during it (or without sound), 1 after it
    time: np.ndarray  #: float32 [faces], seconds in the clip
    mouth_opening: np.ndarray  #: float32 [faces]
    actor: np.ndarray  #: str [faces]
    clip_id: np.ndarray  #: str [faces]
    landmarks: Rows = None  # type: ignore[assignment]  #: float32 [faces, 468, 2], crop sides; NaN: none

    def __post_init__(self) -> None:
        if self.landmarks is None:
            object.__setattr__(self, "landmarks", np.full((len(self.pixels), 468, 2), np.nan, np.float32))

    def __len__(self) -> int:
        return len(self.pixels)

    def where(self, chosen: np.ndarray) -> "Faces":
        """Those for which `chosen` (bool or index [faces]) says so."""
        names = [field.name for field in dataclasses.fields(self)]
        columns: dict[str, Any] = {name: choose_rows(getattr(self, name), chosen) for name in names}
        return Faces(**columns)

    @property
    def corpus(self) -> np.ndarray:
        """The corpus of each face: str [faces]."""
        first, run = self._runs
        return np.array([clip_id.split("/")[0] for clip_id in self.clip_id[first]], np.str_)[run]

    @property
    def person(self) -> np.ndarray:
        """Who it is, str [faces]: corpus/actor, since a name is known in its corpus only; empty without a name."""
        first, run = self._runs
        pairs = zip(self.clip_id[first], self.actor[first])
        return np.array([f"{clip.split('/')[0]}/{actor}" if actor else "" for clip, actor in pairs], np.str_)[run]

    @property
    def _runs(self) -> tuple[np.ndarray, np.ndarray]:
        """First face of each run of faces of one clip and actor; of each face, the number of its run."""
        new = np.ones(len(self), bool)
        new[1:] = (self.clip_id[1:] != self.clip_id[:-1]) | (self.actor[1:] != self.actor[:-1])
        return np.flatnonzero(new), np.cumsum(new) - 1

    @property
    def aligned(self) -> "Faces":
        """Those that were cut out by their landmarks, not as the whole picture."""
        return self.where(np.isfinite(self.mouth_opening))

    @property
    def showing(self) -> "Faces":
        """Those that show their clip's emotion: seen while the voice is heard."""
        return self.where(self.voice_phase == 0)


def load_faces(
    dataset: DataSet, splits: Sequence[str], size_px: int, channels: int = 1, memory: Memory | None = None
) -> Faces:
    """The face crops of some splits, of one size; pictures and landmarks are read when they are needed.

    Args:
        channels: 1 gives luma, 3 gives RGB.
        memory: where pictures are kept if all fit, and landmarks; else they are read each time.
    Raises:
        MediaError: there are none, or they are smaller than half of `size_px`.
        SchemaError: a shard is missing or damaged.
    """
    stored_px = dataset.config.crop.size_px
    if stored_px * 2 < size_px:
        raise MediaError(
            f"{dataset.folder}: crops have {stored_px} px, {size_px} are asked for; build with larger ones"
        )
    index, memory = dataset.index(splits), memory or Memory(ReadConfig().cache_mib)
    if not index.clips["faces"].any():
        raise MediaError(f"{dataset.folder} has no faces in {', '.join(splits)}")
    return Faces(
        pixels=stored_pictures(index, stored_px, size_px, channels, memory),
        emotion=np.array(FACE_LABEL, np.int32)[index.of_faces("emotion")],
        landmarks=stored_landmarks(index, memory),
        **{name: index.of_faces(name) for name in ("intensity", "statement", "actor", "clip_id")},
        **{name: index.faces[name] for name in ("voice_phase", "time", "mouth_opening")},
    )


def take_half(faces: Faces, half: str) -> Faces:
    """A fixed half of the faces, so that two networks can learn from different ones.

    Of each emotion in a corpus "first" has every other sentence of an actor with all its repetitions, "second" the
    rest; where there is one sentence only, they share its clips. Where everyone says the same sentence, people take
    turns with its normal and its strong clips, so that either half has everyone, normal and strong.

    Args:
        half: "first", "second" or "all".
    """
    if half == "all":
        return faces
    people, number = np.unique(faces.actor, return_inverse=True)
    if len(people) > 1 and len(np.unique(faces.statement)) == 1 and faces.statement[0]:
        return faces.where(((number + faces.intensity) % 2 == 0) == (half == "first"))
    sentences: dict[tuple, dict[str, set]] = {}  # of each corpus and emotion: sentence -> its clips
    columns = zip(faces.emotion, faces.actor, faces.intensity, faces.statement, faces.clip_id)
    for emotion, actor, intensity, statement, clip_id in columns:
        sentence = f"{actor}/{intensity}/{statement}" if statement else clip_id
        sentences.setdefault((clip_id.split("/")[0], emotion), {}).setdefault(sentence, set()).add(clip_id)
    first: set[str] = set()
    for kind in sentences.values():
        parts = [kind[sentence] for sentence in sorted(kind)]
        if len(parts) == 1:
            parts = [{clip_id} for clip_id in sorted(parts[0])]
        first |= set().union(*parts[::2])
    return faces.where(np.isin(faces.clip_id, sorted(first)) == (half == "first"))


def spread_faces(faces: Faces, most: int = STATISTICS_OF) -> Faces:
    """The faces, or `most` of them, evenly spread."""
    if len(faces) <= most:
        return faces
    return faces.where(np.linspace(0, len(faces) - 1, most).astype(np.int64))


def merge_faces(parts: Sequence[Faces]) -> Faces:
    """Several sets of faces as one."""
    names = [field.name for field in dataclasses.fields(Faces)]
    joined: dict[str, Any] = {name: join_rows([getattr(part, name) for part in parts]) for name in names}
    return Faces(**joined)
