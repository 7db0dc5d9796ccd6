"""`--preset paper` is the paper to the letter: its claims, one by one, on the networks and the step that it makes.

The networks are narrow here, but for the test of their size; what the preset says is otherwise unchanged.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.config.presets import PRESETS
from vfgan.config.serialise import with_options
from vfgan.models import losses
from vfgan.models.build import compile_cyclegan, make_cyclegan, make_extractor
from vfgan.models.face_classifier import build_face_classifier

PAPER = PRESETS["paper"]
Z = 5


@pytest.fixture(scope="module")
def gan():
    narrow = with_options(PAPER, filters=4, blocks=2, size_px=32, discriminator_filters=4)
    keras.utils.set_random_seed(2)
    made = make_cyclegan(narrow, Z, build_face_classifier(32, width=4, features=8))
    compile_cyclegan(made, narrow)
    return made


def batch(count=2, size=32):
    random = np.random.default_rng(3)
    shapes = {"x": (count, size, size, 1), "y": (count, size, size, 1), "z": (count, Z), "z_wrong": (count, Z)}
    return {name: tf.constant(random.uniform(-1, 1, shape), tf.float32) for name, shape in shapes.items()}


def seen_channels(network):
    """Channels that each convolution sees, whatever it is wrapped in, sorted."""
    found = [layer for layer in network._flatten_layers() if isinstance(layer, keras.layers.Conv2D)]
    return sorted(layer.kernel.shape[2] for layer in found)


def test_voices_are_maps_of_40_by_40_by_3():
    mfsc = MfscConfig()
    extractor = make_extractor(ExtractorConfig(widths=(4, 4, 4, 4), dense=8, z_size=Z, towers=1), mfsc)
    assert (mfsc.window_frames, mfsc.mel_bands) == (40, 40)
    assert extractor.attributes(tf.zeros((1, 40, 40, 3))).shape == (1, Z)


def test_the_extractor_is_conv_pool_conv_pool_conv_conv_pool():
    extractor = make_extractor(ExtractorConfig(widths=(4, 4, 4, 4), dense=8), MfscConfig())
    kinds = [type(layer).__name__ for layer in extractor.towers[0].stages.layers]
    named = ["conv" if kind == "Conv2D" else "pool" for kind in kinds if kind in ("Conv2D", "MaxPooling2D")]
    assert "-".join(named) == "conv-pool-conv-pool-conv-conv-pool"


def test_z_is_the_voice_s_vector_and_not_a_label():
    assert PAPER.data.attribute == "voice"


@pytest.mark.parametrize(("name", "channels"), [("g", [1, 4, 8, 16, 16, 16, 16, 16, 8, 4]), ("d_y", [1, 4, 8, 16])])
def test_z_is_concatenated_at_every_convolution(gan, name, channels):
    """Channels that each convolution would see without z, it sees z's numbers more."""
    assert seen_channels(getattr(gan, name)) == sorted(n + Z for n in channels)


def test_f_and_d_x_hear_no_voice(gan):
    assert seen_channels(gan.f) == sorted([1, 4, 8, 16, 16, 16, 16, 16, 8, 4])
    assert seen_channels(gan.d_x) == [1, 4, 8, 16]


def test_d_y_refuses_all_that_the_paper_names(gan, monkeypatch):
    """(y, z) is real; (G(x, z), z), (y, z'), (G(x, z'), z') and (G(x, z'), z) are not."""
    given, seen = batch(), {}
    d_y = gan.d_y

    def recorded(inputs, training):
        seen["faces"], seen["voices"] = (tf.split(value, 5) for value in inputs)
        return d_y(inputs, training=training)

    monkeypatch.setitem(gan.__dict__, "d_y", recorded)  # Keras would take an attribute for a layer
    x, y, z, z_wrong = (given[name] for name in ("x", "y", "z", "z_wrong"))
    fake, wrong = gan.g([x, z])[0], gan.g([x, z_wrong])[0]
    gan.discriminator_terms(x, y, z, z_wrong, gan.f([y, z])[0], fake, z)
    expected = [(y, z), (fake, z), (y, z_wrong), (wrong, z_wrong), (wrong, z)]
    for face, voice, (expected_face, expected_voice) in zip(seen["faces"], seen["voices"], expected):
        np.testing.assert_allclose(face, expected_face, atol=1e-5)
        np.testing.assert_array_equal(voice, expected_voice)


