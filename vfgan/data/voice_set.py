"""The voices of a data set: labels in memory, MFSC where they lie.

A training draws any example by its index: the batch of step n is a pure function of (seed, n), so an interrupted run
equals an undisturbed one.
"""

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from vfgan.config.data import ReadConfig
from vfgan.data.dataset import DataSet
from vfgan.data.rows import Memory
from vfgan.data.stored_voices import StoredPlanes
from vfgan.errors import MediaError

#: (clip int32 [batch], frames int32 [batch, frames], …) -> float32 [batch, frames, bands] for each of the frames.
Gatherer = Callable[..., tuple[tf.Tensor, ...]]
#: What `Voices` say of an utterance.
_LABELS = ("emotion", "intensity", "actor", "clip_id", "channel")


def domain_of(corpus: str, channel: str) -> str:
    """The corpus, with its songs apart, which have other emotions: "ravdess", "ravdess song"."""
    return f"{corpus} song" if channel == "song" else corpus


@dataclasses.dataclass(frozen=True)
class Voices:
    """Utterances, one after the other in one array."""

    planes: np.ndarray | StoredPlanes  #: float32 [frames of all clips, bands, 3], level-free MFSC
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

    @functools.cached_property
    def corpus(self) -> np.ndarray:
        """str [clips]."""
        return np.array([clip_id.split("/")[0] for clip_id in self.clip_id])

    @functools.cached_property
    def person(self) -> np.ndarray:
        """str [clips]: corpus/actor, "" where the actor is not known. Two corpora's actor 01 are two people."""
        return np.array([f"{c}/{a}" if a else "" for c, a in zip(self.corpus, self.actor)])

    @functools.cached_property
    def domain(self) -> np.ndarray:
        """str [clips]: see `domain_of`."""
        return np.array([domain_of(*names) for names in zip(self.corpus, self.channel)])

    def clip(self, index: int) -> np.ndarray:
        """MFSC of one clip: float32 [frames, bands, 3]."""
        if isinstance(self.planes, StoredPlanes):
            return self.planes.clip(index)
        return self.planes[self.starts[index] : self.starts[index + 1]]

    @property
    def spectra(self) -> np.ndarray:
        """Mean log energies of each clip's active frames: float32 [clips, bands]."""
        if isinstance(self.planes, StoredPlanes):
            return self.planes.spectra
        spans = [slice(*span) for span in zip(self.starts[:-1], self.starts[1:])]
        return np.array([self.planes[span][self.active[span], :, 0].mean(axis=0) for span in spans])

    def energy_gatherer(self) -> Gatherer:
        """A function (clip, frames, …) -> log energies; see `StoredPlanes.gather_energies`."""
        if isinstance(self.planes, StoredPlanes):
            return self.planes.gather_energies
        energies, begin = tf.constant(np.ascontiguousarray(self.planes[..., 0])), tf.constant(self.starts)
        return lambda clip, *frames: tuple(tf.gather(energies, tf.gather(begin, clip)[:, None] + f) for f in frames)

    def where(self, chosen: np.ndarray) -> "Voices":
        """The utterances for which `chosen` (bool [clips]) says so."""
        lengths = np.diff(self.starts)
        if isinstance(self.planes, StoredPlanes):
            planes: np.ndarray | StoredPlanes = self.planes.where(chosen)
        else:
            planes = self.planes[np.repeat(chosen, lengths)]
        return Voices(
            planes=planes,
            starts=np.cumsum([0, *lengths[chosen]]).astype(np.int32),
            active=self.active[np.repeat(chosen, lengths)],
            **{name: getattr(self, name)[chosen] for name in _LABELS},
        )


def load_voices(
    dataset: DataSet, splits: Sequence[str], actors: Sequence[str] = (), memory: Memory | None = None
) -> Voices:
    """The utterances of some splits, of all actors or of those named; their MFSC are read when they are needed.

    Args:
        memory: where MFSC are kept if all fit; else they are read each time.
    Raises:
        MediaError: there are none.
        SchemaError: a shard is missing or damaged.
    """
    index = dataset.index(splits)
    kept = index.clips["frames"] > 0
    if actors:
        kept &= np.isin(index.clips["actor"], list(actors))
    if not kept.any():
        named = f" of actors {', '.join(actors)}" if actors else ""
        raise MediaError(f"{dataset.folder} has no voices{named} in {', '.join(splits)}")
    index = index.where(np.flatnonzero(kept))
    return Voices(
        planes=StoredPlanes.of(index, dataset.config.mfsc, memory or Memory(ReadConfig().cache_mib)),
        starts=np.cumsum([0, *index.clips["frames"]]).astype(np.int32), active=index.active,
        **{name: index.clips[name] for name in _LABELS},
    )  # fmt: skip
