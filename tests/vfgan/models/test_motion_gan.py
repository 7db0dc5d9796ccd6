"""Stages of the CycleGAN whose generators bend faces: which weights each moves; and the losses."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.gan import GanConfig, MotionConfig
from vfgan.config.training import TrainConfig
from vfgan.models import losses
from vfgan.models.build import compile_cyclegan, make_cyclegan
from vfgan.models.face_classifier import build_face_classifier

SHAPE = np.stack(np.meshgrid(np.linspace(0.25, 0.75, 26), np.linspace(0.2, 0.85, 18)), axis=2).reshape(468, 2)
PLAN = MotionConfig(flow_steps=2, paint_steps=3, paint_units=4, components=5, corrections=3)


def make(**changes):
    keras.utils.set_random_seed(4)
    random = np.random.default_rng(9)
    config = GanConfig.of(
        head="motion", size_px=64, discriminator_filters=4, discriminator_layers=2, pool_size=3,
        motion=dataclasses.replace(PLAN, **changes), train=TrainConfig(steps=9, batch_size=2),
    )  # fmt: skip
    gan = make_cyclegan(config, 3, build_face_classifier(64, width=4, features=8))
    for generator, count in ((gan.g, 6), (gan.f, 30)):
        shapes = SHAPE + random.normal(0, 0.01, (30, 468, 2))
        generator.measure(shapes, random.normal(0, 0.02, (count, 468, 2)))
        for weight in generator.trainable_variables:
            weight.assign_add(0.05 * random.normal(size=weight.shape))
    compile_cyclegan(gan, config)
    return gan


def make_batch():
    random = np.random.default_rng(1)
    faces = {name: random.uniform(-1, 1, (2, 64, 64, 3)) for name in ("x", "y", "other")}
    points = {f"{name}_points": SHAPE + random.normal(0, 0.02, (2, 468, 2)) for name in faces}
    voices = {name: random.normal(size=(2, 3)) for name in ("z", "z_wrong")}
    points |= {
        "moved": points["y_points"] - points["x_points"],
        "y_rest": points["x_points"],
    }
    values = faces | points | voices | {"label": np.eye(7)[[1, 3]], "emotional": np.ones(2)}
    values["other_label"] = np.eye(7)[[0, 6]]
    values |= {
        "voice_z": random.normal(size=(2, 4, 3)),
        "voice_label": np.eye(7)[[[0, 1, 2, 3], [3, 4, 5, 6]]],
    }
    return {name: tf.constant(value, tf.float32) for name, value in values.items()}


@pytest.mark.medium
def test_stages_follow_each_other():
    gan = make()
    assert [gan.stage_of(step) for step in range(7)] == ["flow"] * 2 + ["paint"] * 3 + ["all"] * 2


@pytest.mark.medium
@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("flow", {"g bends", "f bends"}),
        ("paint", {"g paints", "f paints"}),
        pytest.param(
            "all", {"g bends", "f bends", "g paints", "f paints", "d_x", "d_y", "critic"}, marks=pytest.mark.slow
        ),
    ],
)
def test_a_stage_moves_its_own_networks_only(stage, expected):
    gan = make()
    parts = {
        "g bends": gan.g.bending_variables, "f bends": gan.f.bending_variables, "g paints": gan.g.painting_variables,
        "f paints": gan.f.painting_variables, "d_x": gan.d_x.trainable_variables, "d_y": gan.d_y.trainable_variables,
        "critic": gan.critic.trainable_variables, "phi": gan.phi.variables,
    }  # fmt: skip
    before = {name: [value.numpy() for value in values] for name, values in parts.items()}
    scores = tf.function(gan.train_step)(make_batch(), stage=stage)
    moved = {
        name for name, values in parts.items()
        if any((value.numpy() != old).any() for value, old in zip(values, before[name]))
    }  # fmt: skip
    assert moved == expected
    assert all(np.isfinite(value) for value in scores.values())


@pytest.mark.medium
def test_pixels_do_not_pull_at_the_flow():
    gan, batch = make(), make_batch()
    before = [value.numpy() for value in gan.bending_variables]
    gan._compete(batch)
    for value, old in zip(gan.bending_variables, before):
        np.testing.assert_array_equal(value.numpy(), old)


@pytest.mark.medium
def test_the_flow_learns_where_landmarks_go():
    gan, batch = make(), make_batch()
    moved = np.zeros((6, 468, 2))
    moved[[0, 2]] = batch["moved"].numpy()
    gan.g.muscles.measure(moved)  # how an emotion moves; which is heard is learnt
    batch["z"] = 1.2 * batch["z"] / tf.norm(batch["z"], axis=1, keepdims=True)  # far enough from the neutral voice
    step = tf.function(gan.train_step)
    first = float(step(batch, stage="flow")["displacement"])
    for _ in range(60):
        gan.reset_metrics()
        last = float(step(batch, stage="flow")["displacement"])
    assert last < 0.5 * first


def test_the_distance_of_landmarks_is_worked_out_by_hand():
    points = np.zeros((2, 468, 2), np.float32)
    assert float(losses.landmark_distance(points, points + 0.02)) == pytest.approx(4.0, rel=1e-4)
