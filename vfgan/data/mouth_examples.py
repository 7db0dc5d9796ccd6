"""Training examples of mouths: the moment's sound, and how far mouth and jaw are from rest."""

import dataclasses

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.config.networks import MouthConfig
from vfgan.data.dataset import DataSet
from vfgan.data.sampling import step_dataset
from vfgan.data.sound_changes import warp
from vfgan.errors import SchemaError
from vfgan.models.augment import split_seed
from vfgan.models.mouth import Mouth, below_nose
from vfgan.voice.mouth_sound import SILENCE, around, band_free_energy

#: A clip's mouth is at rest in this share of its frames: those in which it is open least.
_RESTING = 0.2
#: Components are measured on at most so many faces.
_MEASURED = 20_000
#: A clip needs as many faces, or it is not known how its mouth rests.
_LEAST_FACES = 10


@dataclasses.dataclass(frozen=True)
class TalkingFaces:
    """Faces of talking people, with the sound around them."""

    energy: np.ndarray  #: float32 [frames, bands], of all clips behind one another
    place: np.ndarray  #: int32 [faces], frame of each face
    first: np.ndarray  #: int32 [faces], first frame of its clip
    last: np.ndarray  #: int32 [faces]
    coefficients: np.ndarray  #: float32 [faces, components], how far mouth and jaw are from rest
    clip: np.ndarray  #: int32 [faces], number of its clip

    def __len__(self) -> int:
        return len(self.place)

    def sound(self, index, context: int) -> tf.Tensor:
        """What is heard around some faces: float32 [faces, 2 context + 1, bands]."""
        place, first, last = (tf.gather(tf.constant(column), index) for column in (self.place, self.first, self.last))
        return around(tf.constant(self.energy), place, first, last, context)


def talking_clips(dataset: DataSet, splits: list[str]):
    """(record, displacements float32 [faces, 468, 2], crop sides) of each clip with sound and enough faces."""
    for record in dataset.records(splits):
        found = np.isfinite(record["mouth_opening"])
        if len(record["mfsc"]) and found.sum() >= _LEAST_FACES:
            yield record, resting_displacements(record["landmarks"][found], record["mouth_opening"][found])


def resting_displacements(landmarks: np.ndarray, opening: np.ndarray) -> np.ndarray:
    """How far mouth and jaw are from where they are when the clip's mouth is closed.

    Args:
        landmarks: float [faces, 468, 2], crop sides.
        opening: float [faces], of the mouth.
    Returns:
        float32 [faces, 468, 2]; 0 above the nose.
    """
    landmarks = landmarks.astype(np.float32)
    rest = landmarks[opening <= np.quantile(opening, _RESTING)].mean(axis=0)
    return (landmarks - rest) * below_nose(rest)


def measure_mouth(mouth: Mouth, dataset: DataSet) -> None:
    """Gives a mouth its components, from the training clips.

    Raises:
        SchemaError: no clip has sound and enough faces.
    """
    found, count = [], 0
    for _, displacements in talking_clips(dataset, ["train"]):
        found.append(displacements)
        count += len(displacements)
        if count >= _MEASURED:
            break
    if not found:
        raise SchemaError(
            f"{dataset.folder}: no training clip has sound and {_LEAST_FACES} faces: build footage of talking people, "
            "with --face-fps 0"
        )
    mouth.measure(np.concatenate(found))


def load_talking(dataset: DataSet, splits: list[str], mouth: Mouth) -> TalkingFaces:
    """The talking faces of some splits, in the components of `mouth`; there may be none."""
    mfsc = dataset.config.mfsc
    energies, start = [], 0
    columns: dict[str, list] = {name: [] for name in ("place", "first", "last", "coefficients", "clip")}
    for number, (record, displacements) in enumerate(talking_clips(dataset, splits)):
        planes = tf.constant(record["mfsc"][None])
        energy = band_free_energy(planes, tf.shape(planes)[1:2], mfsc)[0].numpy()
        times = record["face_times"][np.isfinite(record["mouth_opening"])]
        nearest = np.abs(times[:, None] - record["mfsc_times"][None]).argmin(axis=1)
        count = len(times)
        columns["place"].append(start + nearest)
        columns["first"].append(np.full(count, start))
        columns["last"].append(np.full(count, start + len(energy) - 1))
        columns["coefficients"].append(mouth.coefficients(displacements))
        columns["clip"].append(np.full(count, number))
        energies.append(energy)
        start += len(energy)
    if not energies:
        none = np.zeros(0, np.int32)
        components = int(mouth.basis.shape[0])
        return TalkingFaces(
            np.zeros((0, mfsc.mel_bands), np.float32), none, none, none, np.zeros((0, components), np.float32), none
        )
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    whole = {name: value if name == "coefficients" else value.astype(np.int32) for name, value in joined.items()}
    return TalkingFaces(np.concatenate(energies), **whole)


def mouth_dataset(faces: TalkingFaces, mfsc: MfscConfig, config: MouthConfig, start: int, stop: int) -> tf.data.Dataset:
    """Batches (sound float32 [batch, 2 context + 1, bands], c float32 [batch, components]) of some steps.

    Each as another vocal tract and another level would give it.
    """
    wanted, count = tf.constant(faces.coefficients), config.train.batch_size

    def batch(seed):
        seeds = split_seed(seed, 3)
        index = tf.random.stateless_uniform([count], seeds[0], 0, len(faces), tf.int32)
        sound = faces.sound(index, config.context)
        factor = 1.0 + tf.random.stateless_uniform([count], seeds[1], -config.warp_range, config.warp_range)
        level = tf.random.stateless_uniform([count, 1, 1], seeds[2], -config.level_range, config.level_range)
        changed = warp(sound, factor, mfsc) + level
        sound = tf.where(sound > SILENCE, tf.maximum(changed, SILENCE), SILENCE)
        return sound, tf.gather(wanted, index)

    return step_dataset(batch, start, stop, config.train.seed)
