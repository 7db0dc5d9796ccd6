"""What ships: the models, all of them in the wheel, small enough; the README's commands exist."""

import configparser
import re

import pytest

from pipelines.cli import COMMANDS

NAMES = ("extractor", "emotion_cnn", "judge", "vfgan", "actor01")


def shipped(root):
    return [path for path in (root / "saved_models").rglob("*") if path.is_file() and not path.name.startswith(".")]


@pytest.mark.parametrize("name", NAMES)
def test_each_model_has_a_card_and_a_version(root, name):
    import json

    folder = root / "saved_models" / name
    card = json.loads((folder / "card.json").read_text())
    assert (folder / str(card["version"]) / "saved_model.pb").is_file()
    assert (folder / str(card["version"]) / "assets.extra" / "tf_serving_warmup_requests").is_file()
    text = (folder / "README.md").read_text()
    for title in ("Data", "Licence", "Command", "Seed", "Trained", "Limits"):
        assert f"**{title}**" in text


def test_wheel_lists_every_file_of_the_models(root):
    config = configparser.ConfigParser()
    config.read(root / "setup.cfg")
    listed = set()
    for target, sources in config["options.data_files"].items():
        for pattern in sources.split():
            found = [path for path in root.glob(pattern) if path.is_file()]
            assert found, f"{pattern} matches nothing"
            for path in found:
                assert target.lower() == f"share/vfgan/{path.parent.relative_to(root)}".lower()
                listed.add(path)
    assert listed == set(shipped(root))


def test_models_stay_small(root):
    assert sum(path.stat().st_size for path in shipped(root)) < 60e6


def test_commands_of_the_readme_exist(root):
    text = (root / "README.md").read_text()
    named = re.findall(r"`vfgan ([a-z]+(?: (?:extractor|emotion-cnn|judge|gan)\b)?)", text)
    assert set(COMMANDS) - {"demo"} <= set(named)
    assert set(named) <= set(COMMANDS)


def test_preset_of_the_real_run_parses(tmp_path):
    """Every command of `pipelines.shipped` is one of the command line and its options exist."""
    import importlib

    import tyro

    from pipelines.shipped import commands

    for words in commands(tmp_path, tmp_path / "out"):
        name = " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]
        module, cls, _ = COMMANDS[name]
        tyro.cli(getattr(importlib.import_module(module), cls), args=words[len(name.split()) :])
