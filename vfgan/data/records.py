"""A data set on disk -> arrays in memory.

Voices are small (45 kB a RAVDESS clip) and faces are kept as one byte a pixel at the size the networks use, so a
training reads its data once and then draws any example by its index: the data of step n is a pure function of
(seed, n), which is what makes an interrupted run equal to an undisturbed one.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from vfgan import schema
from vfgan.colour import luma_uint8
from vfgan.config import BuildConfig, MfscConfig
from vfgan.emotions import FACE_LABEL
from vfgan.errors import MediaError, SchemaError
from vfgan.files import digest_file, read_json
from vfgan.plain import from_dict
from vfgan.utterance import active_frames, level_free


class DataSet:
    """A folder made by `tfrecords_builder`.

    Args:
        folder: holds manifest.json and the shards.
    Raises:
        SchemaError: it is no data set, not finished, or of another version.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        if not (self.folder / "manifest.json").is_file():
            raise SchemaError(f"{self.folder} holds no finished data set (no manifest.json): run `vfgan build` first")
        self.manifest = read_json(self.folder / "manifest.json")
        version = self.manifest.get("schema_version")
        if version != schema.VERSION:
            raise SchemaError(
                f"{self.folder}/manifest.json: schema_version is {version}, this vfgan reads {schema.VERSION}; "
                "build the data set again"
            )
        self.config = from_dict(BuildConfig, self.manifest["config"], "manifest.config")

    def records(self, splits: Sequence[str]) -> Iterator[dict]:
        """The records of some splits, one dictionary a clip (`vfgan.schema`).

        Raises:
            SchemaError: a shard is missing, damaged, or a record is of another version.
        """
        import tensorflow as tf

        for shard in self.manifest["shards"]:
            if shard["split"] in splits:
                path = self.folder / shard["name"]
                if not path.is_file():
                    raise SchemaError(f"{path} is missing: build the data set again")
                try:
                    for serialized in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
                        yield schema.decode(serialized)
                except tf.errors.DataLossError as error:
                    raise SchemaError(f"{path} is damaged: {error.message}; build the data set again") from error

    def verify(self) -> None:
        """Compares every shard with its digest.

        Raises:
            SchemaError: one is missing or differs.
        """
        for shard in self.manifest["shards"]:
            path = self.folder / shard["name"]
            if not path.is_file() or digest_file(path) != shard["digest"]:
                raise SchemaError(f"{path} is not what the manifest describes: build the data set again")


#: What `Voices` say of an utterance.
_LABELS = ("emotion", "intensity", "actor", "clip_id", "channel")


@dataclasses.dataclass(frozen=True)
class Voices:
    """Utterances, one after the other in one array."""

    planes: np.ndarray  #: float32 [frames of all clips, bands, 3], level-free MFSC
    starts: np.ndarray  #: int32 [clips + 1]: clip i is planes[starts[i] : starts[i + 1]]
    active: np.ndarray  #: bool [frames of all clips]
    emotion: np.ndarray  #: int32 [clips], 0…7
    intensity: np.ndarray  #: int32 [clips]
    actor: np.ndarray  #: str [clips]
    clip_id: np.ndarray  #: str [clips], corpus/key
    channel: np.ndarray | None = None  #: str [clips]: speech, song, or "" where it is not known (None: nowhere)

    def __post_init__(self) -> None:
        if self.channel is None:
            object.__setattr__(self, "channel", np.full(len(self.emotion), ""))

    def __len__(self) -> int:
        return len(self.emotion)

    @property
    def corpus(self) -> np.ndarray:
        """str [clips]."""
        return np.array([clip_id.split("/")[0] for clip_id in self.clip_id])

    @property
    def person(self) -> np.ndarray:
        """str [clips]: corpus/actor, "" where the actor is not known. Two corpora's actor 01 are two people."""
        return np.array([f"{c}/{a}" if a else "" for c, a in zip(self.corpus, self.actor)])

    @property
    def domain(self) -> np.ndarray:
        """str [clips]: the corpus, with its songs apart, which have other emotions: "ravdess", "ravdess song"."""
        return np.array([f"{c} song" if channel == "song" else c for c, channel in zip(self.corpus, self.channel)])

    def clip(self, index: int) -> np.ndarray:
        """MFSC of one clip: float32 [frames, bands, 3]."""
        return self.planes[self.starts[index] : self.starts[index + 1]]

    def where(self, chosen: np.ndarray) -> "Voices":
        """The utterances for which `chosen` (bool [clips]) says so."""
        frames = np.repeat(chosen, np.diff(self.starts))
        lengths = np.diff(self.starts)[chosen]
        labels = {name: getattr(self, name)[chosen] for name in _LABELS}
        return Voices(
            planes=self.planes[frames], starts=np.cumsum([0, *lengths]).astype(np.int32), active=self.active[frames],
            **labels,
        )  # fmt: skip


