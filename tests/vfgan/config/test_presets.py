"""The presets: what the paper says, and that each can be built."""

import numpy as np
import pytest
import tensorflow as tf

from pipelines.commands.train_gan import TrainGan
from vfgan.config.gan import GanConfig
from vfgan.config.presets import PRESETS
from vfgan.config.serialise import from_dict
from vfgan.errors import ConfigError
from vfgan.models.build import compile_cyclegan, make_cyclegan
from vfgan.models.face_classifier import build_face_classifier
from vfgan.storage.files import read_json


def test_small_is_the_default():
    assert PRESETS["small"] == GanConfig()


def test_paper_says_what_the_paper_says():
    motion = PRESETS["motion"]
    stages = motion.motion.flow_steps + motion.motion.paint_steps
    assert (motion.networks.head, motion.channels, motion.train.steps) == ("motion", 3, stages)
    paper = PRESETS["paper"]
    networks, rates = paper.networks, paper.optimisation
    assert (networks.size_px, networks.filters, networks.blocks, paper.stability.pool_size) == (128, 64, 6, 50)
    assert (rates.generator_learning_rate, rates.discriminator_learning_rate, rates.beta_1) == (2e-4, 1e-4, 0.5)
    assert (paper.losses.adversarial, paper.losses.wrong_voices, paper.losses.lambda_cycle) == ("log", "real", 10.0)
    assert paper.networks.condition == "add"  # at every stage of G and D_Y
    assert not paper.stability.spectral_norm
    assert paper.networks.head == "plain"


@pytest.mark.medium
def test_the_paper_s_networks():
    """The published sizes: a ResNet generator of 6 blocks has 7.8 M weights, a patch discriminator of 64 filters 2.8 M;
    z at every stage adds a matrix to each."""
    gan = make_cyclegan(PRESETS["paper"], 32, None)
    assert len(gan.g.residual) == 6
    assert 7.5e6 < gan.f.count_params() < 8.1e6
    assert gan.g.count_params() > gan.f.count_params()
    assert [stage.mode for stage in (*gan.g.down, *gan.g.up, *gan.d_y.stages)] == ["add"] * 8
    assert gan.pool_y.faces.shape == (50, 128, 128, 1)


def test_large_works_in_float16():
    large = PRESETS["large"]
    assert (large.networks.size_px, large.networks.blocks, large.optimisation.precision) == (256, 9, "float16")


def shipped(root, model):
    return from_dict(GanConfig, read_json(root / "saved_models" / model / "card.json")["resolved"]["config"])


def test_the_card_of_one_actor_is_of_its_preset(root):
    assert shipped(root, "actor01") == PRESETS["actor01"]


def test_the_shipped_generator_has_the_networks_of_motion(root):
    """It was trained in several runs (docs/experiments/motion.md): its card has the settings of the last."""
    config, motion = shipped(root, "vfgan"), PRESETS["motion"]
    assert config.networks == motion.networks
    for name in ("grid", "components", "corrections", "paint_filters"):
        assert getattr(config.motion, name) == getattr(motion.motion, name)
    assert config.losses == motion.losses
    assert config.optimisation == motion.optimisation


@pytest.mark.slow
def test_paper_trains_for_20_steps():
    """Finite losses, and all four networks move."""
    paper = PRESETS["paper"]
    gan = make_cyclegan(paper, 32, build_face_classifier(128, width=4, features=16))
    compile_cyclegan(gan, paper)
    step, rng = tf.function(gan.train_step), np.random.default_rng(1)
    before = [np.array(network.trainable_weights[0]) for network in (gan.g, gan.f, gan.d_x, gan.d_y)]
    for _ in range(20):
        shapes = {"x": (1, 128, 128, 1), "y": (1, 128, 128, 1), "z": (1, 32), "z_wrong": (1, 32)}
        values = step({name: tf.constant(rng.uniform(-1, 1, shape), tf.float32) for name, shape in shapes.items()})
    assert all(np.isfinite(float(value)) for value in values.values())
    assert float(values["verification"]) > 0
    for old, network in zip(before, (gan.g, gan.f, gan.d_x, gan.d_y)):
        assert (old != np.array(network.trainable_weights[0])).any()


def test_the_command_line_begins_at_the_preset():
    import tyro

    needed = ["--faces", "a", "--voices", "b", "--extractor", "c", "--run", "d"]

    def parsed(*options):
        arguments = [*needed, *options]
        return tyro.cli(TrainGan, args=arguments, default=TrainGan.beginning(arguments))

    assert parsed().config == GanConfig()
    assert parsed("--preset", "paper").config == PRESETS["paper"]
    changed = parsed("--preset=paper", "--filters", "8").config
    assert (changed.networks.filters, changed.networks.blocks, changed.networks.size_px) == (8, 6, 128)
    with pytest.raises(
        ConfigError, match="--preset: expected small, anyone, actor01, motion, paper, large, got 'huge'"
    ):
        TrainGan.beginning(["--preset", "huge"])
