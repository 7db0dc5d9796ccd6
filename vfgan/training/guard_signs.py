"""Measures a CycleGAN in training on a few fixed examples: the signs by which its guard knows a fault."""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from vfgan.models.cyclegan import CycleGan
from vfgan.storage.graph_errors import python_errors

#: Least number of examples.
EXAMPLES = 16


@dataclasses.dataclass(frozen=True)
class HealthSigns:
    """Means over the examples; NaN if there are none."""

    change: float  #: |G(x, z) - x| for emotional voices, grey levels
    voice_effect: float  #: |G(x, z) - G(x, z')|, grey levels
    spread: float  #: deviation over the pixels of G(x, z) as a share of its input's, or that of F(y); the smaller one
    score_spread: float  #: |D_Y(y, z) - D_Y(G(x, z), z)| over patches, or the same of D_X; the smaller one


def fixed_batch(make_dataset: Callable[[int, int], tf.data.Dataset]) -> dict[str, tf.Tensor]:
    """The examples of the first steps as one batch, without those that hold NaN or infinite values."""
    with python_errors():
        first = {name: value.numpy() for name, value in next(iter(make_dataset(0, 1))).items()}
        steps = -(-EXAMPLES // len(first["x"]))
        batches = [first] + [
            {name: value.numpy() for name, value in batch.items()} for batch in make_dataset(1, steps) if steps > 1
        ]
    joined = {name: np.concatenate([batch[name] for batch in batches]) for name in first}
    sound = np.all([np.isfinite(value.reshape(len(value), -1)).all(axis=1) for value in joined.values()], axis=0)
    return {name: tf.constant(value[sound]) for name, value in joined.items()}


class SignReader:
    """Reads the signs of a model. It costs two passes of G, one of F and four of the discriminators.

    Args:
        model: the CycleGAN.
        batch: from `fixed_batch`.
    """

    def __init__(self, model: CycleGan, batch: dict[str, tf.Tensor]):
        self._model, self._batch = model, batch
        self._graph = tf.function(self._signs)

    def read(self) -> HealthSigns:
        """Measures the signs now."""
        if not len(self._batch["x"]):
            return HealthSigns(*[float("nan")] * 4)
        return HealthSigns(*(float(value) for value in self._graph()))

    def _signs(self):
        model, (x, y, z, z_wrong) = self._model, (self._batch[name] for name in ("x", "y", "z", "z_wrong"))
        fake_y, other, fake_x = model.g([x, z])[0], model.g([x, z_wrong])[0], model.f([y, z])[0]
        emotional = self._batch.get("emotional", tf.ones(len(x)))
        change = tf.reduce_mean(tf.abs(fake_y - x), axis=(1, 2, 3))
        change = tf.reduce_sum(change * emotional) / tf.reduce_sum(emotional)
        spread = tf.minimum(self._deviation(fake_y) / self._deviation(x), self._deviation(fake_x) / self._deviation(y))
        real_y, false_y = (model.d_y([model.cut_out(faces), z]) for faces in (y, fake_y))
        real_x, false_x = (model.d_x([model.cut_out(faces), z]) for faces in (x, fake_x))
        score_spread = tf.minimum(tf.reduce_mean(tf.abs(real_y - false_y)), tf.reduce_mean(tf.abs(real_x - false_x)))
        return 127.5 * change, 127.5 * tf.reduce_mean(tf.abs(fake_y - other)), spread, score_spread

    def _deviation(self, faces: tf.Tensor) -> tf.Tensor:
        """Mean over faces of the deviation over the pixels that a generator may change."""
        pixels = tf.reshape(faces, (len(faces), -1, faces.shape[-1]))
        if self._model.oval is not None:
            pixels = tf.boolean_mask(pixels, self._model.oval.ravel() == 1, axis=1)
        return tf.reduce_mean(tf.math.reduce_std(pixels, axis=(1, 2)))
