"""The training step: each update moves its own networks, each term has its weight."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.vfgan.models.small_gan import SMALL, generator_terms, make_batch, make_gan, moved, networks, weights_of
from vfgan.config.gan import GanConfig
from vfgan.config.training import TrainConfig
from vfgan.face.pixels import fade_mask
from vfgan.models import losses
from vfgan.models.build import compile_cyclegan, make_cyclegan
from vfgan.models.cyclegan import DISCRIMINATOR_TERMS, GENERATOR_TERMS


@pytest.mark.medium
def test_each_update_moves_its_own_networks():
    for rates, expected in (
        ((0.1, 0.0), {"g", "f"}), ((0.0, 0.1), {"d_x", "d_y"}), ((0.1, 0.1), {"g", "f", "d_x", "d_y"}),
        ((0.0, 0.0), set()),
    ):  # fmt: skip
        gan = make_gan(generator_rate=rates[0], discriminator_rate=rates[1], spectral_norm=False)
        before = weights_of(gan)
        gan.train_step(make_batch())
        assert moved(gan, before) == expected


@pytest.mark.medium
def test_every_weight_is_trained():
    gan = make_gan(spectral_norm=False)
    before = weights_of(gan)
    gan.train_step(make_batch())
    for name in ("g", "f", "d_x", "d_y"):
        for weight, value in zip(networks(gan)[name].weights, before[name]):
            rests = "moving_" in weight.path  # the emotion CNN's, in D_Y's projection
            assert (weight.numpy() != value).any() != rests, weight.path


@pytest.mark.medium
@pytest.mark.parametrize(
    "adversarial",
    [pytest.param("least-squares", marks=pytest.mark.slow), pytest.param("log", marks=pytest.mark.slow), "hinge"],
)
def test_generator_terms_move_no_discriminator(adversarial):
    """Spectral normalisation overwrites kernels in training mode: not in the generators' objective."""
    gan = make_gan(adversarial=adversarial)
    before, batch = weights_of(gan), make_batch()
    generator_terms(gan, batch)
    assert moved(gan, before) == set()


def test_terms_from_their_parts():
    batch = make_batch()
    x, y, z, wrong = (batch[name] for name in ("x", "y", "z", "z_wrong"))
    gan = make_gan(spectral_norm=False, lambda_cycle=7.0, verification_ratio=0.25)
    terms = generator_terms(gan, batch)
    assert set(terms) == set(GENERATOR_TERMS)
    fake_y, fake_x = np.asarray(gan.g([x, z])[0]), np.asarray(gan.f([y, z])[0])
    phi = [np.asarray(gan.phi.features(face)) for face in (fake_y, y)]
    expected = {
        "g_adversarial": np.mean((np.asarray(gan.d_y([fake_y, z])) - 1) ** 2),
        "f_adversarial": np.mean((np.asarray(gan.d_x([fake_x, z])) - 1) ** 2),
        "cycle_x": 7.0 * np.mean(np.abs(np.asarray(gan.f([fake_y, z])[0]) - x)),
        "cycle_y": 7.0 * np.mean(np.abs(np.asarray(gan.g([fake_x, z])[0]) - y)),
        "verification": 0.25 * np.mean(np.linalg.norm(phi[0] - phi[1], axis=1) / np.sqrt(8)),
    }
    for name, value in expected.items():
        assert float(terms[name]) == pytest.approx(float(value), rel=1e-3), name
    scores = {
        "real": gan.d_y([y, z]), "fake": gan.d_y([fake_y, z]), "wrong": gan.d_y([y, wrong]),
        "x": gan.d_x([x, z]), "fake_x": gan.d_x([fake_x, z]),
    }  # fmt: skip
    d_terms = gan.discriminator_terms(x, y, z, wrong, fake_x, fake_y, z)
    assert set(d_terms) == set(DISCRIMINATOR_TERMS)
    two = losses.discriminator_least_squares
    assert float(d_terms["d_y"]) == pytest.approx(float(0.5 * two(scores["real"], scores["fake"])), rel=1e-4)
    assert float(d_terms["d_y_wrong_voice"]) == pytest.approx(
        float(0.5 * two(scores["real"], scores["wrong"])), rel=1e-4
    )
    assert float(d_terms["d_x"]) == pytest.approx(float(two(scores["x"], scores["fake_x"])), rel=1e-4)


