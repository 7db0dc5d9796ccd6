"""The guard: each fault is named with its step, mended or stopped; a healthy training raises no alarm."""

import os
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.gan import GanConfig
from vfgan.config.training import TrainConfig
from vfgan.errors import ConfigError, TrainingDiverged
from vfgan.models.build import make_cyclegan
from vfgan.training.guard import Alarm, Guard
from vfgan.training.guard_signs import HealthSigns
from vfgan.training.loop import Hooks, Interrupted, train


class Training:
    """A tiny CycleGAN on two kinds of faces, bright for one emotion; `inject` may spoil a step's batch."""

    def __init__(
        self, steps, *, generator_rate=2e-3, inject=lambda step, batch: batch, seed=1, save_every=10,
        adversarial="least-squares",
    ):  # fmt: skip
        keras.utils.set_random_seed(seed)
        self.config = GanConfig.of(
            size_px=32, filters=4, blocks=1, discriminator_filters=4, discriminator_layers=1, pool_size=3,
            adversarial=adversarial,
            spectral_norm=False,  # with it a D of zeros gives what is not finite
            train=TrainConfig(steps=steps, batch_size=4, log_every=10, evaluate_every=1, save_every=save_every),
        )  # fmt: skip
        self.model = make_cyclegan(self.config, 3, None)
        self.model.compile(keras.optimizers.Adam(generator_rate, beta_1=0.5), keras.optimizers.Adam(2e-3, beta_1=0.5))
        self.inject, self.alarms = inject, []

    def make_dataset(self, start, stop):
        def batches():
            for step in range(start, stop):
                rng = np.random.default_rng(step)
                emotional = np.array([0, 1, 1, 1], np.float32)
                stripes = 0.3 * np.sin(np.arange(32))[None, None, :, None]
                noise = 0.1 * rng.standard_normal((2, 4, 32, 32, 1))
                batch = {
                    "x": stripes + noise[0],
                    "y": stripes + noise[1] + 0.5 * emotional[:, None, None, None],
                    "z": emotional[:, None] + 0.1 * rng.standard_normal((4, 3)),
                    "z_wrong": 1 - emotional[:, None] + 0.1 * rng.standard_normal((4, 3)),
                    "emotional": emotional,
                }
                yield self.inject(step + 1, {name: value.astype(np.float32) for name, value in batch.items()})

        shapes = {"x": (4, 32, 32, 1), "y": (4, 32, 32, 1), "z": (4, 3), "z_wrong": (4, 3), "emotional": (4,)}
        return tf.data.Dataset.from_generator(
            batches, output_signature={name: tf.TensorSpec(shape) for name, shape in shapes.items()}
        )

    def run(self, folder, *, guarded=True, act=True, at=None):
        """Trains; `at` maps steps to what happens behind them."""
        guard = Guard(act=act).watch(self.model, self.make_dataset) if guarded else None
        happens = dict(at or {})
        hooks = Hooks(
            evaluate=lambda step: happens.pop(step, lambda: {})() or {}, guard=guard, alarm=self.alarms.append
        )
        return train(self.model, self.make_dataset, self.config.train, folder, resolved={}, hooks=hooks)

    def weights(self):
        return [weight.numpy() for weight in self.model.weights]


@pytest.mark.slow
@pytest.mark.parametrize("adversarial", [pytest.param("least-squares", marks=pytest.mark.slow), "hinge"])
def test_a_healthy_training_is_the_same_without_guard(tmp_path, adversarial):
    guarded, free = Training(200, adversarial=adversarial), Training(200, adversarial=adversarial)
    guarded.run(tmp_path / "guarded")
    free.run(tmp_path / "free", guarded=False)
    assert guarded.alarms == []
    assert not (tmp_path / "guarded" / "alarms.txt").exists()
    for one, two in zip(guarded.weights(), free.weights()):
        np.testing.assert_array_equal(one, two)


def nan_at(bad):
    def inject(step, batch):
        return batch | {"z": batch["z"] * np.nan} if step == bad else batch

    return inject


@pytest.mark.slow
def test_a_nan_batch_is_named_and_skipped_also_in_a_resumed_run(tmp_path):
    """With a checkpoint every 3 steps it is found at 15 and done again from the older one; the stop comes between."""
    whole = Training(24, inject=nan_at(14), save_every=3)
    scores = whole.run(tmp_path / "whole")
    assert whole.alarms == [
        "step 14: NaN batch: z holds values that are not finite; back to step 9, the batch is skipped"
    ]
    assert (tmp_path / "whole" / "alarms.txt").read_text().splitlines() == whole.alarms
    assert all(np.isfinite(value) for value in scores.values())
    assert int(whole.model.generator_optimizer.iterations) == 23
    parts = Training(24, inject=nan_at(14), save_every=3)
    with pytest.raises(Interrupted, match="step 13"):
        parts.run(tmp_path / "parts", at={13: lambda: None if parts.alarms else os.kill(os.getpid(), signal.SIGINT)})
    resumed = Training(24, inject=nan_at(14), save_every=3, seed=2)
    resumed.run(tmp_path / "parts")
    for one, two in zip(whole.weights(), resumed.weights()):
        np.testing.assert_array_equal(one, two)


