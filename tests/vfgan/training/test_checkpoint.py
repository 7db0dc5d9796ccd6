"""Checkpoints and the best weights: which are kept, which are refused."""

import os
import signal

import keras
import pytest
import tensorflow as tf

from tests.vfgan.training.tiny_training import RESOLVED, Tiny, run
from vfgan.config.training import TrainConfig
from vfgan.errors import SchemaError, TrainingDiverged
from vfgan.training.loop import Hooks, Interrupted, train


def test_the_best_weights_are_kept_over_an_interruption(tmp_path):
    marks = {2: 0.3, 4: 0.9, 6: 0.5, 8: 0.2}
    values = [float(n) for n in range(1, 9)]
    config = TrainConfig(steps=8, batch_size=1, log_every=1, evaluate_every=2, save_every=2)

    def go(stop_at):
        tiny = Tiny(values)

        def evaluate(step):
            if step == stop_at:
                os.kill(os.getpid(), signal.SIGTERM)
            return {"uar": marks[step]}

        hooks = Hooks(evaluate=evaluate, best="uar")
        train(tiny.model, tiny.make_dataset, config, tmp_path, resolved=RESOLVED, hooks=hooks)

    with pytest.raises(Interrupted):
        go(stop_at=4)
    go(stop_at=None)
    tiny = Tiny()
    tiny.model.load_weights(tmp_path / "best.weights.h5")
    assert float(tiny.model.w) == 4.0
    tiny.model.load_weights(tmp_path / "model.weights.h5")
    assert float(tiny.model.w) == 8.0


def test_the_kept_weights_may_be_others_than_those_that_train(tmp_path):
    """As the running average of G: exchanged for the best and the last, and taken back while it trains."""
    tiny, other = Tiny([float(n) for n in range(1, 9)]), [100.0]

    def exchange():
        value = float(tiny.model.w)
        tiny.model.w.assign(other[0])
        other[0] = value

    config = TrainConfig(steps=8, batch_size=1, log_every=1, evaluate_every=2, save_every=2)
    hooks = Hooks(evaluate=lambda step: {"mark": {4: 0.9}.get(step, 0.1)}, best="mark", exchange=exchange)
    train(tiny.model, tiny.make_dataset, config, tmp_path, resolved=RESOLVED, hooks=hooks)
    assert other == [8.0]  # what it came to by training
    for name in ("best.weights.h5", "model.weights.h5"):
        kept = Tiny()
        kept.model.load_weights(tmp_path / name)
        assert float(kept.model.w) == 100.0


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    run(Tiny(), tmp_path, config=TrainConfig(steps=3, batch_size=1))
    tiny = Tiny()
    tiny.model.more = tiny.model.add_weight(shape=(2,), name="more")
    with pytest.raises(SchemaError, match="another version"):
        run(tiny, tmp_path, config=TrainConfig(steps=5, batch_size=1))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_divergence_stops_with_the_last_good_checkpoint(tmp_path, value):
    values = [1.0] * 5 + [value] + [1.0] * 10
    config = TrainConfig(steps=12, batch_size=1, log_every=4, evaluate_every=12, save_every=2)
    with pytest.raises(TrainingDiverged, match="loss is (nan|inf).*last good checkpoint"):
        run(Tiny(values), tmp_path, config=config)
    latest = tf.train.latest_checkpoint(str(tmp_path / "checkpoints"))
    assert latest.endswith("-4")  # the one of step 6 would hold what is not finite
    tiny = Tiny()
    run(tiny, tmp_path, config=config)  # with the cause mended it goes on from there
    assert float(tiny.model.w) == 1.0


def test_weights_that_are_not_finite_are_not_kept(tmp_path):
    tiny = Tiny([0.0] * 5 + [1e10])
    tiny.model.compile(optimizer=keras.optimizers.SGD(1e30))
    config = TrainConfig(steps=6, batch_size=1, log_every=6, evaluate_every=12, save_every=2)
    with pytest.raises(TrainingDiverged, match="step 6: weights .*w are not finite"):
        run(tiny, tmp_path, config=config)
    assert tf.train.latest_checkpoint(str(tmp_path / "checkpoints")).endswith("-4")
    assert not (tmp_path / "model.weights.h5").exists()
