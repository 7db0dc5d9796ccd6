"""The guard of a CycleGAN's training: reports faults with their step, and repairs them if going back helps.

fault                   sign                                                         what the guard does
NaN batch               values are not finite, nor is an example of the batch        goes back, then skips the batch
exploding learning rate a network's weights move by more than twice their size in    goes back, lowers learning rate
                        20 steps; or values are not finite although examples are
all-zero output         G or F gives pictures without contrast                       goes back, halves learning rates
dead discriminator      D_Y or D_X gives every face (with one z) the same score      goes back, halves its learning rate
copies its input        faces hardly change although the voice is emotional          stops
ignores z               another voice gives the same face                            stops

"Goes back" means to the last good checkpoint. The data of a step is a pure function of the step, so all good steps are
repeated as they were. Going back does not help against the last two faults: the same weights and data would lead to
them again.

It is a Keras callback. In `fit` the good state is kept in memory, and the data go on: steps are not repeated there.
`vfgan.training.loop` asks it before and after each step.
"""

import contextlib
import dataclasses
import logging
from collections.abc import Callable, Iterator
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from vfgan.errors import ConfigError, TrainingDiverged
from vfgan.models.cyclegan import CycleGan
from vfgan.training.guard_signs import HealthSigns, SignReader, fixed_batch
from vfgan.training.snapshot import Snapshot

_log = logging.getLogger(__name__)

#: Steps between two checks; number of checks in a row with a sign that make a fault (5 checks are 100 steps).
EVERY, PATIENCE = 20, 5
#: G starts at the identity: for this many steps it may copy its input and ignore z.
GRACE_STEPS = 80
#: Largest change of a network's weights between two checks, relative to their norm; usual are 0.05, at first 0.5.
MOST_UPDATE = 2.0
#: Grey levels.
LEAST_CHANGE = 0.3
#: Share of the change.
LEAST_VOICE_EFFECT = 0.02
#: Share of the input's contrast.
LEAST_SPREAD = 0.05
#: Difference of scores.
LEAST_SCORE_SPREAD = 1e-3
#: The guard gives up after more than this many repaired faults within this many steps.
MOST_MENDED, WITHIN_STEPS = 3, 1_000
_MOST_SKIPPED = 16

SLOW_FAULTS = ("all-zero output", "dead discriminator", "copies its input", "ignores z")
_ADVICE = {
    "copies its input": "lower --lambda-cycle, raise --verification-ratio, or check the voices with `vfgan listen`",
    "ignores z": "use --condition add or film, or check with `vfgan listen` how the extractor classifies these voices",
}


Whose = Literal["generators", "discriminators", "networks"]


class Alarm(TrainingDiverged):
    """A fault at a step.

    Args:
        step: step at which it was found.
        fault: name of the fault.
        what: the measured sign, in words.
        factor: factor for the learning rates; 0 if going back does not help.
        whose: networks whose learning rate changes.
    """

    def __init__(
        self,
        step: int,
        fault: str,
        what: str,
        factor: float = 0.5,
        whose: Whose = "networks",
    ):
        self.step, self.fault, self.what, self.factor, self.whose = step, fault, what, factor, whose
        super().__init__(f"step {step}: {fault}: {what}")


@dataclasses.dataclass(frozen=True)
class Mended:
    """A fault and what the guard did about it."""

    step: int
    fault: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"step {self.step}: {self.fault}: {self.what}; {self.remedy}"


