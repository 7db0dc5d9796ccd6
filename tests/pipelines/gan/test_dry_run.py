"""`vfgan train gan --dry-run`: costs that can be counted by hand."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from pipelines.commands.train_gan import TrainGan
from pipelines.gan.dry_run import dry_run, shares_of_stages, step_flops
from vfgan.config.gan import GanConfig, MotionConfig
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


def test_each_stage_counts_as_often_as_it_is_trained():
    model = SimpleNamespace(stage_of=lambda step: "flow" if step < 30 else "paint")
    config = GanConfig.of(head="motion", size_px=64, train=TrainConfig(steps=40, batch_size=2))
    assert shares_of_stages(model, config) == {"flow": 0.75, "paint": 0.25}
    assert shares_of_stages(model, GanConfig.of(size_px=32)) == {"": 1.0}


@pytest.mark.slow
def test_a_generator_that_bends_costs_what_its_stages_do(small_world, tmp_path):
    motion = MotionConfig(flow_steps=3, paint_steps=1, paint_units=4)
    config = GanConfig.of(head="motion", size_px=64, motion=motion, train=TrainConfig(steps=4, batch_size=2))
    args = TrainGan(
        faces=(small_world.data,), voices=small_world.data, extractor=small_world.extractor, run=tmp_path / "run",
        config=config, dry_run=True,
    )  # fmt: skip
    last = dataclasses.replace(config, motion=dataclasses.replace(motion, flow_steps=0, paint_steps=0))
    mine, all_of_it = (float(dry_run(one)["FLOPs a step"].split()[0]) for one in (args, replaced(args, last)))
    assert mine < 0.7 * all_of_it  # its discriminators never learn


def replaced(args, config):
    return dataclasses.replace(args, config=config)
