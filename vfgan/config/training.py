"""What the configurations of every training have in common."""

import dataclasses

from vfgan.config.checks import require


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """What every training has in common."""

    steps: int
    """Updates of the weights."""
    batch_size: int
    """Examples a step, over all replicas."""
    seed: int = 1
    """Of the weights, the order of data and every random choice."""
    log_every: int = 50
    """Steps between lines of log.csv and TensorBoard."""
    evaluate_every: int = 200
    """Steps between scores on validation data and sample pictures."""
    save_every: int = 200
    """Steps between checkpoints."""
    keep_checkpoints: int = 2
    """Checkpoints kept."""
    minutes: float = 0.0
    """End after so many minutes of training, interruptions not counted, if that is before the last step (0: not)."""

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "log_every", "evaluate_every", "save_every", "keep_checkpoints"):
            require(getattr(self, name) >= 1, f"train.{name}", "at least 1", getattr(self, name))
        require(self.minutes >= 0, "train.minutes", "0 or more", self.minutes)
