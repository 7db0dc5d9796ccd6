"""The training loop: resuming, refusing, hooks, its end."""

import dataclasses
import os
import signal

import keras
import numpy as np
import pytest

from tests.vfgan.training.tiny_training import RESOLVED, TRAIN, Tiny, rows_of, run
from vfgan.config.data import MfscConfig
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.config.serialise import to_dict
from vfgan.config.training import TrainConfig
from vfgan.data.attributes import Attributes
from vfgan.data.face_set import Faces
from vfgan.data.gan_examples import pair_dataset
from vfgan.data.voice_examples import window_dataset
from vfgan.data.voice_set import Voices
from vfgan.errors import ConfigError, OutputError, SchemaError
from vfgan.models.build import make_cyclegan, make_extractor
from vfgan.storage.files import read_json
from vfgan.training.loop import Hooks, Interrupted, claim_run, train


class Gan:
    """A CycleGAN with pools and spectral normalisation, and its data."""

    def __init__(self, seed):
        keras.utils.set_random_seed(seed)
        config = GanConfig.of(
            size_px=32,
            filters=4,
            blocks=1,
            discriminator_filters=4,
            discriminator_layers=1,
            pool_size=3,
            average_decay=0.9,
            train=TRAIN,
        )
        self.model = make_cyclegan(config, 3, None)
        self.model.compile(keras.optimizers.Adam(2e-3, beta_1=0.5), keras.optimizers.Adam(1e-3, beta_1=0.5))
        self.optimizers = (self.model.generator_optimizer, self.model.discriminator_optimizer)
        self.config = config

    def make_dataset(self, start, stop):
        random = np.random.default_rng(1)
        emotion = np.arange(12, dtype=np.int32) % 7
        faces = Faces(
            pixels=random.integers(0, 256, size=(12, 32, 32, 1), dtype=np.uint8), emotion=emotion,
            intensity=np.ones(12, np.int32), voice_phase=np.zeros(12, np.int32), time=np.zeros(12, np.float32),
            statement=np.zeros(12, np.int32),
            mouth_opening=np.zeros(12, np.float32), actor=np.array(["01"] * 12), clip_id=np.arange(12).astype(str),
        )  # fmt: skip
        voices = Attributes(random.normal(size=(12, 3)).astype(np.float32), emotion, np.ones(12, np.int32))
        return pair_dataset(faces, faces, voices, self.config, start, stop)

    def state(self):
        """Everything that the next step depends on."""
        pools = (self.model.pool_x, self.model.pool_y)
        variables = [*self.model.variables, *(v for pool in pools for v in pool.variables)]
        return variables + self.model.average.values + [v for optimizer in self.optimizers for v in optimizer.variables]


class Extractor:
    """An extractor with dropout, batch normalisation and decaying AdamW, as `vfgan train extractor` makes it."""

    def __init__(self, seed):
        keras.utils.set_random_seed(seed)
        self.mfsc = MfscConfig(window_frames=16, mel_bands=16)
        self.config = ExtractorConfig(widths=(4, 4, 4, 4), dense=8, z_size=3, dropout=0.5, train=TRAIN)
        self.model = make_extractor(self.config, self.mfsc)
        schedule = keras.optimizers.schedules.CosineDecay(1e-3, 10, warmup_target=1e-2, warmup_steps=2)
        self.model.compile(
            optimizer=keras.optimizers.AdamW(schedule, 1e-2),
            loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), metrics=["accuracy"],
        )  # fmt: skip

    def make_dataset(self, start, stop):
        random = np.random.default_rng(2)
        voices = Voices(
            planes=random.normal(size=(300, 16, 3)).astype(np.float32), starts=np.arange(0, 301, 30, dtype=np.int32),
            active=np.ones(300, bool), emotion=np.arange(10, dtype=np.int32) % 8, intensity=np.ones(10, np.int32),
            actor=np.array(["01"] * 10), clip_id=np.arange(10).astype(str),
        )  # fmt: skip
        return window_dataset(voices, self.mfsc, self.config, start, stop)

    def state(self):
        return [*self.model.variables, *self.model.optimizer.variables]


