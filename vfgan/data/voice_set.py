"""The voices of a data set as arrays in memory.

Voices are small (45 kB a RAVDESS clip). A training reads them once and draws any example by its index: the batch of
step n is a pure function of (seed, n), so an interrupted run equals an undisturbed one.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from vfgan.config.data import MfscConfig
from vfgan.data.dataset import DataSet
from vfgan.errors import MediaError
from vfgan.voice.windows import active_frames, remove_level

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
    channel: np.ndarray = None  # type: ignore[assignment]  #: str [clips]: speech, song, or "" where it is not known

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
    prepared = [without_level(record["mfsc"], config) for record in kept]
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


def without_level(planes: np.ndarray, config: MfscConfig) -> tuple[np.ndarray, np.ndarray]:
    """Level-free MFSC and active frames of one clip."""
    import tensorflow as tf

    batch, frames = tf.constant(planes[None]), tf.constant([len(planes)])
    active = active_frames(batch, frames, config)
    return remove_level(batch, active, frames, config)[0].numpy(), active[0].numpy() > 0
