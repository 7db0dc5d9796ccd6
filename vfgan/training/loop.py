"""The training loop of all networks. It calls the `train_step` of `model.fit`, under any strategy, and can resume."""

import contextlib
import copy
import dataclasses
import logging
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from vfgan.config.serialise import first_difference
from vfgan.config.training import TrainConfig
from vfgan.errors import ConfigError, SchemaError, TrainingDiverged
from vfgan.storage.files import claim_folder, read_json, write_json
from vfgan.storage.graph_errors import python_errors
from vfgan.storage.weights import load_weights, save_weights
from vfgan.training.checkpoint import Checkpoint, finished_steps
from vfgan.training.guard import Guard
from vfgan.training.log import Log, Scores
from vfgan.training.strategy import losing_no_worker, worker_folder

_log = logging.getLogger(__name__)
#: What stands in a run's folder when it is finished.
_RESULTS = ("model.weights.h5", "scores.json")


@dataclasses.dataclass
class Hooks:
    """What a pipeline adds to the loop. Steps are numbers of finished steps."""

    evaluate: Callable[[int], Scores] = lambda step: {}  #: computes scores on validation data
    progress: Callable[[int, Scores], None] = lambda step, scores: None  #: called after every logged step
    finish: Callable[[], None] = lambda: None  #: called after the last step, before the final weights are written
    best: str = ""  #: name of the score whose highest value keeps best.weights.h5; empty keeps none
    patience: int = 0  #: stop after this many evaluations without a better score, with the best weights; 0 never stops
    exchange: Callable[[], None] = lambda: None  #: swaps the weights with those to keep, and back
    guard: Guard | None = None  #: watches for faults; without it NaN stops the training
    alarm: Callable[[str], None] = lambda text: None  #: called with each fault that was repaired or left


class Interrupted(KeyboardInterrupt):
    """The user stopped the training; everything is saved."""


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
    """Trains `model` for `config.steps` steps, or resumes from the last checkpoint in `run`.

    Args:
        model: compiled model, whose `train_step(batch)` returns a dict of running means.
        make_dataset: (first step, last step + 1) -> batches of these steps, a pure function of the step.
        config: steps and intervals.
        run: folder of this run: config.json, checkpoints/, log.csv, tensorboard/, model.weights.h5.
        resolved: the whole configuration as plain values; a run resumes only with the same one, or with more steps.
        strategy: strategy in whose scope the model was made.
        hooks: what the pipeline adds.
    Returns:
        The last scores.
    Raises:
        SchemaError: the folder holds a run of another configuration.
        TrainingDiverged: a logged value is not finite, and there is no guard or it cannot repair that.
        Interrupted: after SIGINT or SIGTERM, with a checkpoint saved.
        WorkerLost: another worker has died.
        MediaError, SchemaError: the data set went away, or is damaged; the last checkpoint stays.
    """
    run, hooks = Path(run), hooks or Hooks()
    strategy = strategy or tf.distribute.get_strategy()
    claim_run(run, resolved)
    final = run / "model.weights.h5"
    if final.exists():
        load_weights(model, final)
        return Log(run, config.steps).last_scores()
    with _stop_signals() as stop, losing_no_worker(strategy), python_errors():
        loop = _Loop(model, make_dataset, config, run, strategy, hooks)
        scores = loop.run(stop)
    if hooks.patience and loop.checkpoint.best_path.exists():
        load_weights(model, loop.checkpoint.best_path)
    else:
        hooks.exchange()
    hooks.finish()
    save_weights(model, worker_folder(run, strategy) / final.name)
    return scores


class _Loop:
    """A training between its first and its last step."""

    def __init__(self, model, make_dataset, config: TrainConfig, run: Path, strategy, hooks: Hooks):
        self._model, self._make_dataset, self._config = model, make_dataset, config
        self._strategy, self._hooks = strategy, hooks
        self._first = finished_steps(run)
        self._run = worker_folder(run, strategy)
        self._step_function = _step_function(model, strategy)
        dataset = make_dataset(self._first, config.steps)
        _make_late_variables(model, dataset.element_spec, strategy)
        self._first_dataset = strategy.experimental_distribute_dataset(dataset)
        # what Keras makes late (optimizer slots, metrics) must exist to be restored
        self._step_function.get_concrete_function(self._first_dataset.element_spec, **self._stage(self._first))
        self.checkpoint = Checkpoint(
            model,
            self._run,
            run,
            config,
            best=hooks.best,
            patience=hooks.patience,
            exchange=hooks.exchange,
            guard=hooks.guard,
        )
        self._log = Log(self._run, self._first)
        self._scores = self._log.last_scores()

    def run(self, stop: "_Stop") -> Scores:
        """Runs all steps. After a fault that the guard can repair, it resumes from a good checkpoint."""
        while True:
            try:
                self._steps(stop)
                return self._scores
            except TrainingDiverged as error:
                if self._hooks.guard is None:
                    raise
                self._first = self.checkpoint.go_back(error)
                mended = self._hooks.guard.mend(error, self._step, self._first)
                self._log.go_back(self._first)
                self._scores = self._log.last_scores()
                self._tell(str(mended))

    def _stage(self, finished: int) -> dict:
        """What a model that learns in stages is told: a graph of its own for each."""
        return {"stage": self._model.stage_of(finished)} if hasattr(self._model, "stage_of") else {}

    def _dataset(self, first: int):
        """All steps from this one on; the one whose shape was asked for is made once."""
        dataset, self._first_dataset = self._first_dataset, None
        if dataset is None:
            dataset = self._strategy.experimental_distribute_dataset(self._make_dataset(first, self._config.steps))
        return dataset

    def _tell(self, alarm: str) -> None:
        self._log.tell(alarm)
        self._hooks.alarm(alarm)

    def _steps(self, stop: "_Stop") -> None:
        config, hooks, guard = self._config, self._hooks, self._hooks.guard
        values: dict[str, tf.Tensor] = {}
        if self.checkpoint.patience_is_over:  # it was interrupted between its last checkpoint and its end
            return
        for step, batch in enumerate(self._dataset(self._first), self._first + 1):
            self._step = step
            if guard is None:
                values = self._step_function(batch, **self._stage(step - 1))
            elif not guard.skips(step):
                values = self._guarded_step(guard, step, batch)
            last = step == config.steps or 0 < config.minutes <= self._log.seconds / 60
            if last or step % config.log_every == 0:
                self._scores |= _finite(values, step, self._run)
                self._model.reset_metrics()
            if last or step % config.evaluate_every == 0:
                self._scores |= hooks.evaluate(step)
                last = self.checkpoint.keep_best(self._scores) or last
            if last or step % config.log_every == 0:
                self._log.write(step, self._scores)
                hooks.progress(step, self._scores)
            stopping = stop.asked and not last
            if last or step % config.save_every == 0 or stopping:
                _finite(values, step, self._run)  # never save a checkpoint after NaN
                self.checkpoint.save(step, always=last or stopping)
                self._log.mark(step)
            if stopping:
                raise Interrupted(f"stopped at step {step} of {config.steps}: run the same command again to resume")
            if last:
                break

    def _guarded_step(self, guard: Guard, step: int, batch) -> dict:
        watched = guard.prepare(step)
        values = self._step_function(batch, **self._stage(step - 1))
        if watched:
            _finite(values, step, self._run)
            for told in guard.look(step):
                self._tell(str(told))
        elif step % self._config.save_every == 0:
            guard.look_at_updates(step)  # a run that resumes here measures updates from here, too
        return values