@pytest.mark.medium
def test_step_reports_every_term_as_a_mean():
    gan = make_gan(generator_rate=0.0, discriminator_rate=0.0, spectral_norm=False, pool_size=0)
    one = gan.train_step(make_batch(seed=1))
    assert list(one) == list(GENERATOR_TERMS + DISCRIMINATOR_TERMS)
    one = {name: float(value) for name, value in one.items()}
    both = {name: float(value) for name, value in gan.train_step(make_batch(seed=2)).items()}
    gan.reset_metrics()
    two = {name: float(value) for name, value in gan.train_step(make_batch(seed=2)).items()}
    for name in one:
        assert both[name] == pytest.approx((one[name] + two[name]) / 2, rel=1e-5), name


@pytest.mark.medium
def test_discriminators_see_the_pool(monkeypatch):
    """With a full pool some of what D is shown was made earlier, with the z it was made from."""
    gan = make_gan(generator_rate=0.0, discriminator_rate=0.0, pool_size=2)
    terms, seen = gan.discriminator_terms, []

    def spy(x, y, z, z_wrong, fake_x, fake_y, fake_z, label):
        seen.append((fake_y.numpy(), fake_z.numpy()))
        return terms(x, y, z, z_wrong, fake_x, fake_y, fake_z, label)

    monkeypatch.setattr(gan, "discriminator_terms", spy)
    batches = [make_batch(seed=seed) for seed in range(8)]
    for batch in batches:
        gan.train_step(batch)
    z = np.stack([batch["z"] for batch in batches])  # [steps, batch, z_size]
    made = np.stack([gan.g([batch["x"], batch["z"]])[0] for batch in batches])
    ages = []
    for step, shown in enumerate(seen):
        for face, one_z in zip(*shown):
            origin, row = np.argwhere((z == one_z).all(axis=-1))[0]
            np.testing.assert_allclose(face, made[origin, row], atol=1e-5)
            ages.append(step - origin)
    assert min(ages) == 0
    assert 2 <= np.count_nonzero(ages) <= 12


@pytest.mark.medium
def test_compile_and_fit():
    gan = make_gan()
    dataset = tf.data.Dataset.from_tensors(make_batch()).repeat(3)
    before = weights_of(gan)
    history = gan.fit(dataset, epochs=2, verbose=0).history
    assert set(history) == set(GENERATOR_TERMS + DISCRIMINATOR_TERMS)
    assert all(len(values) == 2 and np.isfinite(values).all() for values in history.values())
    assert moved(gan, before) == {"g", "f", "d_x", "d_y"}
    assert int(gan.generator_optimizer.iterations) == int(gan.discriminator_optimizer.iterations) == 6
    assert gan([make_batch()["x"], make_batch()["z"]]).shape == (2, 32, 32, 1)


@pytest.mark.medium
def test_wrong_voices_are_refused_with_what_was_chosen():
    batch = make_batch()
    x, y, z, wrong = (batch[name] for name in ("x", "y", "z", "z_wrong"))
    two = losses.discriminator_least_squares
    for choice in ("none", "real", "both"):
        gan = make_gan(spectral_norm=False, wrong_voices=choice, real_smoothing=0.1)
        real, fake = gan.d_y([y, z]), gan.d_y([x, z])
        refused = {"none": [], "real": [gan.d_y([y, wrong])], "both": [gan.d_y([y, wrong]), gan.d_y([x, wrong])]}[
            choice
        ]
        terms = gan.discriminator_terms(x, y, z, wrong, y, x, z)
        assert float(terms["d_y"]) == pytest.approx(float(0.5 * two(real, fake, 0.1)), rel=1e-4)
        expected = float(0.5 * two(real, np.concatenate(refused), 0.1)) if refused else 0.0
        assert float(terms["d_y_wrong_voice"]) == pytest.approx(expected, rel=1e-4)


@pytest.mark.medium
def test_r1_is_the_gradient_at_real_faces():
    batch = make_batch()
    x, y, z, wrong = (batch[name] for name in ("x", "y", "z", "z_wrong"))
    gan = make_gan(spectral_norm=False, r1_penalty=10.0)
    term = float(gan.discriminator_terms(x, y, z, wrong, x, y, z)["r1"])
    slopes = []
    for network, faces in ((gan.d_y, y), (gan.d_x, x)):
        with tf.GradientTape() as tape:
            tape.watch(faces)
            score = tf.reduce_mean(network([faces, z]), axis=(1, 2, 3))
        gradient = tape.gradient(score, faces).numpy()
        slopes.append(np.mean((gradient**2).sum(axis=(1, 2, 3))))
    assert term == pytest.approx(10.0 * 0.5 * sum(slopes), rel=1e-3)
    before = weights_of(gan)
    gan.train_step(batch)
    assert {"d_x", "d_y"} <= moved(gan, before)