@pytest.mark.slow
def test_an_exploding_learning_rate_is_named_and_lowered(tmp_path):
    training = Training(60, generator_rate=3.0)
    scores = training.run(tmp_path)
    assert len(training.alarms) == 1
    assert training.alarms[0].startswith("step 10: exploding learning rate: ")  # when a checkpoint is due
    assert "back to step 0 with" in training.alarms[0]
    assert 1e-4 < float(training.model.generator_optimizer.learning_rate) < 0.3
    assert float(training.model.discriminator_optimizer.learning_rate) == pytest.approx(2e-3)
    assert all(np.isfinite(value) for value in scores.values())


@pytest.mark.slow
def test_what_explodes_again_and_again_is_given_up(tmp_path):
    """From sound examples: the learning rate is lowered three times, then one line says what to do."""
    training = Training(60)
    kernel = training.model.g.picture.kernel
    step = training.model.train_step

    def spoilt(batch):
        values = step(batch)
        kernel.assign(kernel * float("nan"))
        return values

    training.model.train_step = spoilt
    with pytest.raises(
        TrainingDiverged, match="exploding learning rate: .*; given up after 3 repaired faults"
    ) as caught:
        training.run(tmp_path)
    assert "\n" not in str(caught.value)
    assert len(training.alarms) == 3


def kill_d_y(training):
    def happens():
        for weight in training.model.d_y.trainable_variables:
            weight.assign(0 * weight)
        training.model.discriminator_optimizer.learning_rate.assign(0.0)

    return happens


def blind(name):
    """A discriminator that no longer sees the face: z and the picture's border still move its scores."""

    def of(training):
        def happens():
            kernel = getattr(training.model, name).stages[0].convolution.kernel
            kernel.assign(0 * kernel)
            training.model.discriminator_optimizer.learning_rate.assign(0.0)

        return happens

    return of


def blacken(training):
    def happens():
        training.model.g.picture.bias.assign([-3.0])  # beyond what the clip lets a gradient through

    return happens


@pytest.mark.medium
@pytest.mark.parametrize(
    ("fault", "injected", "whose", "rate"),
    [
        ("dead discriminator", kill_d_y, "discriminators", 2e-3),
        pytest.param("dead discriminator", blind("d_y"), "discriminators", 2e-3, marks=pytest.mark.slow),
        pytest.param("dead discriminator", blind("d_x"), "discriminators", 2e-3, marks=pytest.mark.slow),
        ("all-zero output", blacken, "networks", 1e-3),
    ],
)
@pytest.mark.slow
def test_a_network_that_dies_is_named_and_brought_back(tmp_path, fault, injected, whose, rate):
    training = Training(150)
    training.run(tmp_path, at={35: injected(training)})
    assert len(training.alarms) == 1
    assert training.alarms[0].startswith(f"step 120: {fault}: ")
    assert training.alarms[0].endswith(f"; back to step 20 with 0.5 times the learning rate of the {whose}")
    signs = Guard().watch(training.model, training.make_dataset)._signs.read()
    assert signs.spread > 0.3
    assert signs.score_spread > 1e-2
    assert float(training.model.generator_optimizer.learning_rate) == pytest.approx(rate)


@pytest.mark.slow
def test_a_generator_that_copies_stops_the_training(tmp_path):
    training = Training(400, generator_rate=1e-9)
    with pytest.raises(TrainingDiverged, match="step 180: copies its input: .*lower --lambda-cycle") as caught:
        training.run(tmp_path / "stops")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_generator_that_ignores_z_stops_the_training(tmp_path):
    training = Training(400, inject=lambda step, batch: batch | {"z": 0 * batch["z"], "z_wrong": 0 * batch["z"]})
    with pytest.raises(TrainingDiverged, match="step (1[89]|2)0+: ignores z: another voice changes 0 grey levels"):
        training.run(tmp_path)


@pytest.fixture(scope="module")
def untrained():
    return Training(9)


def looks(guard, signs, first=100):
    """What is told by five looks at the same signs."""
    return [told for look in range(5) for told in guard._look_at_signs(first + 20 * look, signs)]


