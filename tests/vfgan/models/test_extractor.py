"""The extractor's contract: AlexNet's layers, and z before the softmax layer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from vfgan.emotions import EMOTIONS
from vfgan.models.extractor import Extractor, build_extractor
from vfgan.models.losses import MaskedCrossEntropy, masked_cross_entropy, recognised

RANDOM = np.random.default_rng(12)


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(2)
    RANDOM.bit_generator.state = np.random.default_rng(12).bit_generator.state


def test_extractor_contract(check_layer):
    network = build_extractor(16, widths=(4, 4, 4, 4), dense=8, z_size=3, bands=16)
    windows = RANDOM.normal(size=(3, 16, 16, 3)).astype(np.float32)
    check_layer(network, windows, (3, len(EMOTIONS)))


def test_extractor_layers_are_alexnets():
    """conv-pool-conv-pool-conv-conv-pool: a window of 40 x 40 becomes 5 x 5."""
    network = build_extractor(40, widths=(4, 5, 6, 7), dense=8, z_size=3, towers=1).towers[0]
    kinds = [type(layer).__name__ for layer in network.stages.layers]
    assert [kind[:4] for kind in kinds if kind in ("Conv2D", "MaxPooling2D")] == [
        "Conv", "MaxP", "Conv", "MaxP", "Conv", "Conv", "MaxP",
    ]  # fmt: skip
    assert network.stages(np.zeros((1, 40, 40, 3), np.float32)).shape == (1, 5, 5, 7)
    assert build_extractor(40).count_params() < 5_000_000


def test_strange_voices_and_a_temperature_flatten_answers():
    network = build_extractor(16, widths=(4, 4, 4, 4), dense=8, z_size=3, bands=16, familiar_range=2.0, temperature=0.5)
    attributes = RANDOM.normal(size=(200, 3)).astype(np.float32)
    network.familiarity.measure(attributes, np.zeros(200))
    strange = np.asarray(network.strangeness(attributes))
    assert np.median(strange) == pytest.approx(0.5, abs=1e-3)
    far = 3.0 * attributes
    for values in (attributes, far):
        heat = 0.5 * np.maximum(1.0, np.asarray(network.strangeness(values)))[:, None]
        logits = np.asarray(network.head(values)) / heat
        expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(network.z_and_probabilities(values)[1], expected, atol=1e-5)


def test_z_is_the_vector_before_the_softmax_layer():
    network = build_extractor(16, widths=(4, 4, 4, 4), dense=8, z_size=3, bands=16)
    windows = RANDOM.normal(size=(5, 16, 16, 3)).astype(np.float32)
    attribute = np.asarray(network.attributes(windows))
    kernel, bias = network.head.get_weights()
    np.testing.assert_allclose(network(windows), attribute @ kernel + bias, atol=1e-5)
    # the head is linear: logits of the mean are the mean of the logits
    _, probabilities = network.z_and_probabilities(attribute.mean(axis=0, keepdims=True))
    logits = np.asarray(network(windows)).mean(axis=0)
    np.testing.assert_allclose(probabilities[0], np.exp(logits) / np.exp(logits).sum(), atol=1e-6)
    network.standardise_z.measure(attribute)
    z, same = network.z_and_probabilities(attribute.mean(axis=0, keepdims=True))
    np.testing.assert_allclose(z, 0.0, atol=1e-4)
    np.testing.assert_array_equal(same, probabilities)  # the scale of z changes no probability


def test_the_attribute_is_the_mean_of_the_towers():
    network = build_extractor(16, widths=(4, 4, 4, 4), dense=8, z_size=3, bands=16, towers=3)
    windows = RANDOM.normal(size=(5, 16, 16, 3)).astype(np.float32)
    each = np.stack([tower(windows) for tower in network.towers])
    assert np.abs(each[0] - each[1]).max() > 1e-3  # they begin differently
    np.testing.assert_allclose(network.attributes(windows), each.mean(axis=0), atol=1e-5)


def test_each_tower_learns_by_itself():
    """The loss is the mean of the towers' own; what one answers does not change what another learns."""
    labels = np.eye(len(EMOTIONS), dtype=np.float32)[[0, 3, 5]]
    windows = RANDOM.normal(size=(3, 16, 16, 3)).astype(np.float32)
    network = build_extractor(16, widths=(4, 4, 4, 4), dense=8, z_size=3, bands=16, towers=2, dropout=0.0)
    network.compile(loss=MaskedCrossEntropy(), metrics=[recognised])

    def learnt():
        with tf.GradientTape() as tape:
            answers = network(windows, training=True)
            loss = network.compute_loss(None, labels, answers)
        return answers, loss, tape.gradient(loss, network.towers[0].trainable_variables)

    answers, loss, before = learnt()
    assert answers.shape == (3, 2, len(EMOTIONS))
    own = [masked_cross_entropy(labels, answers[:, tower]).numpy().mean() for tower in range(2)]
    assert float(loss) == pytest.approx(np.mean(own), rel=1e-5)
    other = network.towers[1].trainable_variables[-1]
    other.assign(other + 1.0)
    for a, b in zip(before, learnt()[2]):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_towers_are_fitted_evaluated_and_weighed():
    network = build_extractor(16, widths=(4, 4, 4, 4), dense=8, z_size=3, bands=16, towers=2)
    network.compile("adam", MaskedCrossEntropy(), metrics=[recognised], weighted_metrics=["categorical_accuracy"])
    windows = RANDOM.normal(size=(6, 16, 16, 3)).astype(np.float32)
    labels = np.eye(len(EMOTIONS), dtype=np.float32)[[0, 3, 5, 1, 2, 2]]
    weights = np.array([1, 1, 1, 0, 0, 0], np.float32)
    history = network.fit(windows, labels, sample_weight=weights, epochs=20, batch_size=6, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    scores = network.evaluate(windows[:3], labels[:3], return_dict=True, verbose=0)
    assert scores["recognised"] == scores["categorical_accuracy"]


def test_features_are_what_is_seen_of_a_window():
    windows = np.random.default_rng(1).normal(size=(2, 8, 40, 3)).astype(np.float32)
    seen = {name: np.asarray(Extractor(features=name).seen(windows)) for name in ("mfsc", "mfcc", "static")}
    np.testing.assert_array_equal(seen["mfsc"], windows)
    np.testing.assert_allclose(seen["mfcc"][:, :, 0], windows.sum(axis=2) / np.sqrt(40), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose((seen["mfcc"] ** 2).sum(axis=2), (windows**2).sum(axis=2), rtol=1e-4)
    np.testing.assert_array_equal(seen["static"], windows * [1, 0, 0])
