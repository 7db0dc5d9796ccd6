"""A training of one weight: fast, and by hand."""

import csv
import os
import signal

import keras
import tensorflow as tf

from vfgan.config.training import TrainConfig
from vfgan.training.loop import Hooks, train

TRAIN = TrainConfig(steps=12, batch_size=2, log_every=4, evaluate_every=1, save_every=6)

RESOLVED = {"kind": "test", "config": {"steps": 12}}


def run(made, folder, *, stop_at=None, config=TRAIN, resolved=RESOLVED):
    """Trains; with `stop_at` a user's Ctrl-C arrives in that step."""

    def evaluate(step):
        if step == stop_at:
            os.kill(os.getpid(), signal.SIGINT)
        return {"score": step / 10} if step % 4 == 0 else {}

    return train(made.model, made.make_dataset, config, folder, resolved=resolved, hooks=Hooks(evaluate=evaluate))


def rows_of(folder):
    with open(folder / "log.csv", newline="") as file:
        return [{name: value for name, value in row.items() if name != "seconds"} for row in csv.DictReader(file)]


class Tiny:
    """One weight, pulled to the batch's value: fast, and by hand."""

    def __init__(self, values=None):
        self.values = values or [1.0] * 100
        self.model = Pulled()
        self.model.compile(optimizer=keras.optimizers.SGD(0.5))

    def make_dataset(self, start, stop):
        return tf.data.Dataset.from_tensor_slices(tf.constant(self.values[start:stop]))


@keras.saving.register_keras_serializable("vfgan_tests")
class Pulled(keras.Model):
    """w <- w - 0.5 * 2 (w - value)."""

    def __init__(self):
        super().__init__()
        self.w = self.add_weight(shape=(), initializer="zeros", name="w")
        self.mean = keras.metrics.Mean(name="loss")
        self.built = True

    @property
    def metrics(self):
        return [self.mean]

    def train_step(self, value):
        with tf.GradientTape() as tape:
            loss = (self.w.value - value) ** 2
        self.optimizer.apply(tape.gradient(loss, [self.w.value]), [self.w])
        self.mean.update_state(loss)
        return {"loss": self.mean.result()}
