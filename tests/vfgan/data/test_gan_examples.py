"""Examples of the GAN: which voice goes with which face, and which must not."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.vfgan.data.flat_faces import make_faces
from vfgan.config.data import MfscConfig
from vfgan.config.gan import GanConfig
from vfgan.config.training import TrainConfig
from vfgan.data.attributes import Attributes, label_attributes, read_voices, voice_attributes
from vfgan.data.gan_examples import pair_dataset
from vfgan.data.own_voice import OwnVoices
from vfgan.data.voice_set import Voices
from vfgan.emotions import EMOTIONS, FACE_EMOTIONS, FACE_LABEL
from vfgan.errors import ConfigError
from vfgan.models.extractor import build_extractor
from vfgan.models.voice_reader import VoiceReader

CONFIG = GanConfig.of(size_px=32, train=TrainConfig(steps=100, batch_size=16))


def make_attributes(emotions, intensities):
    """z = (emotion, intensity, number): a batch tells what it drew."""
    rows = [(e, i, n) for n, (e, i) in enumerate(zip(emotions, intensities))]
    return Attributes(np.array(rows, np.float32), np.array(emotions, np.int32), np.array(intensities, np.int32))


def draw(faces, attributes, start=0, stop=12, config=CONFIG):
    """Batches of some steps, one after the other; the emotion of y is read from its grey level."""
    batches = list(pair_dataset(faces, faces, attributes, config, start, stop).as_numpy_iterator())
    drawn = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    grey = (np.median(drawn["y"], axis=(1, 2, 3)) + 1) * 127.5
    return drawn, grey


ALL_FACES = make_faces([0, 1, 2, 3, 4, 5, 6] * 2, [1] * 7 + [2] * 7)
ALL_VOICES = make_attributes([0, 1, 2, 3, 4, 5, 6] * 2, [1] * 7 + [2] * 7)


def test_shapes_and_ranges():
    drawn, _ = draw(ALL_FACES, ALL_VOICES, 0, 1)
    assert {name: value.shape for name, value in drawn.items()} == {
        "x": (16, 32, 32, 1), "y": (16, 32, 32, 1), "z": (16, 3), "z_wrong": (16, 3), "label": (16, 7),
        "emotional": (16,),
    }  # fmt: skip
    assert all(value.dtype == np.float32 for value in drawn.values())
    np.testing.assert_array_equal(drawn["label"], np.eye(7)[drawn["z"][:, 0].astype(int)])


@pytest.mark.medium
def test_a_step_is_a_pure_function_of_seed_and_step():
    whole, _ = draw(ALL_FACES, ALL_VOICES, 0, 4)
    later, _ = draw(ALL_FACES, ALL_VOICES, 2, 4)
    for name in whole:
        np.testing.assert_array_equal(later[name], whole[name][32:])
        assert (whole[name][:16] != whole[name][16:32]).any()
    other, _ = draw(
        ALL_FACES, ALL_VOICES, 0, 1, GanConfig.of(size_px=32, train=TrainConfig(steps=9, batch_size=16, seed=2))
    )
    assert (other["z"] != whole["z"][:16]).any()


def test_the_wrong_voice_is_always_of_another_face():
    drawn, _ = draw(ALL_FACES, ALL_VOICES, 0, 40)
    right, wrong = drawn["z"][:, 0], drawn["z_wrong"][:, 0]
    assert (right != wrong).all()
    # each of the six others about as often
    counts = np.array([np.bincount(wrong[right == e].astype(int), minlength=7) for e in range(7)])
    share = counts.sum(axis=0) / counts.sum()
    np.testing.assert_allclose(share, 1 / 7, atol=0.05)


def test_the_right_voice_fits_the_face():
    """Two emotions at the ends of the grey scale, so that a changed picture still tells which it was."""
    faces, voices = make_faces([0, 6], [1, 1]), make_attributes([0, 6], [1, 1])
    drawn, grey = draw(faces, voices)
    np.testing.assert_array_equal(drawn["z"][:, 0], np.where(grey > 120, 6, 0))
    np.testing.assert_array_equal(drawn["z_wrong"][:, 0], np.where(grey > 120, 0, 6))


def test_emotions_of_faces_are_balanced():
    faces = make_faces([0] * 50 + [6] * 2, [1] * 52)
    drawn, _ = draw(faces, make_attributes([0, 6], [1, 1]))
    assert 70 < (drawn["z"][:, 0] == 6).sum() < 122


def test_same_intensity_where_both_are_known():
    faces, voices = make_faces([1, 6], [2, 1]), make_attributes([1, 1, 6, 6], [1, 2, 1, 2])
    drawn, _ = draw(faces, voices)
    np.testing.assert_array_equal(drawn["z"][:, 1], np.where(drawn["z"][:, 0] == 1, 2, 1))
    # wrong ones have any
    assert set(drawn["z_wrong"][:, 1]) == {1, 2}


def test_an_intensity_that_no_voice_has_takes_any():
    """Pictures have no intensity (0), recordings have; and no voice need be neutral of unknown intensity."""
    faces, voices = make_faces([1, 6], [0, 0]), make_attributes([1, 1, 6, 6], [1, 2, 1, 2])
    drawn, _ = draw(faces, voices)
    assert {tuple(row) for row in drawn["z"][:, :2]} == {(1, 1), (1, 2), (6, 1), (6, 2)}


@pytest.mark.medium
def test_calm_and_neutral_are_one():
    """Through `voice_attributes`: RAVDESS label 1 (calm) counts as face emotion 0 (neutral), never its wrong one."""
    mfsc = MfscConfig(window_frames=16, window_hop_frames=4, mel_bands=8)
    keras.utils.set_random_seed(3)
    reader = VoiceReader(build_extractor(16, widths=(4, 4, 4, 8), dense=16, z_size=3, bands=8), mfsc)
    labels = np.array([EMOTIONS.index(name) for name in ("neutral", "calm", "angry")], np.int32)
    random = np.random.default_rng(1)
    voices = Voices(
        planes=random.normal(size=(60, 8, 3)).astype(np.float32), starts=np.array([0, 20, 40, 60], np.int32),
        active=np.ones(60, bool), emotion=labels, intensity=np.array([1, 1, 2], np.int32),
        actor=np.array(["01"] * 3), clip_id=np.array(["c/1", "c/2", "c/3"]),
    )  # fmt: skip
    attributes = voice_attributes(reader, voices)
    utterances, _ = read_voices(reader, voices)
    np.testing.assert_array_equal(attributes.z[:3], utterances)
    np.testing.assert_array_equal(attributes.emotion[:3], [0, 0, FACE_LABEL[labels[2]]])
    assert len(attributes.z) == len(attributes.emotion) == len(attributes.intensity) > 3  # windows too
    np.testing.assert_array_equal(attributes.intensity, np.where(attributes.emotion == 0, 1, 2))
    assert len({row.tobytes() for row in attributes.z}) == len(attributes.z)
    neutral, angry = 0, FACE_EMOTIONS.index("angry")
    drawn, grey = draw(make_faces([neutral, angry], [1, 2]), attributes)
    calm_or_neutral = {row.tobytes() for row in attributes.z[attributes.emotion == 0]}
    for shown, right, wrong in zip(grey > 70, drawn["z"], drawn["z_wrong"]):
        assert (right.tobytes() in calm_or_neutral) == (not shown)
        assert (wrong.tobytes() in calm_or_neutral) == shown


def test_only_what_is_heard_right_is_paired(monkeypatch):
    """Of a label that is sometimes heard right only those; of one that never is, all."""

    class Reader:
        def read_windows(self, planes, frames):
            z = tf.fill([len(frames), 1, 1], -1.0)
            return z, tf.one_hot(tf.fill([len(frames), 1], 7), 8), tf.ones([len(frames), 1])

    names = ("happy", "happy", "calm", "fearful", "fearful")
    voices = Voices(
        planes=np.zeros((10, 8, 3), np.float32), starts=np.arange(0, 11, 2, dtype=np.int32), active=np.ones(10, bool),
        emotion=np.array([EMOTIONS.index(name) for name in names], np.int32),
        intensity=np.array([1, 2, 1, 1, 2], np.int32),
        actor=np.array(["17"] * 5), clip_id=np.array([f"c/{i}" for i in range(5)]),
    )  # fmt: skip
    heard = np.eye(8, dtype=np.float32)[[2, 4, 0, 3, 3]]
    z = np.arange(5, dtype=np.float32)[:, None]
    monkeypatch.setattr("vfgan.data.attributes.read_voices", lambda reader, voices: (z, heard))
    attributes = voice_attributes(Reader(), voices)
    whole = attributes.z[:, 0] >= 0
    assert attributes.z[whole, 0].tolist() == [0, 2, 3, 4]
    assert attributes.emotion[whole].tolist() == [
        FACE_EMOTIONS.index(n) for n in ("happy", "neutral", "fearful", "fearful")
    ]
    assert attributes.intensity[whole].tolist() == [1, 1, 1, 2]
    assert set(attributes.emotion[~whole].tolist()) == {FACE_EMOTIONS.index("fearful")}


def test_intensity_may_be_left_out():
    faces, voices = make_faces([1, 6], [2, 1]), make_attributes([1, 1, 6, 6], [1, 2, 1, 2])
    config = GanConfig.of(size_px=32, same_intensity=False, train=CONFIG.train)
    drawn, _ = draw(faces, voices, config=config)
    assert {tuple(row) for row in drawn["z"][:, :2]} == {(1, 1), (1, 2), (6, 1), (6, 2)}


def test_emotional_is_what_is_not_neutral():
    drawn, _ = draw(ALL_FACES, ALL_VOICES)
    np.testing.assert_array_equal(drawn["emotional"], drawn["z"][:, 0] != 0)
    assert 0 < drawn["emotional"].mean() < 1


def own_voices_of(faces, known):
    """z = 100 + number of the face."""
    number = np.arange(len(faces), dtype=np.float32)
    return OwnVoices(np.array(known), np.repeat(100 + number[:, None], 3, axis=1))


def with_own(known, **options):
    faces = make_faces([0, 6, 0, 6], [1] * 4)
    config = GanConfig.of(size_px=32, train=CONFIG.train, **options)
    dataset = pair_dataset(faces, faces, ALL_VOICES, config, 0, 8, own_voices_of(faces, known))
    batches = list(dataset.as_numpy_iterator())
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


def test_own_voices_are_used_where_they_are_known():
    drawn = with_own([True, True, False, False], own_voice=True)
    own = drawn["z"][:, 0] >= 100
    assert 0.3 < own.mean() < 0.7
    assert set(drawn["z"][own, 0]) == {100, 101}
    assert set(drawn["z"][~own, 0]) == {0, 6}
    # z' is of another emotion all the same, and of the same kind
    emotion = np.where(drawn["emotional"] > 0, 6, 0)
    assert (drawn["z_wrong"][~own, 0] != emotion[~own]).all()
    assert (drawn["z_wrong"][own, 0] == np.where(emotion[own] == 6, 100, 101)).all()


def test_own_voices_of_one_emotion_are_left():
    """There would be no wrong ones."""
    assert (with_own([True, False, True, False], own_voice=True)["z"][:, 0] < 100).all()


@pytest.mark.medium
def test_other_voices_by_choice_or_with_labels():
    assert (with_own([True] * 4, own_voice=False)["z"][:, 0] < 100).all()
    assert (with_own([True] * 4, attribute="label")["z"][:, 0] < 100).all()


def test_labels_in_place_of_z():
    labels = label_attributes(make_attributes([0, 3, 6], [1, 1, 2]))
    np.testing.assert_array_equal(labels.z, np.eye(7)[[0, 3, 6]])
    assert labels.z.dtype == np.float32


def test_what_is_missing_is_said_at_once():
    with pytest.raises(ConfigError, match="sad faces but no sad voices"):
        pair_dataset(ALL_FACES, ALL_FACES, make_attributes([0, 1, 3, 4, 5, 6], [1] * 6), CONFIG, 0, 1)
    with pytest.raises(ConfigError, match="one emotion"):
        pair_dataset(make_faces([3], [1]), make_faces([3], [1]), make_attributes([3, 3], [1, 2]), CONFIG, 0, 1)