@pytest.mark.medium
def test_discriminators_see_real_faces_and_fakes_changed_alike():
    gan = make_gan(discriminator_change=1.0, spectral_norm=False)
    faces = make_batch(batch=4)["x"]
    one, same = gan._shown(faces), gan._shown(faces)
    np.testing.assert_array_equal(one, same)
    assert float(tf.reduce_mean(tf.abs(one - faces))) > 0.05
    gan.steps.assign_add(1)
    assert float(tf.reduce_mean(tf.abs(gan._shown(faces) - one))) > 0.01
    before = weights_of(gan)
    gan.train_step(make_batch())
    assert moved(gan, before) == {"g", "f", "d_x", "d_y"}  # the change has a gradient for G


@pytest.mark.medium
def test_discriminators_see_the_oval_of_a_face(monkeypatch):
    gan, seen = make_gan(oval=True), []
    fade, batch = fade_mask(32)[None, :, :, None], make_batch()
    for name in ("d_x", "d_y"):
        monkeypatch.setattr(gan, name, lambda given, training: seen.append(given[0]) or tf.zeros((len(given[0]), 1)))
    gan.generator_terms(batch["x"], batch["y"], batch["z"], batch["x"], batch["y"])
    gan.discriminator_terms(*(batch[name] for name in ("x", "y", "z", "z_wrong", "x", "y", "z")))
    y, x = fade * batch["y"], fade * batch["x"]
    for faces, expected in zip(seen, ([y], [x], [y, y, y], [x, x]), strict=True):
        np.testing.assert_allclose(faces, np.concatenate(expected), atol=1e-6)


@pytest.mark.medium
def test_the_average_of_g_by_hand_and_its_exchange():
    gan = make_gan(average_decay=0.5, phi=False)
    expected, steps = [np.array(average) for average in gan.average.values], []
    for step in range(3):
        gan.train_step(make_batch(seed=step))
        now = [np.array(weight) for weight in gan.g.trainable_variables]  # numpy() may be a view
        decay = min(0.5, (1 + step) / (10 + step))
        expected = [decay * old + (1 - decay) * new for old, new in zip(expected, now)]
        steps.append(now)
    for average, value in zip(gan.average.values, expected):
        np.testing.assert_allclose(average, value, rtol=1e-4, atol=1e-6)
    gan.average.swap()
    for weight, value in zip(gan.g.trainable_variables, expected):
        np.testing.assert_allclose(weight, value, rtol=1e-4, atol=1e-6)
    gan.average.swap()
    for weight, value in zip(gan.g.trainable_variables, steps[-1]):
        np.testing.assert_array_equal(weight, value)
    assert not list(make_gan().average.values)


@pytest.mark.medium
def test_without_cycle_no_generator_pass_is_spent_on_it(monkeypatch):
    gan, batch = make_gan(lambda_cycle=0.0, phi=False), make_batch()
    passes = []
    for name in ("g", "f"):
        network = getattr(gan, name)
        real = network.call
        monkeypatch.setattr(network, "call", lambda *a, real=real, name=name, **k: passes.append(name) or real(*a, **k))
    values = gan.train_step(batch)
    assert sorted(passes) == ["f", "g"]
    assert float(values["cycle_x"]) == float(values["cycle_y"]) == 0.0


@pytest.mark.medium
def test_a_plain_cyclegan_neither_hears_nor_refuses_voices():
    gan, batch = make_gan(condition="none", phi=False), make_batch()
    assert gan.wrong_voices == "none"
    assert float(gan.train_step(batch)["d_y_wrong_voice"]) == 0.0
    other = {**batch, "z": batch["z"] + 1}
    np.testing.assert_array_equal(gan([batch["x"], batch["z"]]), gan([other["x"], other["z"]]))


@pytest.mark.medium
@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_mixed_precision_keeps_weights_and_losses_in_float32(precision):
    keras.utils.set_random_seed(4)
    config = GanConfig.of(**SMALL, precision=precision, train=TrainConfig(steps=9, batch_size=2))
    gan = make_cyclegan(config, 3, None)
    compile_cyclegan(gan, config)
    assert keras.config.dtype_policy().name == "float32"  # of everything else
    assert gan.g.down[0].compute_dtype == precision
    assert {weight.dtype for weight in gan.weights} <= {"float32", "uint32", "int64", "int32"}
    made, mask = gan.g([make_batch()["x"], make_batch()["z"]])
    assert made.dtype == mask.dtype == tf.float32
    before = weights_of_four(gan)
    values = [gan.train_step(make_batch(seed=seed)) for seed in range(2)]
    assert all(np.isfinite(float(value)) for value in values[-1].values())
    assert all((a != b).any() for a, b in zip(before["d_y"], weights_of_four(gan)["d_y"]) if a.size > 1)


def weights_of_four(gan):
    return {name: [w.numpy() for w in getattr(gan, name).trainable_weights] for name in ("g", "f", "d_x", "d_y")}
