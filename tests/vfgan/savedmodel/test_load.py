"""Where SavedModels lie, and what is said where there is none."""

import pytest

from vfgan.errors import SchemaError
from vfgan.savedmodel.load import find_model, models_dir


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
