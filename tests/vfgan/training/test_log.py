"""What a training writes down: log.csv by hand."""

from tests.vfgan.training.tiny_training import Tiny, rows_of, run
from vfgan.config.training import TrainConfig
from vfgan.training import log
from vfgan.training.log import Log


def test_log_rows_by_hand(tmp_path):
    # w follows the value of the step before: the losses are 1, 0, 0, 4, 0, 0, 0, 9, 0, 0
    values = [1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0, 0.0, 0.0, 0.0]
    config = TrainConfig(steps=10, batch_size=1, log_every=4, evaluate_every=4, save_every=5)
    scores = run(Tiny(values), tmp_path, config=config)
    assert rows_of(tmp_path) == [
        {"step": "4", "loss": "1.25", "score": "0.4"},
        {"step": "8", "loss": "2.25", "score": "0.8"},
        {"step": "10", "loss": "0", "score": "0.8"},  # the last score there is
    ]
    assert scores == {"loss": 0.0, "score": 0.8}
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "checkpoints", "config.json", "log.csv", "model.weights.h5", "tensorboard",
    ]  # fmt: skip


def test_time_between_two_rows_counts_after_an_interruption(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(log.time, "monotonic", lambda: now[0])
    first = Log(tmp_path, 0)
    now[0] = 30.0
    first.write(10, {})
    now[0] = 44.0
    first.mark(15)
    again = Log(tmp_path, 15)
    assert again.seconds == 44.0
    now[0] = 50.0
    assert again.seconds == 50.0
    assert Log(tmp_path, 10).seconds == 30.0
    for step in range(20, 200, 20):  # the newest are kept, by number and not by name
        now[0] += 1.0
        again.mark(step)
    assert Log(tmp_path, 180).seconds == 59.0
    assert Log(tmp_path, 120).seconds == 56.0
    assert Log(tmp_path, 20).seconds == 30.0
