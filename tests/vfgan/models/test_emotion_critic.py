"""The emotion critic: it begins as the emotion CNN and learns what is generated."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.gan import GanConfig
from vfgan.config.training import TrainConfig
from vfgan.models import losses
from vfgan.models.build import make_cyclegan
from vfgan.models.emotion_critic import EmotionCritic, build_critic
from vfgan.models.face_classifier import build_face_classifier
from vfgan.training.guard import Alarm, Guard

pytestmark = pytest.mark.medium

SMALL = {
    "size_px": 32, "filters": 4, "blocks": 1, "discriminator_filters": 4, "discriminator_layers": 2, "pool_size": 0,
    "verification_change": 0.0, "spectral_norm": False,
}  # fmt: skip


@pytest.fixture
def phi():
    keras.utils.set_random_seed(3)
    made = build_face_classifier(32, width=4, features=8)
    for weight in made.weights:  # running means and variances that are not those of the beginning
        if "moving" in weight.path:
            weight.assign(weight + (-0.3 if "mean" in weight.path else 0.3))
    made.penultimate.bias.assign(np.full(8, 0.5))  # all features are above 0, where a gradient goes through
    return made


def make_gan(phi, generator_rate=0.0, critic_rate=0.0, **changes):
    config = GanConfig.of(**(SMALL | changes), train=TrainConfig(steps=9, batch_size=4))
    gan = make_cyclegan(config, 3, phi)
    gan.g.picture.kernel.assign(0.05 * np.random.default_rng(6).normal(size=gan.g.picture.kernel.shape))
    gan.compile(keras.optimizers.SGD(generator_rate), keras.optimizers.Adam(critic_rate))
    return gan


def make_batch(count=4, seed=1):
    random = np.random.default_rng(seed)
    faces, voices = (2, count, 32, 32, 1), (2, count, 3)
    (x, y), (z, wrong) = random.uniform(-1, 1, faces), random.normal(size=voices)
    values = {"x": x, "y": y, "z": z, "z_wrong": wrong, "label": np.eye(7)[random.integers(0, 7, count)]}
    return {name: tf.constant(value, tf.float32) for name, value in values.items()}


def test_it_begins_as_the_emotion_cnn(phi):
    faces = make_batch()["y"]
    seen = build_critic(32, phi)(faces)
    assert seen.shape == (4, 8)
    np.testing.assert_allclose(seen[:, :7], phi(faces), atol=1e-5)


def test_contract(check_layer):
    check_layer(EmotionCritic({"width": 4, "features": 8}), make_batch(2)["y"], (2, 8))


def test_generators_aim_at_the_emotion_and_away_from_generated(phi):
    gan, batch = make_gan(phi, verification_ratio=0.5), make_batch()
    log_p = np.asarray(keras.ops.log_softmax(gan.critic(gan.g([batch["x"], batch["z"]])[0])))
    target = np.pad(0.9 * batch["label"].numpy() + 0.1 / 7, [(0, 0), (0, 1)])
    expected = -0.5 * (target * log_p).sum(axis=1).mean()
    assert float(gan.train_step(batch)["verification"]) == pytest.approx(expected, rel=1e-3)


def test_not_being_generated_has_its_own_weight(phi):
    """-log p(e) is -log p(e, of the emotions) - w log(1 - p(generated)) with w = 1."""
    gan, batch = make_gan(phi, verification_realness=0.25), make_batch()
    p = np.asarray(keras.ops.softmax(gan.critic(gan.g([batch["x"], batch["z"]])[0])))
    emotions, generated = p[:, :7], p[:, 7]
    target = 0.9 * batch["label"].numpy() + 0.1 / 7
    expected = -(target * np.log(emotions / (1 - generated)[:, None])).sum(axis=1) - 0.25 * np.log(1 - generated)
    assert float(gan.train_step(batch)["verification"]) == pytest.approx(expected.mean(), rel=1e-3)


def test_its_loss_is_of_real_emotions_and_of_generated_faces(phi):
    gan, batch = make_gan(phi), make_batch()
    real, fake = gan.critic(batch["y"]), gan.critic(gan.g([batch["x"], batch["z"]])[0])
    generated = -np.mean(keras.ops.log_softmax(fake)[:, 7])
    expected = float(losses.emotion_cross_entropy(real, batch["label"], 0.1)) + generated
    assert float(gan.train_step(batch)["critic"]) == pytest.approx(expected, rel=1e-3)


@pytest.mark.slow
def test_it_learns_with_the_discriminators_and_phi_does_not(phi):
    gan = make_gan(phi, critic_rate=1e-2)
    frozen = [weight.numpy().copy() for weight in phi.weights]
    before = {weight.path: weight.numpy().copy() for weight in gan.critic.weights}
    first = float(gan.train_step(make_batch())["critic"])
    step, batch = tf.function(gan.train_step), make_batch()
    for _ in range(60):
        gan.reset_metrics()
        last = float(step(batch)["critic"])
    assert last < 0.7 * first
    assert all(np.array_equal(old, new) for old, new in zip(frozen, phi.weights))
    for weight in gan.critic.weights:
        assert np.array_equal(before[weight.path], weight) == ("moving" in weight.path), weight.path


def test_generators_do_not_move_it(phi):
    gan = make_gan(phi, generator_rate=0.1)
    before = [weight.numpy().copy() for weight in gan.critic.weights]
    gan.train_step(make_batch())
    assert all(np.array_equal(old, new) for old, new in zip(before, gan.critic.weights))


@pytest.mark.parametrize("changes", [{"verification_target": "emotion"}, {"verification_ratio": 0.0}])
def test_there_is_none_where_nothing_asks_it(phi, changes):
    gan = make_gan(phi, **changes)
    assert gan.critic is None
    assert float(gan.train_step(make_batch())["critic"]) == 0.0


def test_the_guard_sees_a_critic_that_explodes(phi):
    gan = make_gan(phi)
    examples = tf.data.Dataset.from_tensors(make_batch() | {"emotional": tf.ones(4)})
    guard = Guard().watch(gan, lambda first, end: examples)
    guard.prepare(19)
    for weight in gan.critic.trainable_weights:
        weight.assign(weight + 4 * keras.ops.max(keras.ops.abs(weight)) + 1.0)
    with pytest.raises(Alarm, match="exploding learning rate: C's weights have moved") as alarm:
        guard.look(20)
    assert alarm.value.whose == "discriminators"
