"""Voice attributes z of many utterances, for a generator to learn with."""

import dataclasses
import zipfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from vfgan.data.voice_set import Voices
from vfgan.emotions import EMOTIONS, FACE_EMOTIONS, FACE_LABEL
from vfgan.errors import SchemaError
from vfgan.models.voice_reader import VoiceReader, utterance_mean
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
    z, probabilities = read_voices(reader, voices)
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


def measure_z(reader: VoiceReader, voices: Voices) -> None:
    """Sets the scale of z, by all windows of the training voices, and what is familiar, by their utterances."""
    windows, whole, kinds = _attributes_of(reader, voices)
    reader.extractor.standardise_z.measure(windows)
    if reader.extractor.familiar_range:
        reader.extractor.familiarity.measure(whole, kinds)


def add_familiar(reader: VoiceReader, voices: Voices) -> None:
    """Makes further voices familiar to an extractor that has been measured."""
    if reader.extractor.familiar_range:
        _, whole, kinds = _attributes_of(reader, voices)
        reader.extractor.familiarity.add(whole, kinds)


def _attributes_of(reader: VoiceReader, voices: Voices) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Attributes of all windows, float32 [windows, z_size], and utterances, [voices, z_size]; each one's kind."""
    collected, whole = [], np.zeros((len(voices), reader.extractor.settings["z_size"]), np.float32)
    for planes, frames, index in voice_batches(voices):
        attributes, weights = reader.window_attributes(planes, frames)
        collected.append(attributes.numpy()[weights.numpy() > 0])
        whole[index] = utterance_mean(attributes, weights).numpy()
    kinds = np.array([f"{domain} {emotion}" for domain, emotion in zip(voices.domain, voices.emotion)])
    return np.concatenate(collected), whole, kinds


def read_voices(reader: VoiceReader, voices: Voices) -> tuple[np.ndarray, np.ndarray]:
    """z [clips, z_size] and probabilities [clips, 8] of every utterance, float32."""
    size = reader.extractor.settings["z_size"]
    z, probabilities = np.zeros((len(voices), size), np.float32), np.zeros((len(voices), 8), np.float32)
    for planes, frames, index in voice_batches(voices):
        one_z, one_p = reader.read_planes_graph(planes, frames)
        z[index], probabilities[index] = one_z.numpy(), one_p.numpy()
    return z, probabilities


def neutral_z(reader: VoiceReader, voices: Voices) -> np.ndarray:
    """0 on the intensity dial: the mean z of neutral voices (else calm ones, else all), float32 [z_size]."""
    z, _ = read_voices(reader, voices)
    for name in ("neutral", "calm"):
        chosen = z[voices.emotion == EMOTIONS.index(name)]
        if len(chosen):
            return chosen.mean(axis=0)
    return z.mean(axis=0)


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


def voice_batches(voices: Voices, size: int = 32):
    """Utterances of similar length together: (planes [batch, frames, bands, 3], frames [batch], clip indices)."""
    lengths = np.diff(voices.starts)
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), size):
        index = order[start : start + size]
        planes = np.zeros((len(index), lengths[index].max(), *voices.planes.shape[1:]), np.float32)
        for row, clip in enumerate(index):
            planes[row, : lengths[clip]] = voices.clip(clip)
        yield tf.constant(planes), tf.constant(lengths[index], tf.int32), index
