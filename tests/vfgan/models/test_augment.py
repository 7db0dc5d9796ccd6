"""Random changes of faces: small, repeatable, and none without strength."""

import numpy as np
import tensorflow as tf

from vfgan.face.pixels import pm1
from vfgan.models import augment
from vfgan.models.augment import augment_faces, erase_part, split_seed


def test_without_strength_faces_are_only_mirrored():
    face = tf.constant(np.random.default_rng(1).uniform(-1, 1, size=(40, 8, 8, 1)).astype(np.float32))
    changed = augment_faces(face, tf.constant([1, 2], tf.int64), strength=0.0).numpy()
    same = np.abs(changed - face.numpy()).max(axis=(1, 2, 3)) < 1e-5
    mirrored = np.abs(changed - face.numpy()[:, :, ::-1]).max(axis=(1, 2, 3)) < 1e-5
    assert (same ^ mirrored).all()
    assert 8 < same.sum() < 32


def test_changes_are_small_and_repeatable():
    ramp = np.broadcast_to(np.linspace(-1, 1, 32, dtype=np.float32)[:, None, None], (16, 32, 32, 1))
    seed = tf.constant([5, 6], tf.int64)
    one = augment_faces(tf.constant(ramp), seed, strength=1.0).numpy()
    np.testing.assert_array_equal(one, augment_faces(tf.constant(ramp), seed, strength=1.0))
    distance = np.abs(one - ramp).mean(axis=(1, 2, 3))
    assert distance.min() > 0.005  # every face is changed
    assert distance.max() < 0.7  # and stays upright: upside down it would be 1


def test_erased_rectangles_are_grey_and_of_some_faces():
    faces = tf.ones((400, 32, 32, 1))
    erased = erase_part(faces, tf.constant([3, 4], tf.int64), 0.5).numpy()[..., 0]
    assert set(np.unique(erased)) == {0.0, 1.0}
    grey = (erased == 0).sum(axis=(1, 2))
    assert 150 < (grey > 0).sum() < 250
    assert grey.max() <= 17 * 17  # at most half of the size either way
    for one in erased[grey > 0]:
        rows, columns = np.flatnonzero((one == 0).any(axis=1)), np.flatnonzero((one == 0).any(axis=0))
        assert (one[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] == 0).all()
    np.testing.assert_array_equal(erase_part(faces, tf.constant([3, 4], tf.int64), 0.0), faces)


def test_split_seeds_differ():
    seeds = split_seed(tf.constant([1, 2], tf.int64), 5)
    assert len({tuple(seed.numpy()) for seed in seeds}) == 5


def test_compiled_for_input_pipelines_it_is_the_same():
    rng = np.random.default_rng(3)
    faces = tf.constant(rng.integers(0, 256, (5, 24, 24, 6)), tf.uint8)
    mirror, turn = tf.constant([1.0, -1.0, 1.0, -1.0, 1.0]), tf.constant([0.0, 0.2, -0.2, 0.1, 3.0])
    scale, shift = tf.constant([1.0, 1.1, 0.9, 1.0, 1.2]), tf.constant(rng.uniform(-3, 3, (5, 2)), tf.float32)
    origins = augment._origins(24, mirror, turn, scale, shift)
    light = tf.constant(rng.uniform(-0.3, 0.3, (5, 2)), tf.float32)
    expected = augment._transform(pm1(faces), origins)
    expected = expected * tf.exp(light[:, 0])[:, None, None, None] + light[:, 1][:, None, None, None]
    made = augment._redrawn(faces, *augment._places(24, origins), light)
    np.testing.assert_allclose(made, np.clip(expected, -1, 1), atol=1e-4)