def test_a_sign_must_stand_for_five_looks(untrained):
    guard = Guard().watch(untrained.model, untrained.make_dataset)
    good, bad = HealthSigns(9.0, 3.0, 1.0, 0.2), HealthSigns(9.0, 3.0, 0.0, 0.2)
    for step, signs in enumerate([bad] * 4 + [good] + [bad] * 4):
        assert guard._look_at_signs(100 + step, signs) == []
        assert guard.suspects == (signs is bad)
    with pytest.raises(Alarm, match="all-zero output"):
        guard._look_at_signs(110, bad)


def test_slow_faults_may_be_only_told(untrained):
    guard = Guard(act=False).watch(untrained.model, untrained.make_dataset)
    told = looks(guard, HealthSigns(0.01, 0.0, 1.0, 0.2))
    assert [str(one) for one in told] == [
        "step 180: copies its input: emotional voices change it by 0.01 grey levels; left as it is"
    ]
    assert looks(guard, HealthSigns(0.01, 0.0, 1.0, 0.2), first=200) == []  # once
    assert not guard.suspects  # what is left as it is does not keep checkpoints from being written


def test_the_beginning_copies_by_right(untrained):
    assert (
        looks(Guard().watch(untrained.model, untrained.make_dataset), HealthSigns(0.0, 0.0, 1.0, 0.2), first=-20) == []
    )


@pytest.mark.medium
def test_copying_is_right_for_neutral_voices(untrained):
    """An untrained generator is the identity; of neutral voices nothing else is asked."""
    signs = Guard().watch(untrained.model, untrained.make_dataset)._signs.read()
    assert signs.change == pytest.approx(0.0, abs=1e-3)
    neutral = Training(9, inject=lambda step, batch: batch | {"emotional": 0 * batch["emotional"]})
    guard = Guard().watch(untrained.model, neutral.make_dataset)
    signs = guard._signs.read()
    assert np.isnan(signs.change)
    assert looks(guard, signs) == []


def test_who_has_no_ears_need_not_listen(untrained, monkeypatch):
    guard, deaf = Guard().watch(untrained.model, untrained.make_dataset), HealthSigns(9.0, 0.0, 1.0, 0.2)
    with pytest.raises(Alarm, match="ignores z: another voice changes 0 grey levels of 9"):
        looks(guard, deaf)
    monkeypatch.setitem(untrained.model.g.settings, "condition", "none")
    assert looks(Guard().watch(untrained.model, untrained.make_dataset), deaf) == []


class _At(keras.callbacks.Callback):
    """Does something behind a batch."""

    def __init__(self, happens):
        super().__init__()
        self._happens = happens

    def on_train_batch_end(self, batch, logs=None):
        self._happens.get(batch + 1, lambda: None)()


def fit(training, steps, *, at=None, act=True):
    """A guarded `fit`; `at` maps steps to what happens behind them."""
    guard = Guard(act=act).watch(training.model, training.make_dataset)
    callbacks = [_At(at or {}), guard]
    # of unknown size, Keras would find its end by a step too many
    batches = training.make_dataset(0, steps).apply(tf.data.experimental.assert_cardinality(steps))
    training.model.fit(batches, shuffle=False, verbose=0, callbacks=callbacks)
    return guard


@pytest.mark.medium
def test_in_fit_a_nan_batch_is_named_and_left_behind():
    training = Training(40, inject=nan_at(14))
    guard = fit(training, 40)
    assert guard.alarms == [
        "step 14: NaN batch: z holds values that are not finite; back to step 0, the batch is skipped"
    ]
    assert all(np.isfinite(weight).all() for weight in training.weights())
    assert int(training.model.generator_optimizer.iterations) == 20  # those before went back, too


@pytest.mark.medium
def test_in_fit_an_exploding_learning_rate_is_lowered():
    training = Training(40, generator_rate=3.0)
    guard = fit(training, 40)
    assert "exploding learning rate" in guard.alarms[0]
    assert float(training.model.generator_optimizer.learning_rate) < 1.0


@pytest.mark.medium
def test_in_fit_a_schedule_cannot_be_lowered():
    training = Training(40)
    schedule = keras.optimizers.schedules.ExponentialDecay(3.0, 100, 0.99)
    training.model.compile(keras.optimizers.Adam(schedule, beta_1=0.5), keras.optimizers.Adam(2e-3))
    with pytest.raises(TrainingDiverged, match="learning rate of the generators follows a schedule") as caught:
        fit(training, 40)
    assert "\n" not in str(caught.value)


def test_another_model_is_not_watched():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ConfigError, match="vfgan.Guard watches a vfgan.CycleGan, not a Sequential"):
        model.fit(np.zeros((4, 2)), np.zeros((4, 1)), verbose=0, callbacks=[Guard()])