def claim_run(run: Path, resolved: dict) -> None:
    """Makes the folder of a run, or checks that it belongs to the same configuration.

    A run that is to have more steps (`config.train.steps`) goes on from its last checkpoint, even if it was finished.

    Raises:
        SchemaError: it belongs to another configuration.
        ConfigError: it is to have more steps, but ended before its last one.
        OutputError: it cannot be written.
    """
    before = _steps_if_longer(run, resolved)
    if before:
        ended = finished_steps(run)
        if (run / _RESULTS[0]).exists() and ended < before:
            raise ConfigError(
                f"{run} ended after {ended} of {before} steps, by patience or --train.minutes, which more steps do not "
                "change: choose another --run"
            )
        for folder in (run, *run.glob("workers/*")):
            for name in _RESULTS:  # first: if this is interrupted, the run is not taken for a finished one
                (folder / name).unlink(missing_ok=True)
        write_json(run / "config.json", resolved)
        _log.warning(
            "%s had %d steps and goes on to %d. Schedules that depend on the number of steps are those of %d from here "
            "on: it is not the run that had so many from its start.",
            run, before, steps := resolved["config"]["train"]["steps"], steps,
        )  # fmt: skip
    claim_folder(run, "config.json", resolved, "a run of another configuration")


def _steps_if_longer(run: Path, resolved: dict) -> int:
    """The steps of the run in this folder, if it differs in nothing but that it has fewer; else 0."""
    try:
        before = copy.deepcopy(read_json(run / "config.json"))
        steps, mine = before["config"]["train"]["steps"], resolved["config"]["train"]["steps"]
        before["config"]["train"]["steps"] = mine
    except (SchemaError, KeyError, TypeError):  # no run yet, or one without steps
        return 0
    return steps if steps < mine and first_difference(resolved, before) is None else 0


def _step_function(model: keras.Model, strategy: tf.distribute.Strategy) -> Any:
    """A function that runs one step on every replica and averages the running means over replicas."""

    @tf.function(reduce_retracing=True, autograph=False)  # all of it is tensor operations: it begins seconds earlier
    def step(batch, **stage):
        values = strategy.run(model.train_step, args=(batch,), kwargs=stage)
        return {name: strategy.reduce(tf.distribute.ReduceOp.MEAN, value, axis=None) for name, value in values.items()}

    return step


def _make_late_variables(model: keras.Model, spec: Any, strategy: tf.distribute.Strategy) -> None:
    """Makes the variables of optimizer and metrics that Keras' own training step makes when it is first traced: inside
    of a replica they cannot be made, and elsewhere the step would be traced twice.

    Args:
        spec: of a batch; a model with a training step of its own takes dictionaries, and has made its own.
    """
    if not isinstance(spec, tuple):
        return
    with strategy.scope():
        model.optimizer.build(model.trainable_variables)
        inputs, labels = (tf.zeros(part.shape, part.dtype) for part in spec)
        model.compute_metrics(inputs, labels, model(inputs))
        model.reset_metrics()


def _finite(values: dict[str, tf.Tensor], step: int, run: Path) -> Scores:
    scores = {name: float(value) for name, value in values.items()}
    for name, value in scores.items():
        if not abs(value) < float("inf"):
            raise TrainingDiverged(
                f"step {step}: {name} is {value}; the last good checkpoint is in {run / 'checkpoints'}; "
                "try a lower learning rate"
            )
    return scores


class _Stop:
    asked = False


@contextlib.contextmanager
def _stop_signals() -> Iterator[_Stop]:
    """Lets SIGINT and SIGTERM ask for a stop after the current step. A second SIGINT stops at once."""
    stop = _Stop()

    def ask(number, frame):
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True

    try:
        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not in the main thread: the calling program handles signals
        yield stop
        return
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
