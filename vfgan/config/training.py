"""Options that every training has."""

import dataclasses

from vfgan.config.checks import require


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """Options that every training has."""

    steps: int
    """Updates of the weights."""
    batch_size: int
    """Examples a step, summed over all replicas."""
    seed: int = 1
    """Seed for the weights, the order of data and every random choice."""
    log_every: int = 50
    """Steps between lines of log.csv and TensorBoard."""
    evaluate_every: int = 200
    """Steps between validation scores and sample pictures."""
    save_every: int = 200
    """Steps between checkpoints."""
    keep_checkpoints: int = 2
    """Number of checkpoints kept."""
    minutes: float = 0.0
    """Stop after this many minutes of training, without interruptions; 0 never stops early."""

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "log_every", "evaluate_every", "save_every", "keep_checkpoints"):
            require(getattr(self, name) >= 1, f"train.{name}", "at least 1", getattr(self, name))
        require(self.minutes >= 0, "train.minutes", "0 or more", self.minutes)
