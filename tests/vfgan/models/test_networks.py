"""The networks' contracts: shapes, gradients, serialisation, and z in the middle of the picture."""

import keras
import numpy as np
import pytest

from vfgan.emotions import EMOTIONS
from vfgan.layers.familiarity import Familiarity
from vfgan.layers.time_statistics import TimeStatistics
from vfgan.models.discriminator import Discriminator, build_discriminator
from vfgan.models.extractor import build_extractor
from vfgan.models.face_classifier import FaceClassifier, build_face_classifier
from vfgan.models.generator import Generator, build_generator, light
from vfgan.oval import fade_mask

RANDOM = np.random.default_rng(12)
FADE = fade_mask(32)[None, :, :, None]
MODES = ("add", "film", "concat", "input", "none")


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(2)
    RANDOM.bit_generator.state = np.random.default_rng(12).bit_generator.state


def faces(size=32, batch=2, channels=1):
    return RANDOM.uniform(-1, 1, size=(batch, size, size, channels)).astype(np.float32)


def attributes(batch=2):
    return RANDOM.normal(size=(batch, 3)).astype(np.float32)


@pytest.mark.parametrize("condition", MODES)
def test_generator_contract(check_layer, condition):
    network = Generator(4, 1, condition=condition, z_size=3)
    check_layer(network, [faces(), attributes()], (2, 32, 32, 1))


def test_generator_heads():
    x, z = faces(channels=3), attributes()
    plain = build_generator(32, filters=4, blocks=1, head="plain", channels=3, z_size=3)
    y, mask = plain([x, z])
    assert y.shape == (2, 32, 32, 3)
    np.testing.assert_array_equal(mask, np.ones((2, 32, 32, 1)))
    assert np.abs(y).max() <= 1


def test_generator_adds_a_change():
    """y = x + 2 fade tanh(r), within -1…1; the mask is 1."""
    x, z = 0.5 * faces(channels=3), attributes()
    network = build_generator(32, filters=4, blocks=1, channels=3, z_size=3)
    y, mask = network([x, z])
    np.testing.assert_array_equal(mask, np.ones_like(mask))
    np.testing.assert_allclose(y, x, atol=1e-6)  # r begins as 0
    change = np.array([0.3, -0.2, 2.0], np.float32)
    network.picture.bias.assign(change)
    np.testing.assert_allclose(network([x, z])[0], np.clip(x + 2 * FADE * np.tanh(change), -1, 1), atol=1e-5)


def test_generator_adds_a_masked_change():
    """y = x + 2 m fade r, within -1…1."""
    x, z = 0.5 * faces(channels=3), attributes()
    network = build_generator(32, filters=4, blocks=1, channels=3, z_size=3, head="attention")
    y, mask = network([x, z])
    assert 0 < np.min(mask) < np.max(mask) < 1
    np.testing.assert_allclose(y, x, atol=1e-6)  # r begins as 0
    change = np.array([0.3, -0.2, 2.0], np.float32)
    network.picture.bias.assign(change)
    y, mask = network([x, z])
    np.testing.assert_allclose(y, np.clip(x + 2 * np.asarray(mask) * FADE * np.tanh(change), -1, 1), atol=1e-5)
    assert np.max(y) == 1.0
    network.mask.kernel.assign(0 * network.mask.kernel)
    network.mask.bias.assign([-50.0])  # shut
    np.testing.assert_allclose(network([x, z])[0], x, atol=1e-6)


def test_a_generator_of_equal_contrast_follows_mean_and_contrast():
    """A paler, darker picture gets the same change, as much paler: G(a x + b) = a G(x) + b."""
    network = build_generator(32, filters=4, blocks=1, z_size=3, equal_contrast=True)
    network.picture.kernel.assign(RANDOM.normal(0, 0.01, size=network.picture.kernel.shape))
    x, z = 0.3 * faces(), attributes()
    y = np.asarray(network([x, z])[0])
    assert np.abs(y - x).max() > 0.02
    assert np.abs(y).max() < 1
    np.testing.assert_allclose(network([0.6 * x - 0.2, z])[0], 0.6 * y - 0.2, atol=1e-4)
    flat = np.full_like(x, 0.5)
    assert np.isfinite(network([flat, z])[0]).all()