def test_faces_for_a_wrong_voice_do_not_teach_the_generator(gan):
    given = batch()
    x, y, z, z_wrong = (given[name] for name in ("x", "y", "z", "z_wrong"))
    with tf.GradientTape() as tape:
        terms = gan.discriminator_terms(x, y, z, z_wrong, x, y, z)
        loss = sum(terms.values())
    assert all(gradient is None for gradient in tape.gradient(loss, gan.g.trainable_variables))


def test_the_adversarial_loss_is_the_log_loss(gan):
    assert gan.discriminator_loss is losses.discriminator_log
    assert gan.generator_loss is losses.generator_log
    assert PAPER.stability.real_smoothing == 0.0
    assert not PAPER.stability.spectral_norm
    assert PAPER.stability.r1_penalty == 0.0


def test_d_y_scores_patches_and_projects_nothing(gan):
    scores = gan.d_y([batch()["y"], batch()["z"]])
    assert scores.shape == (2, 4, 4, 1)
    assert gan.d_y.settings["emotion_cnn"] is None


def test_the_cycle_goes_both_ways_with_the_weight_10(gan):
    weights = gan.term_weights
    assert (weights["cycle_x"], weights["cycle_y"], weights["g_adversarial"]) == (10.0, 10.0, 1.0)


def test_verification_compares_features_in_the_generators_loss(gan):
    given = batch()
    x, y, z = (given[name] for name in ("x", "y", "z"))
    fake_y = gan.g([x, z])[0]
    terms = gan.generator_terms(x, y, z, gan.f([y, z])[0], fake_y)
    expected = losses.verification(gan.phi.features(fake_y), gan.phi.features(y))
    assert float(terms["verification"]) == pytest.approx(float(expected), rel=1e-5)
    assert gan.critic is None
    assert not gan.phi.trainable_variables


def test_the_pool_keeps_50_faces_with_their_voices():
    made = make_cyclegan(with_options(PAPER, filters=1, blocks=1, size_px=32, discriminator_filters=1), Z, None)
    for pool in (made.pool_x, made.pool_y):
        assert pool.faces.shape == (50, 32, 32, 1)
        assert pool.z.shape == (50, Z)


def test_generators_learn_twice_as_fast_as_discriminators(gan):
    for optimizer, rate in ((gan.generator_optimizer, 2e-4), (gan.discriminator_optimizer, 1e-4)):
        assert float(optimizer.learning_rate) == pytest.approx(rate)
        assert optimizer.beta_1 == 0.5


def test_sizes_and_length():
    networks, train = PAPER.networks, PAPER.train
    assert (networks.size_px, networks.filters, networks.blocks) == (128, 64, 6)
    assert (networks.discriminator_filters, networks.discriminator_layers) == (64, 3)
    assert (train.batch_size, train.steps) == (1, 200_000)


def test_faces_are_made_anew_from_all_faces_of_the_emotion(gan):
    assert gan.g.settings["head"] == "plain"
    assert gan.oval is None
    assert not PAPER.data.clear_faces
    assert PAPER.losses.verification_change == PAPER.stability.discriminator_change == 0.0


@pytest.mark.medium
def test_the_paper_s_networks_have_their_size():
    """A ResNet generator of 6 blocks has 7.8 M weights; z at every convolution adds some."""
    made = make_cyclegan(PAPER, 32, None)
    assert 7.5e6 < made.f.count_params() < 8.1e6
    assert made.g.count_params() > made.f.count_params()


@pytest.mark.slow
def test_it_trains_for_20_steps():
    """Finite losses, and all four networks move."""
    made = make_cyclegan(PAPER, Z, build_face_classifier(128, width=4, features=16))
    compile_cyclegan(made, PAPER)
    step, networks = tf.function(made.train_step), (made.g, made.f, made.d_x, made.d_y)
    before = [np.array(network.trainable_weights[0]) for network in networks]
    for _ in range(20):
        values = step(batch(1, 128))
    assert all(np.isfinite(float(value)) for value in values.values())
    assert float(values["verification"]) > 0
    for old, network in zip(before, networks):
        assert (old != np.array(network.trainable_weights[0])).any()
