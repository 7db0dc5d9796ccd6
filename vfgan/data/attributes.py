"""Voice attributes z of many utterances, for a generator to learn with."""

import dataclasses
import zipfile
from pathlib import Path

import numpy as np

from vfgan.data.dataset import Voices
from vfgan.emotions import FACE_EMOTIONS, FACE_LABEL
from vfgan.errors import SchemaError
from vfgan.models.voice_reader import VoiceReader, voice_batches
from vfgan.storage.files import atomic_path

#: Name of the file in a run's folder, and beside the weights of a SavedModel.
ATTRIBUTES = "attributes.npz"
#: Of a file: 100 times what three actors of RAVDESS have.
_MOST_BYTES = 16_000_000
#: Unknown, normal, strong.
INTENSITIES = 3


@dataclasses.dataclass(frozen=True)
class Attributes:
    """Voice attributes to draw from: of whole utterances and of their windows."""

    z: np.ndarray  #: float32 [attributes, z_size]
    emotion: np.ndarray  #: int32 [attributes], 0…6: calm counts as neutral, they have the same face
    intensity: np.ndarray  #: int32 [attributes]


def voice_attributes(reader: VoiceReader, voices: Voices) -> Attributes:
    """z of utterances, and of those of their windows that are mostly voice, where the extractor hears what is said.

    A happy voice that is heard as fearful would teach the generator that this z is happy; what is heard is what the
    face is to show. Of an emotion that is never heard right, all are taken.
    """
    label = np.array(FACE_LABEL, np.int32)[voices.emotion]
    z, probabilities = reader.read_voices(voices)
    parts, heard, clips = [z], [probabilities], [np.arange(len(voices))]
    for planes, frames, index in voice_batches(voices):
        window_z, window_p, weights = (t.numpy() for t in reader.read_windows(planes, frames))
        row, column = np.nonzero(weights >= 0.6 * weights.max(axis=1, keepdims=True))
        parts.append(window_z[row, column])
        heard.append(window_p[row, column])
        clips.append(index[row])
    clip = np.concatenate(clips)
    right = np.array(FACE_LABEL)[np.concatenate(heard).argmax(axis=1)] == label[clip]
    kept = right | ~np.isin(label[clip], label[clip][right])
    return Attributes(np.concatenate(parts)[kept], label[clip][kept], voices.intensity[clip][kept])


def label_attributes(attributes: Attributes) -> Attributes:
    """The emotions' names in place of the voice: z is 1 at the emotion's place, else 0 (the authors' code)."""
    z = np.eye(len(FACE_EMOTIONS), dtype=np.float32)[attributes.emotion]
    return dataclasses.replace(attributes, z=z)


def save_attributes(attributes: Attributes, path: Path) -> None:
    """A .npz file of the three arrays."""
    with atomic_path(path) as temporary:
        np.savez(temporary, **dataclasses.asdict(attributes))


def load_attributes(path: Path, z_size: int) -> Attributes:
    """What `save_attributes` wrote.

    Raises:
        SchemaError: it is not there, is no such file, or is too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > _MOST_BYTES:
            raise ValueError(f"it unpacks to {size:,} bytes, the limit is {_MOST_BYTES:,}")
        with np.load(path, allow_pickle=False) as arrays:
            z, emotion, intensity = (arrays[field.name] for field in dataclasses.fields(Attributes))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise SchemaError(f"{path} holds no voice attributes: {error}") from error
    count = len(z) if z.ndim else 0
    if not count or z.shape != (count, z_size) or z.dtype != np.float32:
        raise SchemaError(f"{path}: z is {z.dtype} {list(z.shape)}, expected float32 [attributes, {z_size}]")
    for name, values, most in (("emotion", emotion, len(FACE_EMOTIONS)), ("intensity", intensity, INTENSITIES)):
        if values.dtype != np.int32 or values.shape != (count,) or values.min() < 0 or values.max() >= most:
            raise SchemaError(f"{path}: {name} is not int32 [{count}] of 0 to {most - 1}")
    if not np.isfinite(z).all():
        raise SchemaError(f"{path}: z has values that are not finite")
    return Attributes(z, emotion, intensity)
