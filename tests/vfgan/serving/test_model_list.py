"""Which models and versions are served: models.config, its policies, and what cannot be served."""

import pytest

from vfgan.errors import ConfigError
from vfgan.serving.model_list import models_of_config, write_models_config


def test_models_config_round_trip(toy_models, tmp_path):
    models = models_of_config(toy_models / "models.config")
    assert [model.name for model in models] == ["half", "text"]
    assert models[0].specific == (1, 2)
    assert models[0].labels == {"stable": 1, "canary": 2}
    assert list(models[1].wanted()) == [1]
    write_models_config(tmp_path / "again.config", models)
    assert models_of_config(tmp_path / "again.config") == models


@pytest.mark.parametrize(
    ("policy", "expected"), [("all {}", [1, 2]), ("latest {num_versions: 2}", [1, 2]), ("latest {}", [2]), ("", [2])]
)
def test_version_policies(toy_models, tmp_path, policy, expected):
    entry = f'name: "a" base_path: "{toy_models}/half" model_version_policy {{ {policy} }}'
    (tmp_path / "models.config").write_text(f"model_config_list {{ config {{ {entry} }} }}")
    (model,) = models_of_config(tmp_path / "models.config")
    assert list(model.wanted()) == expected
    write_models_config(tmp_path / "again.config", (model,))
    assert list(models_of_config(tmp_path / "again.config")[0].wanted()) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "cannot be read as a ModelServerConfig"),
        ("", "expected model_config_list"),
        ('model_config_list { config { name: "a" } }', "a base_path"),
        ('model_config_list { config { name: "a" base_path: "a" model_platform: "caffe" } }', "platform tensorflow"),
        ('model_config_list { config {name: "a" base_path: "a"} config {name: "a" base_path: "b"} }', "different"),
    ],
)  # fmt: skip
def test_a_models_config_that_cannot_be_served(tmp_path, text, message):
    (tmp_path / "models.config").write_text(text)
    with pytest.raises(ConfigError, match=message):
        models_of_config(tmp_path / "models.config")
