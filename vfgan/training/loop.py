"""The one training loop: the same `train_step` that `model.fit` calls, under every strategy, resumable at any step."""

import contextlib
import csv
import dataclasses
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import tensorflow as tf

from vfgan.config import TrainConfig
from vfgan.errors import SchemaError, TrainingDiverged
from vfgan.files import atomic_path, claim_folder
from vfgan.models.weights import load_weights, save_weights

Scores = dict[str, float]


@dataclasses.dataclass
class Hooks:
    """What a pipeline adds to the loop. Each is called with the number of finished steps."""

    evaluate: Callable[[int], Scores] = lambda step: {}  #: scores on validation data
    progress: Callable[[int, Scores], None] = lambda step, scores: None  #: after every logged step
    finish: Callable[[], None] = lambda: None  #: called after the last step, before the final weights are written
    best: str = ""  #: the score whose highest value keeps best.weights.h5 (empty: none)
    patience: int = 0  #: stop after so many evaluations without a better one, and end with the best weights (0: not)


class Interrupted(KeyboardInterrupt):
    """The user asked to stop; everything is saved."""


def train(
    model: keras.Model,
    make_dataset: Callable[[int, int], tf.data.Dataset],
    config: TrainConfig,
    run: str | Path,
    *,
    resolved: dict,
    strategy: tf.distribute.Strategy | None = None,
    hooks: Hooks | None = None,
) -> Scores:
    """Trains `model` for `config.steps` steps, or goes on from the last checkpoint in `run`.

    Args:
        model: compiled; its `train_step(batch)` returns a dict of running means.
        make_dataset: (first step, last step + 1) -> batches of these steps, a pure function of the step.
        config: how long, how often.
        run: folder of this run: config.json, checkpoints/, log.csv, tensorboard/, model.weights.h5.
        resolved: the whole configuration as plain values; a run continues only under the same one.
        strategy: the one under whose scope the model was made.
        hooks: what to do along the way.
    Returns:
        The last scores.
    Raises:
        SchemaError: the folder holds a run of another configuration.
        TrainingDiverged: a logged value is not finite.
        Interrupted: after SIGINT or SIGTERM, with a checkpoint saved.
    """
    run, hooks = Path(run), hooks or Hooks()
    strategy = strategy or tf.distribute.get_strategy()
    claim_run(run, resolved)
    final = run / "model.weights.h5"
    if final.exists():
        load_weights(model, final)
        return _Log(run, config.steps).last_scores()
    first = _finished_steps(run)
    dataset = strategy.experimental_distribute_dataset(make_dataset(first, config.steps))
    step_function = _step_function(model, strategy)
    # tracing makes what Keras makes late (optimizer slots, metrics): it must exist to be restored
    step_function.get_concrete_function(dataset.element_spec)
    state = _State(model, run, config, hooks)
    log = _Log(run, first)
    scores = log.last_scores()
    with _stop_signals() as stop:
        for step, batch in enumerate(dataset, first + 1):
            values = step_function(batch)
            last = step == config.steps
            if last or step % config.log_every == 0:
                scores |= _finite(values, step, run)
                model.reset_metrics()
            if last or step % config.evaluate_every == 0:
                scores |= hooks.evaluate(step)
                last = state.keep_best(scores) or last
            if last or step % config.log_every == 0:
                log.write(step, scores)
                hooks.progress(step, scores)
            stopping = stop.asked and not last
            if last or step % config.save_every == 0 or stopping:
                _finite(values, step, run)  # what is not finite is not kept
                state.save(step)
            if stopping:
                raise Interrupted(f"stopped at step {step} of {config.steps}: the same command goes on from there")
            if last:
                break
    if hooks.patience and state.best_path.exists():
        load_weights(model, state.best_path)
    hooks.finish()
    save_weights(model, final)
    return scores


def claim_run(run: Path, resolved: dict) -> None:
    """Makes the folder of a run, or finds that it belongs to the same configuration.

    Raises:
        SchemaError: it belongs to another.
        OutputError: it cannot be written.
    """
    claim_folder(run, "config.json", resolved, "a run of another configuration")


def _finished_steps(run: Path) -> int:
    """The step of the last checkpoint, or 0."""
    latest = tf.train.latest_checkpoint(str(run / "checkpoints"))
    return int(tf.train.load_variable(latest, "step/.ATTRIBUTES/VARIABLE_VALUE")) if latest else 0


