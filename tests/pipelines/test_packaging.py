"""What ships: the models, all of them in the wheel, small enough; the README's commands exist."""

import configparser
import re
from pathlib import Path

import pytest

from pipelines.cli import COMMANDS

SHIPPED = Path(__file__).resolve().parents[2] / "saved_models"
NAMES = sorted(path.name for path in SHIPPED.iterdir() if path.is_dir())


def shipped(root):
    return [path for path in (root / "saved_models").rglob("*") if path.is_file() and not path.name.startswith(".")]


def test_what_the_commands_use_by_default_ships():
    assert {"extractor", "emotion_cnn", "judge", "vfgan"} <= set(NAMES)


def test_the_studio_offers_every_generator_that_ships():
    from vfgan.savedmodel.load import find_generators

    names = find_generators()
    assert names[0] == "vfgan"
    assert set(names) == set(NAMES) - {"emotion_cnn", "extractor", "judge", "vfgan_video"}


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


def data_files_section(root):
    """What setup.cfg must say for all files of saved_models: setuptools wants a line for each folder."""
    lines = ["[options.data_files]"]
    for folder in sorted({path.parent for path in shipped(root)}):
        name = folder.relative_to(root).as_posix()
        files = sorted(path.name for path in shipped(root) if path.parent == folder)
        files = files if any(path.is_dir() for path in folder.iterdir()) else ["*"]
        lines += [f"share/vfgan/{name} =", *(f"    {name}/{file}" for file in files)]
    return "\n".join(lines)


def test_wheel_lists_every_file_of_the_models(root):
    config = configparser.ConfigParser()
    config.optionxform = str  # names keep their case
    config.read(root / "setup.cfg")
    listed = {
        (target, path)
        for target, sources in config["options.data_files"].items()
        for pattern in sources.split()
        for path in root.glob(pattern) or [root / pattern]
    }
    expected = {(f"share/vfgan/{path.parent.relative_to(root).as_posix()}", path) for path in shipped(root)}
    assert listed == expected, f"saved_models has changed; in setup.cfg, write\n\n{data_files_section(root)}\n"


def test_the_section_that_the_message_gives_lists_every_file(root, tmp_path):
    """What a person pastes after new models have come passes the test above."""
    import shutil

    shutil.copytree(root / "saved_models" / "judge", tmp_path / "saved_models" / "New")
    (tmp_path / "saved_models" / "New" / "1").rename(tmp_path / "saved_models" / "New" / "12")
    with pytest.raises(AssertionError, match="in setup.cfg, write"):
        (tmp_path / "setup.cfg").write_text("[options.data_files]\n")
        test_wheel_lists_every_file_of_the_models(tmp_path)
    (tmp_path / "setup.cfg").write_text(data_files_section(tmp_path))
    test_wheel_lists_every_file_of_the_models(tmp_path)


def test_models_stay_small(root):
    assert sum(path.stat().st_size for path in shipped(root)) < 60e6


def test_commands_of_the_readme_exist(root):
    text = (root / "README.md").read_text()
    named = re.findall(r"`vfgan ([a-z-]+(?: (?:extractor|emotion-cnn|judge|gan|paper|intensity)\b)?)", text)
    assert set(COMMANDS) - {"demo"} <= set(named)
    assert set(named) <= set(COMMANDS)
