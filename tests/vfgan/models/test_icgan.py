"""IcGAN: each part learns from what the paper says, and changes a face by its code."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.vfgan.models.small_gan import make_batch
from vfgan.config.gan import GanConfig
from vfgan.config.training import TrainConfig
from vfgan.models.build import compile_cyclegan, make_cyclegan
from vfgan.models.icgan import CODE, IcGan, IcGenerator

CONFIG = GanConfig.of(
    head="icgan", size_px=32, filters=4, discriminator_filters=4, adversarial="log", oval=False, projection=False,
    pool_size=3, train=TrainConfig(steps=9, batch_size=2),
)  # fmt: skip


@pytest.fixture
def gan():
    keras.utils.set_random_seed(4)
    made = make_cyclegan(CONFIG, 3, None)
    compile_cyclegan(made, CONFIG)
    return made


def test_a_face_is_decoded_from_its_code_and_the_voice(gan):
    batch = make_batch()
    made, mask = gan.g([batch["x"], batch["z"]])
    np.testing.assert_array_equal(made, gan.g.decode(gan.g.encode(batch["x"]), batch["z"]))
    assert made.shape == batch["x"].shape
    assert mask.shape == (2, 32, 32, 1)
    assert gan.g.encode(batch["x"]).shape == (2, CODE)
    assert (gan([batch["x"], batch["z_wrong"]]).numpy() != made.numpy()).any()
    assert gan.d_y([batch["y"], batch["z"]]).shape == (2, 1, 1, 1)


def test_encoders_do_not_move_the_decoder(gan):
    """With an adversarial loss of 0 only what encodes is moved."""
    gan.generator_loss = lambda scores: 0.0 * tf.reduce_mean(scores)
    gan.generator_optimizer = keras.optimizers.SGD(0.1)
    gan.generator_optimizer.build(gan.painting_variables)
    before = {part: [w.numpy() for w in getattr(gan.g, part).trainable_variables] for part in PARTS}
    gan.train_step(make_batch())
    moved = {
        part: any((w.numpy() != old).any() for w, old in zip(getattr(gan.g, part).trainable_variables, before[part]))
        for part in PARTS
    }
    assert moved == {"decoder": False, "encoder": True, "attribute_encoder": True}


PARTS = ("decoder", "encoder", "attribute_encoder")


def test_wrong_voices_are_refused(gan):
    batch = make_batch()
    terms = gan._judging_terms(batch["y"], batch["z"], batch["z_wrong"], batch["x"], batch["z"])
    assert set(terms) == {"d_y", "d_y_wrong_voice"}
    gan.wrong_voices = "none"
    assert set(gan._judging_terms(batch["y"], batch["z"], batch["z_wrong"], batch["x"], batch["z"])) == {"d_y"}


def test_noise_is_a_function_of_the_step(gan):
    first = gan._noise(2).numpy()
    np.testing.assert_array_equal(gan._noise(2), first)
    gan.steps.assign_add(1)
    assert (gan._noise(2).numpy() != first).all()


@pytest.mark.medium
def test_the_encoder_learns_the_code_of_generated_faces(gan):
    step, batch = tf.function(gan.train_step), make_batch(8)
    losses = []
    for _ in range(40):
        gan.reset_metrics()
        losses.append(float(step(batch)["attribute"]))
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])


def test_weights_are_saved_and_loaded(gan, tmp_path):
    from vfgan.storage.weights import load_weights

    gan.save_weights(tmp_path / "model.weights.h5")
    other = make_cyclegan(CONFIG, 3, None)
    load_weights(other, tmp_path / "model.weights.h5")
    batch = make_batch()
    np.testing.assert_array_equal(other([batch["x"], batch["z"]]), gan([batch["x"], batch["z"]]))
    assert isinstance(other, IcGan)
    copy = IcGenerator.from_config(gan.g.get_config())
    assert copy.settings == gan.g.settings