def test_light_is_that_of_the_oval():
    """Mean and twice the deviation, weighted by the fade mask; a flat picture's is 0.1."""
    x = faces()
    weight = np.broadcast_to(FADE, x.shape)
    for picture, mean, contrast in zip(x, *light(x)):
        expected = np.average(picture, weights=weight[0])
        np.testing.assert_allclose(mean.numpy().item(), expected, atol=1e-5)
        deviation = np.sqrt(np.average((picture - expected) ** 2, weights=weight[0]))
        np.testing.assert_allclose(contrast.numpy().item(), 2 * deviation, atol=1e-4)
    assert light(np.zeros_like(x))[1].numpy().ravel().tolist() == pytest.approx([0.1, 0.1])


def middle_change(condition, size=96):
    """Mean change with z of what the generator makes of the middle of a picture, far from padded borders."""
    network = build_generator(size, filters=8, blocks=1, head="plain", condition=condition, z_size=3)
    x = faces(size, batch=1)
    one, two = (np.asarray(network([x, attributes(1)])[0])[0, 44:52, 44:52] for _ in range(2))
    return np.abs(one - two).mean()


@pytest.mark.parametrize("condition", ["add", "film"])
def test_voice_moves_the_middle_of_the_picture(condition):
    assert middle_change(condition) > 0.05


def test_without_condition_the_voice_moves_nothing():
    assert middle_change("none") == 0.0


@pytest.mark.parametrize("condition", MODES)
@pytest.mark.parametrize("spectral", [True, False])
def test_discriminator_contract(check_layer, condition, spectral):
    network = Discriminator(4, 2, condition=condition, spectral=spectral, z_size=3)
    check_layer(network, [faces(), attributes()], (2, 8, 8, 1))


def test_projecting_discriminator_contract(check_layer):
    network = Discriminator(4, 2, z_size=3, emotion_cnn={"width": 4, "features": 8})
    check_layer(network, [faces(), attributes()], (2, 8, 8, 1))


def test_projection_by_hand():
    """Every patch's score is added to by w phi + (V z) phi / sqrt(n), phi standardised, at first the emotion CNN's."""
    phi = build_face_classifier(32, width=4, features=16)
    network = build_discriminator(32, phi, filters=4, depth=2, z_size=3)
    y, z = faces(), attributes()
    features = np.asarray(phi.phi(y))
    features = (features - features.mean(1, keepdims=True)) / np.sqrt(features.var(1, keepdims=True) + 1e-3)
    real, bias = (weight.numpy() for weight in network.real.weights)
    added = features @ real[:, 0] + bias[0] + (features * (z @ network.fitting.kernel.numpy())).sum(1) / 4
    whole = np.asarray(network([y, z]))
    for weight in (*network.real.weights, network.fitting.kernel):
        weight.assign(0 * weight)
    patches = np.asarray(network([y, z]))
    np.testing.assert_allclose(whole - patches, np.broadcast_to(added[:, None, None, None], whole.shape), atol=1e-5)
    assert np.abs(added).min() > 1e-3


def test_discriminator_hears():
    network = build_discriminator(32, filters=4, depth=2, z_size=3)
    y = faces(batch=1)
    assert np.abs(network([y, attributes(1)]) - network([y, attributes(1)]))[:, 3:5, 3:5].mean() > 1e-3
    deaf = build_discriminator(32, filters=4, depth=2, condition="none", z_size=3)
    np.testing.assert_array_equal(deaf([y, attributes(1)]), deaf([y, attributes(1)]))


