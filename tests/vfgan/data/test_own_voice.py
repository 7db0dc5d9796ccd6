"""Own voices: z at a face's time."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.data.attributes import read_voices
from vfgan.data.face_set import Faces
from vfgan.data.own_voice import own_voices
from vfgan.data.voice_set import Voices
from vfgan.emotions import FACE_LABEL
from vfgan.models.extractor import build_extractor
from vfgan.models.voice_reader import VoiceReader
from vfgan.voice.attribute_track import VoiceTrack

MFSC = MfscConfig()


@pytest.fixture(scope="module")
def reader():
    keras.utils.set_random_seed(1)
    return VoiceReader(build_extractor(40, widths=(4, 4, 4, 4), dense=8, z_size=3, towers=1), MFSC)


def make_faces(clips, times):
    count = len(clips)
    zeros = np.zeros(count, np.int32)
    return Faces(
        np.zeros((count, 8, 8, 1), np.uint8), zeros, zeros, zeros, zeros, np.array(times, np.float32),
        zeros.astype(np.float32), np.array(["01"] * count), np.array(clips),
    )  # fmt: skip


def make_voices(clips, frames=60):
    rng = np.random.default_rng(2)
    count = len(clips)
    planes = rng.standard_normal((count * frames, 40, 3)).astype(np.float32)
    planes[..., 0] += 2 * np.sin(np.arange(count * frames) / 3)[:, None]
    zeros = np.zeros(count, np.int32)
    return Voices(
        planes, np.arange(0, count * frames + 1, frames, dtype=np.int32), np.ones(count * frames, bool), zeros, zeros,
        np.array(["01"] * count), np.array(clips),
    )  # fmt: skip


def test_each_face_has_what_is_heard_at_its_time(reader):
    faces, voices = make_faces(["a", "b", "a", "x"], [0.5, 1.0, 1.9, 0.1]), make_voices(["a", "b"])
    own = own_voices(reader, faces, [voices], ())
    assert own.z.any(axis=1).tolist() == [True, True, True, False]
    assert not own.usable[3]
    planes = tf.constant(voices.clip(0))
    # as generated videos follow a voice
    attributes, weights = reader.window_attributes(planes[None], tf.constant([60]))
    z, _ = reader.read_planes(planes[None], tf.constant([60]))
    window_z, _ = reader.extractor.z_and_probabilities(attributes[0])
    track = VoiceTrack({"window_z": window_z, "weights": weights[0], "z": z[0]}, MFSC)
    np.testing.assert_allclose(own.z[[0, 2]], track.at(np.array([0.5, 1.9])), atol=1e-4)


def test_what_is_heard_wrong_or_too_well_is_not_heard(reader):
    """The extractor hears the same in all: one emotion of the three faces is that."""
    voices = make_voices(["a", "b", "c"])
    seen = np.array(FACE_LABEL)[read_voices(reader, voices)[1].argmax(axis=1)]
    faces = make_faces(["a", "b", "c"], [0.6] * 3)
    faces = dataclasses.replace(faces, emotion=np.array([seen[0], (seen[1] + 1) % 7, seen[2]], np.int32))
    voices = dataclasses.replace(voices, actor=np.array(["01", "01", "02"]))
    assert own_voices(reader, faces, [voices], {"02"}).usable.tolist() == [True, False, False]
    assert own_voices(reader, faces, [voices], ()).usable.tolist() == [True, False, True]


def test_where_there_is_none(reader):
    own = own_voices(reader, make_faces(["x"], [0.0]), [make_voices(["a"])], ())
    assert not own.usable.any()
    assert not own.z.any()
