"""Which faces classifiers learn from: balanced batches."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.networks import FaceClassifierConfig
from vfgan.config.training import TrainConfig
from vfgan.data.face_examples import BalancedFaceSampler, SameCorpusSampler, face_dataset
from vfgan.data.face_set import Faces


def test_batches_of_classifiers_are_balanced():
    # corpus a: 90 happy and 2 sad, corpus b: 4 sad; every picture carries its number
    emotion = np.array([1] * 90 + [2] * 6, np.int32)
    count = len(emotion)
    faces = Faces(
        pixels=np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 32, 32, 1)).copy(),
        emotion=emotion, intensity=np.zeros(count, np.int32), voice_phase=np.zeros(count, np.int32),
        time=np.zeros(count, np.float32),
        statement=np.zeros(count, np.int32), mouth_opening=np.zeros(count, np.float32),
        actor=np.array(["01"] * count), clip_id=np.array([f"a/{i}" for i in range(92)] + [f"b/{i}" for i in range(4)]),
    )  # fmt: skip
    config = FaceClassifierConfig(size_px=32, train=TrainConfig(steps=10, batch_size=64))
    labels = np.concatenate([labels.numpy() for _, labels in face_dataset(faces, config, 0, 10)])
    assert labels.shape == (640, 7)
    assert 250 < labels[:, 1].sum() < 390
    assert labels[:, 1:3].sum() == 640


def test_small_corpora_and_rare_emotions_are_drawn_as_often():
    """100 happy faces of one corpus, 2 happy and 1 sad of another: happy half the time, of each corpus a quarter; by
    the root of their number 10 to 1.
    """
    emotion = np.array([1] * 100 + [1, 1, 2], np.int32)
    clips = np.array([f"large/{i}" for i in range(100)] + ["small/a", "small/b", "small/c"])
    zeros = np.zeros(103, np.float32)
    opening = np.where(np.arange(103) == 100, np.nan, 0.1).astype(np.float32)
    faces = Faces(
        np.zeros((103, 8, 8, 1), np.uint8), emotion, emotion, emotion, emotion, zeros, opening, clips, clips
    )  # fmt: skip
    drawn = BalancedFaceSampler(faces).draw(tf.constant([1, 2], tf.int64), 4000).numpy()
    assert abs(np.mean(drawn == 102) - 0.5) < 0.04
    assert abs(np.mean(drawn < 100) - 0.25) < 0.04
    assert abs(np.mean(drawn == 100) - 0.125) < 0.03
    assert len(set(drawn[drawn < 100])) > 90
    drawn = BalancedFaceSampler(faces, corpus_power=0.5).draw(tf.constant([1, 2], tf.int64), 4000).numpy()
    assert abs(np.mean(drawn == 102) - 0.5) < 0.04
    assert abs(np.mean(drawn < 100) - 0.5 * 10 / 11) < 0.04
    assert len(faces.aligned) == 102
    assert "small/a" not in faces.aligned.clip_id


def test_faces_to_go_with_others_are_of_their_corpus():
    """A corpus without such faces gets any; of a corpus its emotions are as likely."""

    def faces_of(corpora, emotions):
        count = len(corpora)
        clips, zeros = np.array([f"{name}/{i}" for i, name in enumerate(corpora)]), np.zeros(count, np.float32)
        emotion = np.array(emotions, np.int32)
        return Faces(
            np.zeros((count, 8, 8, 1), np.uint8), emotion, emotion, emotion, emotion, zeros, zeros, clips, clips
        )

    faces = faces_of("aaabbbbbbbbbb", [0] * 12 + [4])
    index = tf.constant([0, 1, 2] * 2000)
    drawn = SameCorpusSampler(faces, faces_of("abc", [3, 3, 3])).draw(tf.constant([1, 2], tf.int64), index)
    of_a, of_b, of_c = drawn.numpy().reshape(-1, 3).T
    assert (set(of_a), set(of_b), set(of_c)) == (set(range(3)), set(range(3, 13)), set(range(13)))
    assert abs(np.mean(of_b == 12) - 0.5) < 0.05


@pytest.mark.medium
@pytest.mark.parametrize(
    "augment",
    [
        *(pytest.param((name,), marks=pytest.mark.slow) for name in ("randaugment", "cut-out", "mix-up")),
        ("randaugment", "cut-out", "mix-up"),
    ],
)
def test_more_augmentation_is_a_function_of_the_step(augment):
    emotion, zeros = np.arange(12, dtype=np.int32) % 7, np.zeros(12, np.float32)
    clips = np.array([f"a/{i}" for i in range(12)])
    pixels = np.random.default_rng(1).integers(0, 256, (12, 32, 32, 1)).astype(np.uint8)
    faces = Faces(pixels, emotion, emotion, emotion, emotion, zeros, zeros, clips, clips)
    config = FaceClassifierConfig(size_px=32, augment=augment, train=TrainConfig(steps=9, batch_size=6))
    whole = [(x.numpy(), y.numpy()) for x, y in face_dataset(faces, config, 0, 4)]
    resumed = [(x.numpy(), y.numpy()) for x, y in face_dataset(faces, config, 2, 4)]
    plain = [(x.numpy(), y.numpy()) for x, y in face_dataset(faces, dataclasses.replace(config, augment=()), 0, 4)]
    for (x, y), (again_x, again_y) in zip(whole[2:], resumed):
        np.testing.assert_array_equal(x, again_x)
        np.testing.assert_array_equal(y, again_y)
    changed = [((x != old_x).any(), (y != old_y).any()) for (x, y), (old_x, old_y) in zip(whole, plain)]
    assert any(face for face, _ in changed)
    assert any(label for _, label in changed) == ("mix-up" in augment)
