"""The face crops of a data set as arrays in memory: one byte a pixel, at the size that the networks use."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from vfgan.config.data import MfscConfig
from vfgan.data.dataset import DataSet
from vfgan.data.voice_set import without_level
from vfgan.emotions import FACE_LABEL
from vfgan.errors import MediaError
from vfgan.face.pixels import luma_uint8


@dataclasses.dataclass(frozen=True)
class Faces:
    """Face crops of many clips."""

    pixels: np.ndarray  #: uint8 [faces, size, size, channels]: RGB, or luma
    emotion: np.ndarray  #: int32 [faces], 0…6, index in `vfgan.emotions.FACE_EMOTIONS`
    intensity: np.ndarray  #: int32 [faces]
    statement: np.ndarray  #: int32 [faces], 0: unknown
    voice_phase: np.ndarray  #: int32 [faces]: -1 before the voice, 0 during it (or without sound), 1 after it
    time: np.ndarray  #: float32 [faces], seconds in the clip
    mouth_opening: np.ndarray  #: float32 [faces]
    actor: np.ndarray  #: str [faces]
    clip_id: np.ndarray  #: str [faces]
    landmarks: np.ndarray = None  # type: ignore[assignment]  #: float32 [faces, 468, 2], crop sides; NaN: none

    def __post_init__(self) -> None:
        if self.landmarks is None:
            object.__setattr__(self, "landmarks", np.full((len(self.pixels), 468, 2), np.nan, np.float32))

    def __len__(self) -> int:
        return len(self.pixels)

    def where(self, chosen: np.ndarray) -> "Faces":
        """Those for which `chosen` (bool or index [faces]) says so."""
        return Faces(**{field.name: getattr(self, field.name)[chosen] for field in dataclasses.fields(self)})

    @property
    def person(self) -> np.ndarray:
        """Who it is, str [faces]: corpus/actor, since a name is known in its corpus only; empty without a name."""
        names = [f"{clip.split('/')[0]}/{actor}" if actor else "" for clip, actor in zip(self.clip_id, self.actor)]
        return np.array(names, np.str_)

    @property
    def aligned(self) -> "Faces":
        """Those that were cut out by their landmarks, not as the whole picture."""
        return self.where(np.isfinite(self.mouth_opening))

    @property
    def showing(self) -> "Faces":
        """Those that show their clip's emotion: seen while the voice is heard."""
        return self.where(self.voice_phase == 0)


def load_faces(dataset: DataSet, splits: Sequence[str], size_px: int, channels: int = 1) -> Faces:
    """The face crops of some splits, of one size.

    Args:
        channels: 1 gives luma, 3 gives RGB.
    Raises:
        MediaError: there are none, or they are smaller than half of `size_px`.
    """
    import cv2

    stored_px = dataset.config.crop.size_px
    if stored_px * 2 < size_px:
        raise MediaError(
            f"{dataset.folder}: crops have {stored_px} px, {size_px} are asked for; build with larger ones"
        )
    rows: dict[str, list] = {field.name: [] for field in dataclasses.fields(Faces)}
    for record in sorted(dataset.records(splits), key=lambda record: record["clip_id"]):
        if not record["faces"]:
            continue
        for encoded in record["faces"]:
            rgb = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
            smaller = cv2.INTER_AREA if size_px < stored_px else cv2.INTER_CUBIC
            rgb = cv2.resize(rgb, (size_px, size_px), interpolation=smaller)
            rows["pixels"].append(luma_uint8(rgb) if channels == 1 else rgb)
        count = len(record["faces"])
        rows["emotion"] += [FACE_LABEL[record["emotion"]]] * count
        rows["voice_phase"] += _voice_phase(record, dataset.config.mfsc).tolist()
        rows["time"] += record["face_times"].tolist()
        rows["mouth_opening"] += record["mouth_opening"].tolist()
        rows["landmarks"] += list(record["landmarks"])
        for name in ("intensity", "statement", "actor", "clip_id"):
            rows[name] += [record[name]] * count
    if not rows["pixels"]:
        raise MediaError(f"{dataset.folder} has no faces in {', '.join(splits)}")
    kinds = {
        "pixels": np.uint8, "time": np.float32, "mouth_opening": np.float32, "landmarks": np.float32,
        "actor": np.str_, "clip_id": np.str_,
    }  # fmt: skip
    return Faces(**{name: np.asarray(values, kinds.get(name, np.int32)) for name, values in rows.items()})


def _voice_phase(record: dict, config: MfscConfig) -> np.ndarray:
    """-1, 0, 1 for each crop: before, during and after the voice. Pictures without sound are all "during"."""
    times = record["face_times"]
    if not len(record["mfsc"]):
        return np.zeros(len(times), np.int32)
    _, active = without_level(record["mfsc"], config)
    heard = record["mfsc_times"][active]
    return np.where(times < heard[0], -1, np.where(times > heard[-1], 1, 0)).astype(np.int32)


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


def merge_faces(parts: Sequence[Faces]) -> Faces:
    """Several sets of faces as one."""
    names = [field.name for field in dataclasses.fields(Faces)]
    return Faces(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
