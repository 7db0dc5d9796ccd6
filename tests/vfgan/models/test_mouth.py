"""The mouth reader in the training step: it learns from real faces, G from it."""

import numpy as np
import pytest
import tensorflow as tf
from small_gan import make_batch, make_gan

from vfgan import losses
from vfgan.mfsc import SHORT_TIME_SIZE
from vfgan.models.mouth import OPENING_UNIT, build_mouth_reader


def talking(opening, known):
    """A batch with the short-time condition, whose first number says whether it is known."""
    batch = make_batch(len(opening))
    sound = np.tile(np.linspace(0, 1, SHORT_TIME_SIZE), (len(opening), 1))
    sound[:, 0] = known
    sound = tf.constant(sound, tf.float32)
    batch |= {name: tf.concat([batch[name], sound], axis=1) for name in ("z", "z_wrong")}
    return batch | {"opening": tf.constant(opening, tf.float32)}


def test_only_what_is_known_counts():
    seen, opening = np.array([1.0, 2.0, 5.0], np.float32), np.array([2.0, 4.0, 0.0], np.float32)
    assert float(losses.mouth_opening(seen, opening, np.array([True, True, False]))) == pytest.approx(2.5)
    assert float(losses.mouth_opening(seen, opening, np.zeros(3, bool))) == 0.0


def test_the_terms_by_hand():
    gan, batch = make_gan(short_time=True, mouth_ratio=2.0), talking([0.1, 0.3, -1.0, 0.2], [1, 0, 1, 1])
    read = np.asarray(gan.mouth(gan.g([batch["x"], batch["z"]])[0])), np.asarray(gan.mouth(batch["y"]))
    values = gan.train_step(batch)
    wanted = np.array([0.1, 0.3, 0.2], np.float32) / OPENING_UNIT
    # of G those whose sound and opening are known, of the reader those whose opening is
    assert float(values["mouth"]) == pytest.approx(2 * np.mean((read[0][[0, 3]] - wanted[[0, 2]]) ** 2), rel=1e-3)
    assert float(values["mouth_reader"]) == pytest.approx(np.mean((read[1][[0, 1, 3]] - wanted) ** 2), rel=1e-3)


def test_it_moves_with_the_discriminators():
    for rates, moves in (((0.1, 0.0), False), ((0.0, 0.01), True)):
        gan = make_gan(short_time=True, generator_rate=rates[0], discriminator_rate=rates[1])
        before = gan.mouth.get_weights()
        gan.train_step(talking([0.1, 0.3], [1, 1]))
        assert any((a != b).any() for a, b in zip(before, gan.mouth.get_weights())) == moves


def test_it_learns_to_read():
    """Dark bars as tall as mouths are open."""
    import keras

    keras.utils.set_random_seed(3)
    reader = build_mouth_reader(32)
    rng = np.random.default_rng(0)
    height = rng.integers(0, 9, 200)
    faces = np.ones((200, 32, 32, 1), np.float32)
    for face, tall in zip(faces, height):
        face[20 : 20 + tall, 12:20] = -1
    reader.compile(keras.optimizers.Adam(1e-3), "mse")
    reader.fit(faces[:150], height[:150] / 2.0, epochs=30, batch_size=10, verbose=0)
    read = reader.predict(faces[150:], verbose=0)
    assert np.corrcoef(read, height[150:])[0, 1] > 0.9


def test_without_the_short_time_condition_there_is_none():
    gan = make_gan()
    assert gan.mouth is None
    assert float(gan.train_step(make_batch())["mouth"]) == 0.0
