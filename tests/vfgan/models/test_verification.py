"""The verification loss in the training step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.vfgan.models.small_gan import generator_terms, make_batch, make_gan


def test_emotion_cnn_sees_both_faces_changed_alike():
    gan, y = make_gan(verification_change=1.0), make_batch()["y"]
    same, other = gan._augmented(y, y)
    np.testing.assert_array_equal(same, other)
    assert np.abs(np.asarray(same) - np.asarray(y)).max() > 0.1
    gan.steps.assign_add(1)
    assert np.abs(np.asarray(gan._augmented(y)[0]) - np.asarray(same)).max() > 0.1


@pytest.mark.parametrize("change", [0.0, 0.7])
def test_verification_trains_the_generator_and_only_it(change):
    gan, batch = make_gan(verification_change=change), make_batch()
    with tf.GradientTape() as tape:
        term = generator_terms(gan, batch)["verification"]
    assert float(term) > 0
    assert gan.phi.trainable_variables == []
    sources = {"g": gan.g.trainable_variables, "f": gan.f.trainable_variables, "d_y": gan.d_y.trainable_variables}
    gradients = tape.gradient(term, sources)
    for variable, gradient in zip(sources["g"], gradients["g"]):
        assert gradient is not None, variable.path
        assert np.abs(gradient.numpy()).max() > 0, variable.path
    for name in ("f", "d_y"):
        assert all(gradient is None for gradient in gradients[name])


def test_verification_is_nothing_for_the_right_face():
    gan, batch = make_gan(verification_ratio=1.0), make_batch()
    y, z = batch["y"], batch["z"]
    terms = gan.generator_terms(y, y, z, y, y)
    assert 0 <= float(terms["verification"]) <= 1e-4


def test_verification_by_emotion_is_a_smoothed_cross_entropy():
    gan = make_gan(generator_rate=0.0, discriminator_rate=0.0, verification_ratio=0.5, verification_target="emotion")
    batch = make_batch() | {"label": tf.one_hot([3, 6], 7)}
    p = np.asarray(keras.ops.softmax(gan.phi(gan.g([batch["x"], batch["z"]])[0])))
    expected = -0.5 * np.mean([0.9 * np.log(p[i, e]) + 0.1 * np.log(p[i]).mean() for i, e in enumerate((3, 6))])
    assert float(gan.train_step(batch)["verification"]) == pytest.approx(float(expected), rel=1e-3)


@pytest.mark.parametrize("changes", [{"phi": False}, {"verification_ratio": 0.0}])
def test_without_verification_its_term_is_0(changes):
    gan = make_gan(**changes)
    assert float(gan.train_step(make_batch())["verification"]) == 0.0


def test_the_verification_ratio_follows_its_schedule():
    gan = make_gan(verification_ratio=2.0, verification_schedule="fall")
    assert gan.verification_schedule == "fall"
    gan.total_steps = 10
    for gan.verification_schedule, expected in (("constant", [2, 2, 2]), ("rise", [0, 1, 2]), ("fall", [2, 1, 0])):
        ratios = []
        for step in (0, 5, 10):
            gan.steps.assign(step)
            ratios.append(float(gan.term_weights["verification"] * gan._schedule()))
        assert ratios == pytest.approx(expected)
