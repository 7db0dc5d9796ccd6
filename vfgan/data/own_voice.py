"""What is heard while a face is seen: its own voice, where voice and face are from the same clip."""

import dataclasses
from collections.abc import Collection, Sequence

import numpy as np
import tensorflow as tf

from vfgan.data.face_set import Faces
from vfgan.data.voice_set import Voices
from vfgan.emotions import FACE_LABEL
from vfgan.models.voice_reader import VoiceReader, utterance_mean
from vfgan.voice.attribute_track import interpolate


@dataclasses.dataclass(frozen=True)
class OwnVoices:
    """Of each face the voice that was heard with it; zeros where there is none."""

    #: bool [faces]: there is one, and the extractor hears it rightly without having learnt from its actor
    usable: np.ndarray
    z: np.ndarray  #: float32 [faces, z_size], of the window around the face's time


def own_voices(reader: VoiceReader, faces: Faces, voices: Sequence[Voices], learnt: Collection[str]) -> OwnVoices:
    """The own voices of faces.

    Args:
        reader: the extractor of this training.
        faces: of clips, with their times.
        voices: those of the data sets that the faces are from.
        learnt: actors that the extractor was trained on: it hears their emotions better than anybody else's.
    """
    count, z_size = len(faces), reader.extractor.settings["z_size"]
    own = OwnVoices(np.zeros(count, bool), np.zeros((count, z_size), np.float32))
    for some in voices:
        for clip, clip_id in enumerate(some.clip_id):
            index = np.flatnonzero(faces.clip_id == clip_id)
            if len(index):
                probabilities = _fill(own, index, faces.time[index], some.clip(clip), reader)
                if some.actor[clip] not in learnt:
                    own.usable[index] = np.array(FACE_LABEL)[probabilities.argmax(axis=1)] == faces.emotion[index]
    return own


def _fill(own: OwnVoices, index: np.ndarray, times: np.ndarray, planes: np.ndarray, reader: VoiceReader) -> np.ndarray:
    """Returns what is heard at each time, float32 [times, 8]."""
    config = reader.config
    attributes, weights = reader.window_attributes(tf.constant(planes[None]), tf.constant([len(planes)]))
    whole = utterance_mean(attributes, weights)
    z, probabilities = reader.extractor.z_and_probabilities(
        interpolate(attributes[0], weights[0], whole[0], tf.constant(times), config)
    )
    own.z[index] = z.numpy()
    return probabilities.numpy()
