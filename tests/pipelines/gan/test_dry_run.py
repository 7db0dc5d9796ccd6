"""`vfgan train gan --dry-run`: costs that can be counted by hand."""

import numpy as np
import pytest
import tensorflow as tf

from pipelines.commands.train_gan import TrainGan
from pipelines.gan.dry_run import dry_run, step_flops
from vfgan.config.gan import GanConfig
from vfgan.config.training import TrainConfig

pytestmark = pytest.mark.medium


def test_flops_of_a_convolution_and_its_gradient():
    """2 x 3 x 3 x 4 x 8 multiplications and additions at 16 x 16 places, and as many for each of two gradients."""
    kernel = tf.Variable(tf.ones((3, 3, 4, 8)))

    @tf.function(input_signature=[tf.TensorSpec([1, 16, 16, 4])])
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.conv2d(x, kernel, 1, "SAME")
        return tape.gradient(y, [kernel, x])

    once = 2 * 3 * 3 * 4 * 8 * 16 * 16
    assert once <= step_flops(step.get_concrete_function()) <= 3 * once


@pytest.mark.slow
def test_it_says_what_a_training_costs_and_leaves_nothing(small_world, tmp_path):
    config = GanConfig.of(
        size_px=32, filters=4, blocks=1, discriminator_filters=4, discriminator_layers=2,
        train=TrainConfig(steps=3_600, batch_size=2),
    )  # fmt: skip
    args = TrainGan(
        faces=(small_world.data,), voices=small_world.data, extractor=small_world.extractor, run=tmp_path / "run",
        config=config, dry_run=True,
    )  # fmt: skip
    told = dry_run(args)
    assert not (tmp_path / "run").exists()
    assert set(told) == {"parameters", "FLOPs a step", "memory", "a step here", "all steps here"}
    assert told["parameters"].startswith("G ")
    assert float(told["FLOPs a step"].split()[0]) > 1e6
    step, all_steps = float(told["a step here"].split()[0]), float(told["all steps here"].split()[-2])
    assert np.isclose(all_steps, step, rtol=0.2, atol=0.06)  # 3,600 steps take as many hours as a step takes seconds
