"""A generator with the short-time condition as a SavedModel: the sound around each face, computed in the graph."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from vfgan.config import CropConfig, GanConfig, MfscConfig
from vfgan.export import export_model
from vfgan.generate import VoiceFace
from vfgan.mfsc import SHORT_TIME_SIZE, loudness, mfsc_of_waveform, short_time
from vfgan.models.extractor import build_extractor
from vfgan.models.generator import build_generator
from vfgan.plain import to_dict
from vfgan.saved import load_model
from vfgan.serving_modules import GeneratorServing, VideoServing
from vfgan.voice import VoiceReader

MFSC, Z = MfscConfig(), 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """vfgan and vfgan_video of random weights, 32 px."""
    keras.utils.set_random_seed(3)
    out = tmp_path_factory.mktemp("models")
    reader = VoiceReader(build_extractor(40, widths=(4, 4, 4, 4), dense=8, z_size=Z), MFSC)
    generator = build_generator(32, filters=4, blocks=1, z_size=Z + SHORT_TIME_SIZE)
    generator.picture.kernel.assign(keras.random.normal(generator.picture.kernel.shape, stddev=0.2, seed=4))
    for stage in generator.down:  # so that sound is to be seen
        stage.shift.kernel.assign(10 * stage.shift.kernel)
    serving = GeneratorServing(generator, reader, np.zeros(Z, np.float32), 32, CropConfig())
    card = {"resolved": {"config": to_dict(GanConfig(size_px=32, short_time=True))}}
    export_model(serving, "vfgan", out, card)
    export_model(VideoServing(serving), "vfgan_video", out, card)
    return out


def test_faces_of_a_video_follow_the_sound_around_them(folder, voice_samples):
    model = VoiceFace(folder / "vfgan")
    times = np.array([0.3, 0.6, 0.9, 1.5])
    face = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3)).astype(np.uint8)
    faces = np.repeat(face, 4, axis=0)
    condition = model.track(voice_samples).at(times)
    assert condition.shape == (4, Z + SHORT_TIME_SIZE)
    loud = loudness(tf.constant(mfsc_of_waveform(voice_samples, MFSC)), MFSC)
    expected = short_time(loud, tf.constant(times, tf.float32), MFSC)
    np.testing.assert_allclose(condition[:, Z:], expected, atol=1e-4)
    made = model.change(faces, condition)
    video, _ = load_model(folder / "vfgan_video")
    out = video.signatures["serving_default"](
        waveform=tf.constant(voice_samples), faces=tf.constant(faces), times=tf.constant(times, tf.float32)
    )
    assert out["z"].shape == (4, Z)
    assert np.abs(out["generated_faces"].numpy().astype(int) - made).max() <= 1
    # the same z with other sound is another face
    same_z = np.concatenate([np.repeat(condition[:1, :Z], 4, axis=0), condition[:, Z:]], axis=1)
    differ = model.change(faces, same_z).astype(int)
    assert np.abs(differ[0] - differ[3]).max() > 1


def test_of_a_single_picture_the_sound_is_not_known(folder, voice_samples):
    model = VoiceFace(folder / "vfgan")
    face = np.random.default_rng(1).integers(0, 256, (1, 32, 32, 3)).astype(np.uint8)
    heard = model.hear(voice_samples)
    unknown = np.concatenate([heard.z, np.zeros(SHORT_TIME_SIZE, np.float32)])[None]
    np.testing.assert_array_equal(model.change(face, heard.z[None]), model.change(face, unknown))
    out = model.signature("serving_default")(waveform=tf.constant(voice_samples[None]), face=tf.constant(face))
    assert np.abs(out["generated_face"].numpy().astype(int) - model.change(face, heard.z[None])).max() <= 1


def test_the_dial_leaves_the_sound_as_it_is(folder):
    model = VoiceFace(folder / "vfgan", intensity=0.5)
    condition = np.arange(Z + SHORT_TIME_SIZE, dtype=np.float32)[None]
    dialled = model.dial(condition)
    np.testing.assert_allclose(dialled[0, :Z], condition[0, :Z] / 2)
    np.testing.assert_array_equal(dialled[0, Z:], condition[0, Z:])


def test_the_gain_moves_the_attribute_away_from_the_neutral_voice_and_leaves_the_sound():
    generator = build_generator(32, filters=4, blocks=1, z_size=Z + SHORT_TIME_SIZE)
    generator.picture.kernel.assign(keras.random.normal(generator.picture.kernel.shape, stddev=0.2, seed=4))
    reader = VoiceReader(build_extractor(40, widths=(4, 4, 4, 4), dense=8, z_size=Z), MFSC)
    neutral = np.linspace(-1, 1, Z).astype(np.float32)
    plain, more = (GeneratorServing(generator, reader, neutral, 32, CropConfig(), gain=gain) for gain in (1.0, 1.5))
    rng = np.random.default_rng(2)
    face = rng.integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    z, sound = rng.normal(0, 3, (2, Z)).astype(np.float32), rng.normal(0, 1, (2, SHORT_TIME_SIZE)).astype(np.float32)
    further = neutral + 1.5 * (z - neutral)
    made, expected, other = (
        serving.from_z(face, np.concatenate([attribute, sound], axis=1))["generated_face"].numpy().astype(int)
        for serving, attribute in ((more, z), (plain, further), (plain, z))
    )
    assert np.abs(made - expected).max() <= 1
    assert np.abs(made - other).max() > 1
    # without the sound, too; and the neutral voice stays where it is
    np.testing.assert_array_equal(
        more.from_z(face, np.stack([neutral, neutral]))["generated_face"],
        plain.from_z(face, np.stack([neutral, neutral]))["generated_face"],
    )
