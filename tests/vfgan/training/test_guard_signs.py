"""Signs of faults, read on a few fixed examples."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from vfgan.training.guard_signs import EXAMPLES, SignReader, fixed_batch


def batches(bad=()):
    """make_dataset: four examples a step, each numbered; those in `bad` hold a NaN."""

    def make_dataset(start, stop):
        def examples():
            for step in range(start, stop):
                number = 4 * step + np.arange(4, dtype=np.float32)
                x = np.broadcast_to(number[:, None, None, None], (4, 2, 2, 1)).copy()
                x[[index for index in range(4) if number[index] in bad]] = np.nan
                yield {"x": x, "z": number[:, None]}

        signature = {"x": tf.TensorSpec((4, 2, 2, 1)), "z": tf.TensorSpec((4, 1))}
        return tf.data.Dataset.from_generator(examples, output_signature=signature)

    return make_dataset


def test_the_fixed_batch_is_of_the_first_steps():
    found = fixed_batch(batches())
    np.testing.assert_array_equal(found["z"][:, 0], np.arange(EXAMPLES))


def test_examples_that_are_not_finite_are_left_out():
    found = fixed_batch(batches(bad=(1, 6)))
    np.testing.assert_array_equal(found["z"][:, 0], [n for n in range(EXAMPLES) if n not in (1, 6)])
    assert np.isfinite(found["x"]).all()


class Model:
    """G adds z to the picture, F halves its contrast, D_X and D_Y tell the mean level."""

    oval = None

    def g(self, inputs):
        return (inputs[0] + inputs[1][:, :, None, None],)

    def f(self, inputs):
        return (0.5 * inputs[0],)

    def d_y(self, inputs):
        return tf.reduce_mean(inputs[0], axis=(1, 2, 3), keepdims=True)

    d_x = d_y

    def cut_out(self, faces):
        return faces


def test_signs_by_hand():
    stripes = np.broadcast_to(np.array([-0.5, 0.5], np.float32)[None, None, :, None], (2, 2, 2, 1))
    batch = {"x": stripes, "y": stripes + 0.2, "z": [[0.1], [0.3]], "z_wrong": [[0.0], [0.0]], "emotional": [0.0, 1.0]}
    signs = SignReader(Model(), {name: tf.constant(value, tf.float32) for name, value in batch.items()}).read()
    assert signs.change == pytest.approx(127.5 * 0.3, rel=1e-5)  # of the emotional one
    assert signs.voice_effect == pytest.approx(127.5 * 0.2, rel=1e-5)
    assert signs.spread == pytest.approx(0.5, rel=1e-5)  # F's
    assert signs.score_spread == pytest.approx(0.1, rel=1e-4)  # mean of |0.2 - 0.1| and |0.2 - 0.3|; D_X: |0 - 0.1|


def test_without_examples_there_are_no_signs():
    signs = SignReader(SimpleNamespace(), {"x": tf.zeros((0, 2, 2, 1))}).read()
    assert np.isnan([signs.change, signs.voice_effect, signs.spread, signs.score_spread]).all()
