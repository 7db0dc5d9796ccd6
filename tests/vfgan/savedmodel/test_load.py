"""Where SavedModels lie, and what is said where there is none."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from vfgan.errors import SchemaError
from vfgan.savedmodel.load import find_model, load_model, models_dir
from vfgan.storage.files import read_json, write_json


def test_missing_models_are_named(exported, tmp_path, monkeypatch):
    monkeypatch.setenv("VFGAN_MODELS", str(exported.folder))
    assert find_model("vfgan") == exported.folder / "vfgan" / "1"
    with pytest.raises(SchemaError, match="emotion_cnn"):
        find_model("vfgn")
    with pytest.raises(SchemaError, match="does not exist"):
        find_model(tmp_path / "nothing")


def test_without_a_setting_they_are_those_of_the_checkout(root, monkeypatch):
    monkeypatch.delenv("VFGAN_MODELS", raising=False)
    assert models_dir() == root / "saved_models"
    monkeypatch.setenv("VFGAN_MODELS", str(root / "nowhere"))
    with pytest.raises(SchemaError, match="nowhere: set VFGAN_MODELS to their folder"):
        models_dir()


@pytest.mark.medium
def test_a_model_that_is_loaded_for_one_result_says_the_same(exported, root):
    """In a process of its own: what it chooses is for all of the process."""
    program = """if True:
        import sys
        import numpy as np
        import tensorflow as tf
        from vfgan.savedmodel.load import load_model, load_model_once
        load = {"once": load_model_once, "often": load_model}[sys.argv[1]]
        loaded, card = load(sys.argv[2])
        rng = np.random.default_rng(1)
        face = rng.integers(0, 256, (1, 96, 64, 3)).astype(np.uint8)
        made = loaded.signatures["from_z"](face=tf.constant(face), z=tf.ones((1, 6)))["generated_face"].numpy()
        options = tf.config.optimizer.get_experimental_options()
        assert options.get("disable_meta_optimizer", False) == (sys.argv[1] == "once")
        np.save(sys.argv[3], made)
    """
    made = []
    for how in ("once", "often"):
        out = exported.folder / f"{how}.npy"
        subprocess.run([sys.executable, "-c", program, how, exported.folder / "bends", out], check=True, cwd=root)
        made.append(np.load(out).astype(int))
    assert np.abs(made[0] - made[1]).max() <= 1
    assert np.ptp(made[0]) > 50


@pytest.mark.medium
def test_a_version_is_not_read_by_the_card_of_another(exported, tmp_path):
    """The card beside the versions holds the crop and the front end: those of the last one."""
    shutil.copytree(exported.folder / "bends", tmp_path / "bends")
    card = read_json(tmp_path / "bends" / "card.json")
    write_json(tmp_path / "bends" / "card.json", card | {"version": card["version"] + 1})
    with pytest.raises(SchemaError, match="the card beside it is of version 2: load that, or export again"):
        load_model(tmp_path / "bends")
