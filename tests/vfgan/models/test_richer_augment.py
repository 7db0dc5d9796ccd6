"""RandAugment, cut-out and mix-up: pure functions of the seed, and what they are said to do."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.models.richer_augment import cut_out, mix_up, rand_augment

FACES = np.random.default_rng(1).uniform(-0.8, 0.8, (24, 32, 32, 1)).astype(np.float32)


def seed(step):
    return tf.constant([7, step], tf.int64)


@pytest.mark.medium
@pytest.mark.parametrize("change", [rand_augment, cut_out])
def test_a_batch_is_a_function_of_its_seed(change):
    traced = tf.function(lambda step: change(tf.constant(FACES), tf.stack([tf.constant(7, tf.int64), step])))
    later = traced(tf.constant(5, tf.int64)).numpy()
    for _ in range(2):
        np.testing.assert_array_equal(traced(tf.constant(5, tf.int64)), later)
    assert (traced(tf.constant(6, tf.int64)).numpy() != later).any()
    assert later.shape == FACES.shape
    assert np.abs(later).max() <= 1.0


def test_randaugment_changes_most_faces_and_keeps_their_places():
    made = rand_augment(tf.constant(FACES), seed(1)).numpy()
    changed = (made != FACES).any(axis=(1, 2, 3))
    assert 18 <= changed.sum() <= 24
    # every operation is one of the light: equal pixels stay equal
    flat = np.repeat(np.linspace(-0.8, 0.8, 32, dtype=np.float32)[None, :, None, None], 32, axis=2)
    made = rand_augment(tf.constant(np.repeat(flat, 24, axis=0)), seed(2)).numpy()
    np.testing.assert_array_equal(made, np.repeat(made[:, :, :1], 32, axis=2))


def test_cut_out_makes_one_grey_rectangle():
    made = cut_out(tf.constant(FACES + 0.9), seed(3)).numpy()[..., 0]
    for face, whole in zip(made, FACES[..., 0] + 0.9):
        grey = face == 0.0
        rows, columns = grey.any(axis=1), grey.any(axis=0)
        assert grey.sum() == rows.sum() * columns.sum() > 0
        assert max(rows.sum(), columns.sum()) <= 15
        np.testing.assert_array_equal(face[~grey], whole[~grey])


def test_mix_up_mixes_labels_as_faces():
    labels = np.eye(24, dtype=np.float32)
    faces, mixed = (values.numpy() for values in mix_up(tf.constant(FACES), tf.constant(labels), seed(4)))
    np.testing.assert_allclose(mixed.sum(axis=1), 1.0, rtol=1e-6)
    np.testing.assert_allclose(faces, np.einsum("bn,nhwc->bhwc", mixed, FACES), atol=1e-6)
    assert (np.count_nonzero(mixed > 1e-6, axis=1) <= 2).all()
    assert (mixed.max(axis=1) < 0.999).any()