class _State:
    """The checkpoint: weights, optimizers, pools, random states, metrics, step, best score, evaluations since."""

    def __init__(self, model: keras.Model, run: Path, config: TrainConfig, hooks: Hooks):
        self.model, self.run, self.hooks = model, run, hooks
        self.best_path = run / "best.weights.h5"
        self._step = tf.Variable(0, dtype=tf.int64)
        self._best_score = tf.Variable(float("-inf"))
        self._since_best = tf.Variable(0, dtype=tf.int64)
        # TensorFlow finds neither seed states nor layers in lists by way of a Keras model: each variable by itself, too
        self._checkpoint = tf.train.Checkpoint(
            model=model, variables=list(model.variables), metrics=list(model.metrics_variables),
            step=self._step, best_score=self._best_score, since_best=self._since_best,
        )  # fmt: skip
        self._manager = tf.train.CheckpointManager(
            self._checkpoint, str(run / "checkpoints"), max_to_keep=config.keep_checkpoints
        )
        if self._manager.latest_checkpoint:
            self._restore(self._manager.latest_checkpoint)

    def _restore(self, path: str) -> None:
        try:
            self._checkpoint.restore(path).assert_existing_objects_matched()
        except (AssertionError, ValueError) as error:  # a variable is missing; a shape differs
            raise SchemaError(f"{path} was written by another version; choose another folder") from error

    def save(self, step: int) -> None:
        """Writes a checkpoint, unless a weight is not finite: gradients can be that while every loss still is."""
        for variable in self.model.variables:
            if variable.dtype.startswith("float") and not bool(tf.reduce_all(tf.math.is_finite(variable.value))):
                raise TrainingDiverged(
                    f"step {step}: weights {variable.path} are not finite; the last good checkpoint is in "
                    f"{self.run / 'checkpoints'}; try a lower learning rate"
                )
        self._step.assign(step)
        self._manager.save(step)

    def keep_best(self, scores: Scores) -> bool:
        """Keeps the weights if their score is the highest; returns whether patience is at its end."""
        score = scores.get(self.hooks.best)
        if score is None:
            return False
        if score > float(self._best_score.numpy()):
            self._best_score.assign(score)
            self._since_best.assign(0)
            save_weights(self.model, self.best_path)
        else:
            self._since_best.assign_add(1)
        return 0 < self.hooks.patience <= int(self._since_best.numpy())


def _step_function(model: keras.Model, strategy: tf.distribute.Strategy) -> Callable:
    """One step on every replica; the running means, averaged over replicas."""

    @tf.function(reduce_retracing=True)
    def step(batch):
        values = strategy.run(model.train_step, args=(batch,))
        return {name: strategy.reduce(tf.distribute.ReduceOp.MEAN, value, axis=None) for name, value in values.items()}

    return step


def _finite(values: dict[str, tf.Tensor], step: int, run: Path) -> Scores:
    scores = {name: float(value) for name, value in values.items()}
    for name, value in scores.items():
        if not abs(value) < float("inf"):
            raise TrainingDiverged(
                f"step {step}: {name} is {value}; the last good checkpoint is in {run / 'checkpoints'}; "
                "try a lower learning rate"
            )
    return scores


class _Log:
    """log.csv (a row a logged step) and TensorBoard; rows behind the step that a run resumes from are dropped."""

    def __init__(self, run: Path, first_step: int):
        self._path = run / "log.csv"
        self._rows: list[dict] = []
        self._started = time.monotonic()
        if self._path.exists() and first_step:
            with open(self._path, newline="", encoding="utf-8") as file:
                self._rows = [row for row in csv.DictReader(file) if int(row["step"]) <= first_step]
        self._seconds_before = float(self._rows[-1]["seconds"]) if self._rows else 0.0
        self._writer = tf.summary.create_file_writer(str(run / "tensorboard"))

    def last_scores(self) -> Scores:
        """The scores of the row that a resumed run goes on from; none at the start."""
        last = self._rows[-1] if self._rows else {}
        return {name: float(value) for name, value in last.items() if value and name not in ("step", "seconds")}

    def write(self, step: int, scores: Scores) -> None:
        seconds = self._seconds_before + time.monotonic() - self._started
        row = {"step": step, "seconds": f"{seconds:.1f}"} | {name: f"{value:.6g}" for name, value in scores.items()}
        self._rows.append(row)
        columns = list(dict.fromkeys(name for row in self._rows for name in row))
        with atomic_path(self._path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self._rows)
        with self._writer.as_default(step):
            for name, value in scores.items():
                tf.summary.scalar(name, value)
        self._writer.flush()


class _Stop:
    asked = False


@contextlib.contextmanager
def _stop_signals() -> Iterator[_Stop]:
    """SIGINT and SIGTERM ask for a stop after the step; a second SIGINT stops at once."""
    stop = _Stop()

    def ask(number, frame):
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True

    try:
        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not in the main thread: the program around us handles signals
        yield stop
        return
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
