"""The presets: what the paper says, and that each can be built."""

import pytest

from pipelines.commands.train_gan import TrainGan
from vfgan.config.gan import GanConfig
from vfgan.config.presets import PRESETS
from vfgan.config.serialise import from_dict
from vfgan.errors import ConfigError
from vfgan.storage.files import read_json


def test_small_is_the_default():
    assert PRESETS["small"] == GanConfig()


@pytest.mark.parametrize("name", ["anyone", "actor01"])
def test_what_ships_bends_and_trains_two_stages(name):
    preset = PRESETS[name]
    stages = preset.motion.flow_steps + preset.motion.paint_steps
    assert (preset.networks.head, preset.channels, preset.train.steps) == ("motion", 3, stages)


def test_large_works_in_float16():
    large = PRESETS["large"]
    assert (large.networks.size_px, large.networks.blocks, large.optimisation.precision) == (256, 9, "float16")


def shipped(root, model):
    return from_dict(GanConfig, read_json(root / "saved_models" / model / "card.json")["resolved"]["config"])


@pytest.mark.parametrize(("model", "preset"), [("vfgan", "anyone"), ("actor01", "actor01")])
def test_the_card_of_a_model_is_of_its_preset(root, model, preset):
    assert shipped(root, model) == PRESETS[preset]


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
    with pytest.raises(ConfigError, match="--preset: expected small, anyone, actor01, paper, large, got 'huge'"):
        TrainGan.beginning(["--preset", "huge"])
