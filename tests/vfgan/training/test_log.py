"""What a training writes down: log.csv by hand."""

from tests.vfgan.training.tiny_training import Tiny, rows_of, run
from vfgan.config.training import TrainConfig


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