def load_voices(dataset: DataSet, splits: Sequence[str], actors: Sequence[str] = ()) -> Voices:
    """The utterances of some splits, of all actors or of those named.

    Raises:
        MediaError: there are none.
    """
    config = dataset.config.mfsc
    kept = [r for r in dataset.records(splits) if len(r["mfsc"]) and (not actors or r["actor"] in actors)]
    if not kept:
        named = f" of actors {', '.join(actors)}" if actors else ""
        raise MediaError(f"{dataset.folder} has no voices{named} in {', '.join(splits)}")
    kept.sort(key=lambda record: record["clip_id"])
    prepared = [_prepare(record["mfsc"], config) for record in kept]
    return Voices(
        planes=np.concatenate([planes for planes, _ in prepared]),
        starts=np.cumsum([0] + [len(planes) for planes, _ in prepared]).astype(np.int32),
        active=np.concatenate([active for _, active in prepared]),
        emotion=np.array([record["emotion"] for record in kept], np.int32),
        intensity=np.array([record["intensity"] for record in kept], np.int32),
        actor=np.array([record["actor"] for record in kept]),
        clip_id=np.array([record["clip_id"] for record in kept]),
        channel=np.array([record["channel"] for record in kept]),
    )


def _prepare(planes: np.ndarray, config: MfscConfig) -> tuple[np.ndarray, np.ndarray]:
    """Level-free MFSC and active frames of one clip."""
    import tensorflow as tf

    batch, frames = tf.constant(planes[None]), tf.constant([len(planes)])
    active = active_frames(batch, frames, config)
    return level_free(batch, active, frames, config)[0].numpy(), active[0].numpy() > 0


@dataclasses.dataclass(frozen=True)
class Faces:
    """Face crops of many clips."""

    pixels: np.ndarray  #: uint8 [faces, size, size, 1], luma
    emotion: np.ndarray  #: int32 [faces], 0…6, index in `vfgan.emotions.FACE_EMOTIONS`
    intensity: np.ndarray  #: int32 [faces]
    statement: np.ndarray  #: int32 [faces], 0: unknown
    voiced: np.ndarray  #: int32 [faces]: 0 during the voice (or no voice), -1 before it, 1 after it
    time: np.ndarray  #: float32 [faces], seconds in the clip
    mouth_opening: np.ndarray  #: float32 [faces]
    actor: np.ndarray  #: str [faces]
    clip_id: np.ndarray  #: str [faces]

    def __len__(self) -> int:
        return len(self.pixels)

    def where(self, chosen: np.ndarray) -> "Faces":
        """Those for which `chosen` (bool or index [faces]) says so."""
        return Faces(**{field.name: getattr(self, field.name)[chosen] for field in dataclasses.fields(self)})

    @property
    def aligned(self) -> "Faces":
        """Those that were cut out by their landmarks, not as the whole picture."""
        return self.where(np.isfinite(self.mouth_opening))

    @property
    def showing(self) -> "Faces":
        """Those that show their clip's emotion: seen while the voice is heard."""
        return self.where(self.voiced == 0)


def load_faces(dataset: DataSet, splits: Sequence[str], size_px: int) -> Faces:
    """The face crops of some splits, as luma of one size.

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
            rows["pixels"].append(luma_uint8(cv2.resize(rgb, (size_px, size_px), interpolation=smaller)))
        count = len(record["faces"])
        rows["emotion"] += [FACE_LABEL[record["emotion"]]] * count
        rows["voiced"] += _voiced(record, dataset.config.mfsc).tolist()
        rows["time"] += record["face_times"].tolist()
        rows["mouth_opening"] += record["mouth_opening"].tolist()
        for name in ("intensity", "statement", "actor", "clip_id"):
            rows[name] += [record[name]] * count
    if not rows["pixels"]:
        raise MediaError(f"{dataset.folder} has no faces in {', '.join(splits)}")
    kinds = {"pixels": np.uint8, "time": np.float32, "mouth_opening": np.float32, "actor": np.str_, "clip_id": np.str_}
    return Faces(**{name: np.asarray(values, kinds.get(name, np.int32)) for name, values in rows.items()})


def _voiced(record: dict, config: MfscConfig) -> np.ndarray:
    """-1, 0, 1 for each crop: before, during and after the voice. Pictures without sound are all "during"."""
    times = record["face_times"]
    if not len(record["mfsc"]):
        return np.zeros(len(times), np.int32)
    _, active = _prepare(record["mfsc"], config)
    heard = record["mfsc_times"][active]
    return np.where(times < heard[0], -1, np.where(times > heard[-1], 1, 0)).astype(np.int32)


def take_half(faces: Faces, half: str) -> Faces:
    """A fixed half of the faces, so that two networks can learn from different ones.

    Of each emotion in a corpus "first" has every other sentence of an actor with all its repetitions, "second" the
    rest; where there is one sentence only, they share its clips.

    Args:
        half: "first", "second" or "all".
    """
    if half == "all":
        return faces
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