@pytest.mark.medium
@pytest.mark.parametrize("kind", [pytest.param(Gan, marks=pytest.mark.slow), Extractor])
def test_a_resumed_run_equals_an_uninterrupted_one(kind, tmp_path):
    whole = kind(seed=1)
    run(whole, tmp_path / "whole")
    with pytest.raises(Interrupted, match="step 5 of 12"):
        run(kind(seed=1), tmp_path / "parts", stop_at=5)
    assert not (tmp_path / "parts" / "model.weights.h5").exists()
    # another seed: whatever the checkpoint does not bring back, differs
    resumed = kind(seed=2)
    run(resumed, tmp_path / "parts")
    expected, received = whole.state(), resumed.state()
    assert len(expected) == len(received)
    for one, two in zip(expected, received):
        np.testing.assert_array_equal(two.numpy(), one.numpy(), err_msg=getattr(one, "path", one.name))
    assert rows_of(tmp_path / "parts") == rows_of(tmp_path / "whole")
    expected = [weight.numpy() for weight in whole.model.weights]
    for weight in resumed.model.weights:
        weight.assign(0 * weight)
    resumed.model.load_weights(tmp_path / "parts" / "model.weights.h5")
    for one, two in zip(expected, resumed.model.weights):
        np.testing.assert_array_equal(two.numpy(), one)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Gan, Extractor])
@pytest.mark.parametrize("ends", ["finished", "interrupted"])
def test_a_run_that_is_made_longer_equals_a_long_one(kind, ends, tmp_path, caplog):
    """Bit by bit, where no schedule depends on the number of steps."""

    def go(made, folder, steps, stop_at=None):
        config = dataclasses.replace(TRAIN, steps=steps)
        run(made, tmp_path / folder, config=config, stop_at=stop_at, resolved={"config": {"train": to_dict(config)}})

    whole, longer = kind(seed=1), kind(seed=2)
    go(whole, "whole", 12)
    if ends == "finished":
        go(kind(seed=1), "parts", 8)
        (tmp_path / "parts" / "scores.json").write_text("{}")  # of the shorter run
    else:
        with pytest.raises(Interrupted):
            go(kind(seed=1), "parts", 8, stop_at=5)
    go(longer, "parts", 12)
    for one, two in zip(whole.state(), longer.state(), strict=True):
        np.testing.assert_array_equal(two.numpy(), one.numpy(), err_msg=getattr(one, "path", one.name))
    assert rows_of(tmp_path / "parts") == rows_of(tmp_path / "whole")
    assert not (tmp_path / "parts" / "scores.json").exists()
    assert "had 8 steps and goes on to 12. Schedules that depend" in caplog.text
    with pytest.raises(SchemaError, match=r"config\.train\.steps is 10 here and 12 there"):
        go(kind(seed=1), "parts", 10)


def test_a_run_that_ended_early_is_not_made_longer(tmp_path):
    claim_run(tmp_path, {"config": {"train": {"steps": 8}}})
    (tmp_path / "model.weights.h5").write_bytes(b"")
    with pytest.raises(ConfigError, match="ended after 0 of 8 steps, by patience or --train.minutes"):
        claim_run(tmp_path, {"config": {"train": {"steps": 12}}})
    assert (tmp_path / "model.weights.h5").exists()


def test_more_steps_are_no_leave_for_other_changes(tmp_path):
    def resolved(steps, seed):
        return {"config": {"train": {"steps": steps, "seed": seed}}}

    claim_run(tmp_path, resolved(8, 1))
    with pytest.raises(SchemaError, match=r"config\.train\.seed is 2 here and 1 there"):
        claim_run(tmp_path, resolved(12, 2))
    assert read_json(tmp_path / "config.json") == resolved(8, 1)


def test_hooks_are_called_with_finished_steps(tmp_path):
    evaluated, told = [], []
    hooks = Hooks(evaluate=lambda step: evaluated.append(step) or {}, progress=lambda step, scores: told.append(step))
    tiny, config = Tiny(), TrainConfig(steps=10, batch_size=1, log_every=3, evaluate_every=4, save_every=5)
    train(tiny.model, tiny.make_dataset, config, tmp_path, resolved=RESOLVED, hooks=hooks)
    assert evaluated == [4, 8, 10]
    assert told == [3, 6, 9, 10]


