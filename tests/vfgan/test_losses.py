"""Losses against values worked out by hand."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from vfgan import losses

# patch scores: [batch 1, 2, 1, 1]
REAL = np.array([1.0, 3.0], np.float32).reshape(1, 2, 1, 1)
FAKE = np.array([0.5, -2.0], np.float32).reshape(1, 2, 1, 1)


def softplus(value):
    return math.log(1 + math.exp(value))


def test_least_squares():
    # real: (0 + 4) / 2; fake: (0.25 + 4) / 2; halved
    assert float(losses.discriminator_least_squares(REAL, FAKE)) == pytest.approx(0.5 * (2.0 + 2.125))
    # ((0.5 - 1)^2 + (-2 - 1)^2) / 2
    assert float(losses.generator_least_squares(FAKE)) == pytest.approx((0.25 + 9.0) / 2)


def test_log():
    sigmoid = [1 / (1 + math.exp(-score)) for score in (1.0, 3.0, 0.5, -2.0)]
    real = -(math.log(sigmoid[0]) + math.log(sigmoid[1])) / 2
    fake = -(math.log(1 - sigmoid[2]) + math.log(1 - sigmoid[3])) / 2
    assert float(losses.discriminator_log(REAL, FAKE)) == pytest.approx(0.5 * (real + fake), rel=1e-6)
    assert float(losses.generator_log(FAKE)) == pytest.approx((softplus(-0.5) + softplus(2.0)) / 2, rel=1e-6)


def test_hinge():
    # real: max(0, 1 - 1) + max(0, 1 - 3); fake: max(0, 1.5) + max(0, -1)
    assert float(losses.discriminator_hinge(REAL, FAKE)) == pytest.approx(0.5 * (0.0 + 1.5 / 2))
    assert float(losses.generator_hinge(FAKE)) == pytest.approx(0.75)


def test_one_sided_smoothing_moves_the_target_of_real_faces_only():
    assert float(losses.discriminator_least_squares(REAL, FAKE, 0.2)) == pytest.approx(
        0.5 * ((0.2**2 + 2.2**2) / 2 + 2.125)
    )
    real = np.mean([0.8 * softplus(-r) + 0.2 * softplus(r) for r in (1.0, 3.0)])
    fake = (softplus(0.5) + softplus(-2.0)) / 2
    assert float(losses.discriminator_log(REAL, FAKE, 0.2)) == pytest.approx(0.5 * (real + fake), rel=1e-6)
    assert float(losses.discriminator_hinge(REAL - 0.1, FAKE, 0.2)) == pytest.approx(0.5 * (0.0 + 1.5 / 2))


def test_r1_penalty():
    gradient = np.array([[3.0, 4.0], [0.0, 1.0]], np.float32).reshape(2, 2, 1, 1)
    assert float(losses.r1_penalty(gradient)) == pytest.approx(0.5 * (25 + 1) / 2)


def test_log_is_finite_where_a_sigmoid_is_not():
    far = np.full((1, 1, 1, 1), 500.0, np.float32)
    assert float(losses.discriminator_log(-far, far)) == pytest.approx(500.0)
    assert float(losses.generator_log(-far)) == pytest.approx(500.0)


@pytest.mark.parametrize("name", losses.ADVERSARIAL)
def test_each_wants_what_it_should(name):
    discriminator, generator = losses.ADVERSARIAL[name]
    one, zero = np.ones((1, 2, 2, 1), np.float32), np.zeros((1, 2, 2, 1), np.float32)
    assert float(discriminator(one, zero)) < float(discriminator(zero, one))
    assert float(generator(one)) < float(generator(zero))


def test_cycle_consistency():
    face = np.array([[0.0, 1.0], [-1.0, 0.5]], np.float32).reshape(1, 2, 2, 1)
    back = np.array([[0.5, 1.0], [1.0, 0.25]], np.float32).reshape(1, 2, 2, 1)
    assert float(losses.cycle_consistency(face, back)) == pytest.approx((0.5 + 0 + 2 + 0.25) / 4)
    assert float(losses.cycle_consistency(face, face)) == 0.0


def test_verification():
    fake = np.array([[3.0, 4.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]], np.float32)
    real = np.array([[0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 3.0]], np.float32)
    # lengths 5 and 2, each over sqrt(4), their mean
    assert float(losses.verification(fake, real)) == pytest.approx((5 / 2 + 2 / 2) / 2, rel=1e-6)


def test_verification_is_the_same_for_wider_features():
    random = np.random.default_rng(1)
    fake, real = random.normal(size=(2, 3, 4)).astype(np.float32)
    wide = float(losses.verification(np.tile(fake, 7), np.tile(real, 7)))
    assert wide == pytest.approx(float(losses.verification(fake, real)), rel=1e-6)


def test_verification_of_the_same_features_is_nothing_and_has_a_gradient():
    import tensorflow as tf

    features = tf.constant(np.random.default_rng(2).normal(size=(3, 8)).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(features)
        loss = losses.verification(features, tf.identity(features.numpy()))
    assert 0.0 <= float(loss) <= 1e-4
    assert np.isfinite(tape.gradient(loss, features).numpy()).all()  # the root has none at 0


def test_masked_cross_entropy_says_nothing_about_absent_emotions_and_takes_either_of_two_right_ones():
    logits = np.log(np.array([[0.4, 0.1, 0.2, 0.3, 7.0, 9.0, 5.0, 3.0]], np.float32))
    labels = np.array([[1, 1, 0, 0, -1, -1, -1, -1]], np.float32)
    assert float(losses.masked_cross_entropy(labels, logits)[0]) == pytest.approx(-math.log(0.5), rel=1e-5)
    mean = -(math.log(0.4) + math.log(0.1) + math.log(0.2) + math.log(0.3)) / 4
    smooth = float(losses.masked_cross_entropy(labels, logits, 0.1)[0])
    assert smooth == pytest.approx(-0.9 * math.log(0.5) + 0.1 * mean, rel=1e-5)
    with tf.GradientTape() as tape:
        variable = tf.Variable(logits)
        loss = tf.reduce_sum(losses.masked_cross_entropy(labels, variable, 0.1))
    gradient = tape.gradient(loss, variable).numpy()[0]
    np.testing.assert_array_equal(gradient[4:], 0.0)
    assert (np.abs(gradient[:4]) > 0.01).all()


def test_masked_cross_entropy_of_one_label_among_all_is_that_of_keras():
    logits = np.random.default_rng(1).normal(size=(5, 8)).astype(np.float32)
    labels = np.eye(8, dtype=np.float32)[[0, 3, 7, 2, 2]]
    expected = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1, reduction=None)(
        labels, logits
    )
    np.testing.assert_allclose(losses.masked_cross_entropy(labels, logits, 0.1), expected, rtol=1e-5)


def test_recognised_is_the_likeliest_of_those_present():
    labels = np.array([[1, 1, 0, -1], [0, 0, 1, -1], [0, 1, 0, 0]], np.float32)
    logits = np.array([[0, 2, 1, 9], [1, 2, 0, 9], [0, 2, 1, 9]], np.float32)
    assert np.array(losses.recognised(labels, logits)).tolist() == [1.0, 0.0, 0.0]
