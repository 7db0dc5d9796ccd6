"""Training examples of the GAN: source face x, face y that shows an emotion, fitting voice z, wrong voice z'."""

import dataclasses

import numpy as np
import tensorflow as tf

from vfgan.config import GanConfig
from vfgan.data.draw import Groups, split_seed, step_dataset
from vfgan.data.faces import BalancedFaces, change_faces, pm1
from vfgan.data.records import Faces, Voices
from vfgan.emotions import FACE_EMOTIONS, FACE_LABEL
from vfgan.errors import ConfigError
from vfgan.voice import VoiceReader, voice_batches

_INTENSITIES = 3  # unknown, normal, strong


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


def source_faces(faces: Faces, config: GanConfig) -> Faces:
    """X: faces of neutral and calm clips, or all.

    Faces before the voice of an emotional clip are no neutral ones: they often show its emotion already.

    Raises:
        ConfigError: there are none.
    """
    if config.source == "any":
        return faces
    neutral = faces.where(faces.emotion == FACE_EMOTIONS.index("neutral"))
    if not len(neutral):
        raise ConfigError("--source neutral: the data set has no neutral faces; use --source any")
    return neutral


def pair_dataset(
    sources: Faces, faces: Faces, attributes: Attributes, config: GanConfig, start: int, stop: int
) -> tf.data.Dataset:
    """Batches {x, y float32 [batch, size, size, 1]; z, z_wrong float32 [batch, z_size]; emotional float32 [batch]}.

    y: emotions drawn equally often. z: of a voice of the same emotion, and of the same intensity where both are
    known. z_wrong: of another emotion, each as likely. emotional: 1, or 0 where y and z are neutral.

    Raises:
        ConfigError: an emotion has faces but no voices, or there are fewer than two emotions.
    """
    batch_size, emotions = config.train.batch_size, len(FACE_EMOTIONS)
    _check_voices(faces, attributes)
    x_pixels, y_pixels, z_table = tf.constant(sources.pixels), tf.constant(faces.pixels), tf.constant(attributes.z)
    y_emotion = tf.constant(faces.emotion)
    some_x, some_y = BalancedFaces(sources), BalancedFaces(faces)
    voices_of = Groups(attributes.emotion, emotions)
    voices_like = Groups(attributes.emotion * _INTENSITIES + attributes.intensity, emotions * _INTENSITIES)
    y_kind = tf.constant(faces.emotion * _INTENSITIES + faces.intensity)
    voiced = tf.constant(np.unique(attributes.emotion).astype(np.int32))

    def batch(seed):
        seeds = split_seed(seed, 7)
        x_index, y_index = some_x.draw(seeds[0], batch_size), some_y.draw(seeds[1], batch_size)
        emotion, kind = tf.gather(y_emotion, y_index), tf.gather(y_kind, y_index)
        alike = tf.gather(voices_like.counts, kind) > 0
        filled = tf.where(alike, kind, voices_like.filled[0])  # both branches are computed: none may draw from nothing
        z_index = tf.where(alike, voices_like.draw_members(seeds[2], filled), voices_of.draw_members(seeds[2], emotion))
        other = _another(voiced, emotion, seeds[3])
        wrong_index = voices_of.draw_members(seeds[4], other)
        return {
            "x": change_faces(pm1(tf.gather(x_pixels, x_index)), seeds[5], strength=0.3),
            "y": change_faces(pm1(tf.gather(y_pixels, y_index)), seeds[6], strength=0.3),
            "z": tf.gather(z_table, z_index),
            "z_wrong": tf.gather(z_table, wrong_index),
            "emotional": tf.cast(emotion != FACE_EMOTIONS.index("neutral"), tf.float32),
        }

    return step_dataset(batch, start, stop, config.train.seed)


def _another(groups: tf.Tensor, taken: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """For each of `taken` (which are among `groups`) one of the other groups: int32 [batch]."""
    place = tf.cast(tf.argmax(tf.cast(groups[None, :] == taken[:, None], tf.int32), axis=1), tf.int32)
    offset = tf.random.stateless_uniform(tf.shape(taken), seed, 1, tf.size(groups), tf.int32)
    return tf.gather(groups, (place + offset) % tf.size(groups))


def _check_voices(faces: Faces, attributes: Attributes) -> None:
    without = [FACE_EMOTIONS[e] for e in sorted(set(faces.emotion) - set(attributes.emotion))]
    if without:
        raise ConfigError(
            f"there are {without[0]} faces but no {without[0]} voices: add voices, or leave the faces out"
        )
    if len(set(attributes.emotion)) < 2:
        raise ConfigError("the voices have one emotion: at least two are needed to tell a right voice from a wrong one")