@pytest.mark.parametrize("stop_at", [None, 2, 4, 6, 8])
def test_patience_ends_with_the_best_weights_of_a_resumed_run(tmp_path, stop_at):
    marks = {2: 0.3, 4: 0.9, 6: 0.5, 8: 0.2, 10: 0.8}
    config = TrainConfig(steps=40, batch_size=1, log_every=1, evaluate_every=2, save_every=2)
    stops = [stop_at]

    def go():
        tiny = Tiny([float(n) for n in range(1, 41)])

        def evaluate(step):
            if step in stops:
                stops.clear()
                os.kill(os.getpid(), signal.SIGTERM)
            return {"uar": marks[step]}

        hooks = Hooks(evaluate=evaluate, best="uar", patience=3)
        train(tiny.model, tiny.make_dataset, config, tmp_path, resolved=RESOLVED, hooks=hooks)
        return tiny

    if stop_at:
        with pytest.raises(Interrupted):
            go()
    assert float(go().model.w) == 4.0
    assert rows_of(tmp_path)[-1]["step"] == "10"
    assert float(go().model.w) == 4.0  # finished: nothing is trained
    (tmp_path / "model.weights.h5").unlink()  # killed between its last checkpoint and its end
    assert float(go().model.w) == 4.0
    assert rows_of(tmp_path)[-1]["step"] == "10"


def test_a_training_is_finished_when_its_minutes_are_over(tmp_path):
    config = TrainConfig(steps=50, batch_size=1, log_every=20, evaluate_every=20, save_every=20, minutes=1e-9)
    scores = run(Tiny(), tmp_path, config=config)
    assert [row["step"] for row in rows_of(tmp_path)] == ["1"]
    assert (tmp_path / "model.weights.h5").is_file()
    assert run(Tiny(), tmp_path, config=config) == scores  # not gone on with


def test_handlers_of_signals_are_given_back(tmp_path):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    run(Tiny(), tmp_path, config=TrainConfig(steps=2, batch_size=1))
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_finished_run_is_left_as_it_is(tmp_path):
    """A pipeline may have added to the final weights; the same command again must not undo that."""
    config = TrainConfig(steps=3, batch_size=1)
    run(Tiny(), tmp_path, config=config)
    tiny = Tiny()
    tiny.model.w.assign(77.0)
    tiny.model.save_weights(tmp_path / "model.weights.h5")
    again = Tiny()
    assert run(again, tmp_path, config=config) == {"loss": pytest.approx(1 / 3, rel=1e-5)}
    assert float(again.model.w) == 77.0
    again.model.load_weights(tmp_path / "model.weights.h5")
    assert float(again.model.w) == 77.0
    # but where the last moment was lost, it is made up for
    (tmp_path / "model.weights.h5").unlink()
    run(Tiny(), tmp_path, config=config)
    assert (tmp_path / "model.weights.h5").is_file()


def test_another_configuration_is_refused(tmp_path):
    mine = {"kind": "gan", "config": to_dict(GanConfig.of(filters=8))}
    claim_run(tmp_path / "run", mine)
    claim_run(tmp_path / "run", mine)
    with pytest.raises(SchemaError, match=r"config\.networks\.filters is 16 here and 8 there; choose another folder"):
        claim_run(tmp_path / "run", {"kind": "gan", "config": to_dict(GanConfig.of(filters=16))})
    with pytest.raises(SchemaError, match="kind"):
        tiny = Tiny()
        train(tiny.model, tiny.make_dataset, TRAIN, tmp_path / "run", resolved=mine | {"kind": "extractor"})
    assert not (tmp_path / "run" / "log.csv").exists()


def test_an_unwritable_run_is_refused_before_any_step(tmp_path):
    (tmp_path / "file").write_text("")
    tiny = Tiny()

    def make_dataset(start, stop):
        raise AssertionError("began")

    with pytest.raises(OutputError):
        train(tiny.model, make_dataset, TRAIN, tmp_path / "file" / "run", resolved=RESOLVED)