@pytest.mark.parametrize("architecture", ["vgg", "separable"])
def test_face_classifier_contract(check_layer, architecture):
    network = FaceClassifier(architecture, width=4, features=8)
    check_layer(network, faces(), (2, 7))
    assert network.phi(faces()).shape == (2, 8)
    assert np.min(network.phi(faces())) >= 0


def test_phi_does_not_see_light_and_contrast():
    network = build_face_classifier(32, width=4, features=8)
    face, stripes = faces(), np.broadcast_to(np.sin(np.arange(32.0)), (2, 32, 32))[..., None].astype(np.float32)
    phi, of_stripes = np.asarray(network.phi(face)), np.asarray(network.phi(stripes))
    np.testing.assert_allclose(network.phi(0.9 * face - 0.1), phi, atol=0.02 * phi.max())
    assert np.abs(of_stripes - phi).max() > 0.2 * phi.max()


def test_extractor_contract(check_layer):
    network = build_extractor(16, widths=(4, 4, 4, 4), dense=8, z_size=3, bands=16)
    windows = RANDOM.normal(size=(3, 16, 16, 3)).astype(np.float32)
    check_layer(network, windows, (3, len(EMOTIONS)))


def test_extractor_layers_are_alexnets():
    """conv-pool-conv-pool-conv-conv-pool: a window of 40 x 40 becomes 5 x 5."""
    network = build_extractor(40, widths=(4, 5, 6, 7), dense=8, z_size=3)
    kinds = [type(layer).__name__ for layer in network.stages.layers]
    assert [kind[:4] for kind in kinds if kind in ("Conv2D", "MaxPooling2D")] == [
        "Conv", "MaxP", "Conv", "MaxP", "Conv", "Conv", "MaxP",
    ]  # fmt: skip
    assert network.stages(np.zeros((1, 40, 40, 3), np.float32)).shape == (1, 5, 5, 7)
    assert build_extractor(40).count_params() < 3_000_000


def test_the_last_map_is_its_mean_and_deviation_over_time():
    maps = RANDOM.normal(size=(2, 6, 4, 3)).astype(np.float32)
    told = np.asarray(TimeStatistics()(maps))
    np.testing.assert_allclose(told[..., :3], maps.mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(told[..., 3:], maps.std(axis=1), atol=1e-3)
    np.testing.assert_allclose(TimeStatistics()(maps[:, ::-1]), told, atol=1e-5)  # order does not matter


def test_familiarity_is_the_distance_to_the_nearest_kind_of_voice():
    layer = Familiarity(2)
    attributes = np.concatenate([RANDOM.normal(size=(400, 2)) * [1.0, 3.0] + place for place in ([0, 0], [20, 0])])
    kind = np.repeat(["a", "b"], 400)
    layer.measure(attributes, kind)
    away = np.asarray(layer(attributes.astype(np.float32)))
    assert np.median(away) == pytest.approx(1.0, abs=1e-3)
    centres = [attributes[kind == name].mean(axis=0) for name in "ab"]
    residual = np.concatenate([attributes[kind == name] - centre for name, centre in zip("ab", centres)])
    inverse = np.linalg.inv(np.cov(residual.T, bias=True))
    expected = [min((a - c) @ inverse @ (a - c) for c in centres) for a in attributes[:50]]
    np.testing.assert_allclose(away[:50] / away[0], np.array(expected) / expected[0], rtol=0.1)
    between = np.asarray(layer(np.array([[10.0, 0.0], [20.0, 0.0]], np.float32)))
    assert between[0] > 30 > 0.2 > between[1]


def test_familiarity_of_one_utterance_a_kind_is_finite():
    layer = Familiarity(2)
    layer.measure(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array(["a", "b"]))
    assert np.isfinite(np.asarray(layer(np.array([[0.0, 1.0], [50.0, 0.0]], np.float32)))).all()


def test_a_strange_voice_gets_a_flatter_answer_and_a_temperature_flattens_all():
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
