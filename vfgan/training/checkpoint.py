"""Keeps the state of a training on disk: checkpoints and the best weights."""

import logging
from collections.abc import Callable
from pathlib import Path

import keras
import tensorflow as tf

from vfgan.config.training import TrainConfig
from vfgan.errors import SchemaError, TrainingDiverged
from vfgan.storage.weights import save_weights
from vfgan.training.guard import Guard

_log = logging.getLogger(__name__)


def latest_whole(folder: Path) -> str | None:
    """The newest checkpoint that can be read whole, or None; of a newer one that was cut short the log tells."""
    state = tf.train.get_checkpoint_state(str(folder))
    kept = list(state.all_model_checkpoint_paths) if state else []
    if not kept:  # none, or the file that lists them was cut short
        indices = folder.glob("ckpt-*.index")
        kept = sorted((str(path.with_suffix("")) for path in indices), key=lambda path: int(path.rpartition("-")[2]))
    for path in reversed(kept):
        try:
            reader = tf.train.load_checkpoint(path)
            for name in reader.get_variable_to_shape_map():
                reader.get_tensor(name)
            return path
        except (tf.errors.OpError, RuntimeError, ValueError, IndexError) as error:
            _log.warning("%s cannot be read, the one before is taken: %s", path, str(error).splitlines()[0])
    return None


def finished_steps(run: Path) -> int:
    """The step of the last checkpoint, or 0."""
    latest = latest_whole(run / "checkpoints")
    return int(tf.train.load_variable(latest, "step/.ATTRIBUTES/VARIABLE_VALUE")) if latest else 0


class Checkpoint:
    """A checkpoint of everything that a resumed training needs.

    It holds weights, optimizers, pools, random states, metrics, the guard, the step, the best score and the number of
    evaluations since then.

    Args:
        model: traced model, so that variables that Keras makes late exist (optimizer slots, metrics).
        folder: folder that this process writes to.
        source: folder to read checkpoints from. It is the first worker's, so that all workers read the same.
        config: says how many checkpoints are kept.
        best: name of the score whose highest value keeps best.weights.h5; empty keeps none.
        patience: evaluations without a better score until the training ends; 0 never ends it.
        exchange: swaps the weights with those to keep, such as the running average, and back.
        guard: guard of the training, or None.
    """

    def __init__(
        self,
        model: keras.Model,
        folder: Path,
        source: Path,
        config: TrainConfig,
        *,
        best: str,
        patience: int,
        exchange: Callable[[], None],
        guard: Guard | None,
    ):
        self.model, self.guard = model, guard
        self._folder, self._source = folder / "checkpoints", source / "checkpoints"
        self._best, self._patience, self._exchange = best, patience, exchange
        self.best_path = folder / "best.weights.h5"
        self._step = tf.Variable(0, dtype=tf.int64)
        self._best_score = tf.Variable(float("-inf"))
        self._since_best = tf.Variable(0, dtype=tf.int64)
        self._suspected = tf.Variable(0, dtype=tf.int64)
        # list each variable, too: through a Keras model TensorFlow finds neither seed states nor layers in lists
        self._checkpoint = tf.train.Checkpoint(
            model=model,
            variables=list(model.variables),
            metrics=list(model.metrics_variables),
            step=self._step,
            best_score=self._best_score,
            since_best=self._since_best,
            suspected=self._suspected,
            guard=guard.variables if guard else [],
        )
        self._manager = tf.train.CheckpointManager(
            self._checkpoint, str(self._folder), max_to_keep=config.keep_checkpoints
        )
        latest = latest_whole(self._source)
        if latest:
            self._restore(latest)
        elif guard:
            self.save(0)  # so that there is always a checkpoint to go back to

    def _restore(self, path: str) -> None:
        try:
            self._checkpoint.restore(path).assert_existing_objects_matched()
        except (AssertionError, ValueError) as error:  # a variable is missing, or a shape differs
            raise SchemaError(f"{path} was written by another version; choose another folder") from error

    def save(self, step: int, *, always: bool = True) -> None:
        """Writes a checkpoint.

        Args:
            step: finished steps.
            always: write it even if the guard suspects a fault.
        Raises:
            TrainingDiverged: a weight is not finite. Gradients can overflow while every loss is still finite.
        """
        for variable in self.model.variables:
            if variable.dtype.startswith("float") and not bool(tf.reduce_all(tf.math.is_finite(variable.value))):
                raise TrainingDiverged(
                    f"step {step}: weights {variable.path} are not finite; the last good checkpoint is in "
                    f"{self._folder}; try a lower learning rate"
                )
        suspected = self.guard is not None and self.guard.suspects
        if suspected and not always:
            return
        self._suspected.assign(int(suspected))
        self._step.assign(step)
        self._manager.save(step)

    def go_back(self, error: TrainingDiverged) -> int:
        """Restores the last good checkpoint; returns its step.

        That is the newest one from before the guard last saw no sign of a fault. If none of those is left, it is the
        oldest one in which no fault was suspected.

        Raises:
            TrainingDiverged: there is no good checkpoint.
        """
        if self.guard is None:
            raise error
        kept = tf.train.get_checkpoint_state(str(self._source))
        steps: dict[str, int] = {}  # of each good checkpoint
        for path in kept.all_model_checkpoint_paths if kept else []:
            if not tf.train.load_variable(path, "suspected/.ATTRIBUTES/VARIABLE_VALUE"):
                steps[path] = int(tf.train.load_variable(path, "step/.ATTRIBUTES/VARIABLE_VALUE"))
        if not steps:
            raise TrainingDiverged(f"{error}; there is no good checkpoint to go back to") from error
        fine = [path for path, step in steps.items() if step <= self.guard.fine_until]
        path = max(fine, key=steps.__getitem__) if fine else min(steps, key=steps.__getitem__)
        with self.guard.remembering():
            self._restore(path)
        return steps[path]

    def keep_best(self, scores: dict[str, float]) -> bool:
        """Keeps the weights if their score is the highest; returns whether the patience is over."""
        score = scores.get(self._best)
        if score is None:
            return False
        if score > float(self._best_score.numpy()):
            self._best_score.assign(score)
            self._since_best.assign(0)
            self._exchange()
            try:
                save_weights(self.model, self.best_path)
            finally:
                self._exchange()
        else:
            self._since_best.assign_add(1)
        return self.patience_is_over

    @property
    def patience_is_over(self) -> bool:
        """Whether `patience` evaluations in a row brought no better score."""
        return 0 < self._patience <= int(self._since_best.numpy())