class Guard(keras.callbacks.Callback):
    """Watches a training. Its state is part of the checkpoint, so a resumed run acts like an uninterrupted one.

    Args:
        act: repair slow faults or stop. False only reports them, for baselines that are known to have them.
    Attributes:
        alarms: what it has reported in a `fit`; the log of the module has it, too.
    """

    def __init__(self, *, act: bool = True):
        super().__init__()
        self._act = act
        self._streaks = tf.Variable([0] * len(SLOW_FAULTS), dtype=tf.int64)
        self._skipped = tf.Variable([0] * _MOST_SKIPPED, dtype=tf.int64)  # skipped steps; 0 marks a free place
        self._mended = tf.Variable(0, dtype=tf.int64)
        self._mended_at = tf.Variable(0, dtype=tf.int64)
        self._fine = tf.Variable(0, dtype=tf.int64)
        self._before: dict[str, list[np.ndarray]] = {}
        self._kept: Any = None  # a Snapshot, once a fit has begun
        self.alarms: list[str] = []

    def watch(self, model: CycleGan, make_dataset: Callable[[int, int], tf.data.Dataset]) -> "Guard":
        """Says what is watched; `CycleGan.fit` does so itself.

        Args:
            model: compiled model.
            make_dataset: (first step, last step + 1) -> batches, a pure function of the step.
        """
        self.set_model(model)
        self._make_dataset = make_dataset
        self._signs = SignReader(model, fixed_batch(make_dataset))
        return self

    def on_train_begin(self, logs=None):
        if getattr(self, "_signs", None) is None:
            raise ConfigError(f"vfgan.Guard watches a vfgan.CycleGan, not a {type(self.model).__name__}: leave it out")
        self._before, self._step, self._kept = {}, 0, None

    def on_epoch_begin(self, epoch, logs=None):
        self._step = epoch * self._steps_of_epoch or self._step
        if self._kept is None:  # not before other callbacks have brought back what they had kept
            self._kept = Snapshot(self.model, self._step)

    def on_train_batch_begin(self, batch, logs=None):
        self.prepare(self._step + 1)

    @property
    def _steps_of_epoch(self) -> int:
        return (self.params or {}).get("steps") or 0

    def on_train_batch_end(self, batch, logs=None):
        self._step += 1
        ends = self._steps_of_epoch and self._step % self._steps_of_epoch == 0  # other callbacks may save now
        if self._step % EVERY and not ends:
            return
        try:
            for name, value in (logs or {}).items():
                if not np.isfinite(value):
                    raise TrainingDiverged(f"step {self._step}: {name} is {value}")
            told = [] if self._step % EVERY else self.look(self._step)
            if not self.suspects:
                self._kept = Snapshot(self.model, self._step)
        except TrainingDiverged as error:
            with self.remembering():
                self._kept.restore()
            self.model.reset_metrics()
            told = [self.mend(error, self._step, self._kept.step)]
        for alarm in map(str, told):
            self.alarms.append(alarm)
            _log.warning("%s", alarm)

    @property
    def variables(self) -> list[tf.Variable]:
        """The guard's variables in a checkpoint."""
        return [self._streaks, self._skipped, self._mended, self._mended_at, self._fine]

    @property
    def fine_until(self) -> int:
        """Step of the last check without any sign. Later checkpoints may already be bad."""
        return int(self._fine.numpy())

    @property
    def suspects(self) -> bool:
        """Whether the guard acts and sees a sign of a fault. A checkpoint saved now may be bad."""
        return self._act and bool(self._streaks.numpy().any())

    @contextlib.contextmanager
    def remembering(self) -> Iterator[None]:
        """Keeps the record of faults and the learning rates while a checkpoint is restored."""
        rates = [rate for rate in self._rates().values() if rate is not None]
        lasting = [self._skipped, self._mended, self._mended_at, *rates]
        values = [np.array(variable) for variable in lasting]
        yield
        self._before = {}
        for variable, value in zip(lasting, values):
            variable.assign(value)

    def skips(self, step: int) -> bool:
        """Whether the batch of this step is skipped."""
        return step in self._skipped.numpy()

    def prepare(self, step: int) -> bool:
        """Call before a step; returns whether `look` must be called after it."""
        if not self._before:
            self._before = self._weights()
        return step % EVERY == 0

    def look(self, step: int) -> list[Mended]:
        """Checks the model after a step; returns faults that are only reported.

        Raises:
            Alarm: there is a fault to repair or to stop for.
        """
        self.look_at_updates(step)
        told = self._look_at_signs(step, self._signs.read())
        if not self.suspects:
            self._fine.assign(step)
        return told

    def look_at_updates(self, step: int) -> None:
        """Checks how far the weights have moved since the last check.

        Raises:
            Alarm: they have moved too far.
        """
        after = self._weights()
        for name, before in self._before.items():
            moved = np.sqrt(sum(np.square(a - b).sum() for a, b in zip(after[name], before)))
            share = float(moved / max(1e-12, np.sqrt(sum(np.square(b).sum() for b in before))))
            if share > MOST_UPDATE:
                whose: Whose = "generators" if name in ("G", "F") else "discriminators"
                what = f"{name}'s weights have moved by {share:.0%}"
                factor = 0.1 * MOST_UPDATE / share
                raise Alarm(step, "exploding learning rate", what, factor, whose)
        self._before = after

    def _weights(self) -> dict[str, list[np.ndarray]]:
        return {  # numpy() may be a view
            name: [np.array(weight) for weight in network.trainable_weights]
            for name, network in self.model.networks.items()
        }

    def _optimizers(self) -> dict[str, keras.Optimizer]:
        return {"generators": self.model.generator_optimizer, "discriminators": self.model.discriminator_optimizer}

    def _rates(self) -> dict[str, keras.Variable | None]:
        """The learning rates; None where one follows a schedule."""
        rates = {name: optimizer.learning_rate for name, optimizer in self._optimizers().items()}
        return {name: rate if isinstance(rate, keras.Variable) else None for name, rate in rates.items()}

    def _look_at_signs(self, step: int, signs: HealthSigns) -> list[Mended]:
        settled, listens = step > GRACE_STEPS, self.model.g.settings["condition"] != "none"
        least_effect = LEAST_VOICE_EFFECT * max(signs.change, LEAST_CHANGE)
        standing = {  # fault -> whether its sign is seen; NaN compares as False
            "all-zero output": signs.spread < LEAST_SPREAD,
            "dead discriminator": signs.score_spread < LEAST_SCORE_SPREAD,
            "copies its input": settled and signs.spread >= LEAST_SPREAD and signs.change < LEAST_CHANGE,
            "ignores z": settled and listens and signs.change >= LEAST_CHANGE and signs.voice_effect < least_effect,
        }
        shown = {
            "all-zero output": f"its contrast is {signs.spread:.1%} of the input's",
            "dead discriminator": f"its scores differ by {signs.score_spread:.1g}",
            "copies its input": f"emotional voices change it by {signs.change:.2g} grey levels",
            "ignores z": f"another voice changes {signs.voice_effect:.2g} grey levels of {signs.change:.2g}",
        }
        streaks = np.where([standing[fault] for fault in SLOW_FAULTS], self._streaks.numpy() + 1, 0)
        self._streaks.assign(streaks)
        found = [fault for fault, streak in zip(SLOW_FAULTS, streaks) if streak == PATIENCE]
        if found and self._act:
            whose: Whose = "discriminators" if found[0] == "dead discriminator" else "networks"
            raise Alarm(step, found[0], shown[found[0]], 0.0 if found[0] in _ADVICE else 0.5, whose)
        return [Mended(step, fault, shown[fault], "left as it is") for fault in found]

    def mend(self, error: TrainingDiverged, step: int, good: int) -> Mended:
        """Repairs a fault after the model has gone back: lowers learning rates, or skips a batch.

        Args:
            error: an `Alarm`, or an error that says that a value is not finite.
            step: step at which it was found.
            good: step of the restored checkpoint.
        Raises:
            TrainingDiverged: going back does not help, or there were too many faults.
        """
        alarm = error if isinstance(error, Alarm) else self._explain(error, step, good)
        if not alarm.factor:
            raise TrainingDiverged(f"{alarm}; going back does not help: {_ADVICE[alarm.fault]}") from error
        if alarm.fault == "NaN batch":
            return Mended(alarm.step, alarm.fault, alarm.what, f"back to step {good}, the batch is skipped")
        close = alarm.step - int(self._mended_at.numpy()) <= WITHIN_STEPS
        mended = 1 + (int(self._mended.numpy()) if close else 0)
        if mended > MOST_MENDED:
            raise TrainingDiverged(
                f"{alarm}; given up after {MOST_MENDED} repaired faults within {WITHIN_STEPS} steps: lower the "
                "learning rates"
            ) from error
        self._mended.assign(mended)
        self._mended_at.assign(alarm.step)
        for name, rate in self._rates().items():
            if alarm.whose in (name, "networks"):
                if rate is None:
                    raise TrainingDiverged(
                        f"{alarm}; the learning rate of the {name} follows a schedule, which the guard cannot lower: "
                        "begin with a lower one"
                    ) from error
                rate.assign(alarm.factor * rate)
        remedy = f"back to step {good} with {alarm.factor:.2g} times the learning rate of the {alarm.whose}"
        return Mended(alarm.step, alarm.fault, alarm.what, remedy)

    def _explain(self, error: TrainingDiverged, step: int, good: int) -> Alarm:
        """Finds why a value is not finite: a bad example, or else the weights."""
        for number, batch in enumerate(self._make_dataset(good, step), good + 1):
            broken = [name for name, value in batch.items() if not np.isfinite(value.numpy()).all()]
            if broken and not self.skips(number):
                skipped = self._skipped.numpy()
                if skipped.all():
                    raise TrainingDiverged(
                        f"step {number}: NaN batch number {len(skipped) + 1}: check the data with `vfgan inspect`"
                    ) from error
                skipped[np.flatnonzero(skipped == 0)[0]] = number
                self._skipped.assign(skipped)
                return Alarm(number, "NaN batch", f"{broken[0]} holds values that are not finite")
        return Alarm(step, "exploding learning rate", str(error).removeprefix(f"step {step}: ").split(";")[0])
