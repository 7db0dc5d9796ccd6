"""What ships: the models, all of them in the wheel, small enough; the commands that the pages name exist."""

import re
import runpy
import shutil
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
    assert set(names) == {name for name in NAMES if not name.endswith("_video")} - {"emotion_cnn", "extractor", "judge"}


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


def packaged(root, models):
    """(folder of the wheel's data, file) of what setup.py finds in a folder that holds saved_models."""
    data_files = runpy.run_path(str(root / "setup.py"))["data_files"]
    return {(folder, models / file) for folder, files in data_files(models) for file in files}


def test_wheel_lists_every_file_of_the_models(root):
    expected = {(f"share/vfgan/{path.parent.relative_to(root).as_posix()}", path) for path in shipped(root)}
    assert packaged(root, root) == expected


def test_a_new_model_is_packaged_without_a_line(root, tmp_path):
    shutil.copytree(root / "saved_models" / "judge", tmp_path / "saved_models" / "New")
    (version,) = (path for path in (tmp_path / "saved_models" / "New").iterdir() if path.is_dir())
    version.rename(version.with_name("12"))
    (tmp_path / "saved_models" / "New" / ".part-12").touch()  # of an export that broke off
    found = packaged(root, tmp_path)
    assert ("share/vfgan/saved_models/New/12", tmp_path / "saved_models/New/12/saved_model.pb") in found
    assert {path for _, path in found} == set(shipped(tmp_path))


def test_models_stay_small(root):
    assert sum(path.stat().st_size for path in shipped(root)) < 60e6


def commands_in(path):
    pattern = r"`vfgan ([a-z-]+(?: (?:extractor|emotion-cnn|judge|mouth|gan|paper|film|intensity)\b)?)"
    return set(re.findall(pattern, path.read_text(encoding="utf-8")))


def test_commands_that_pages_name_exist(root):
    for page in [root / "README.md", *(root / "docs").glob("*.md")]:
        assert commands_in(page) <= set(COMMANDS), page.name


def test_the_page_of_commands_names_all(root):
    assert set(COMMANDS) <= commands_in(root / "docs" / "commands.md")
