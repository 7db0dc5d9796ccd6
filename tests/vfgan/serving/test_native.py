"""TF Serving's own server, started where it is."""

import os
import stat

import pytest

from vfgan.errors import ConfigError
from vfgan.serving.config import ServeConfig


def test_tensorflow_model_server_is_started_where_it_is(toy_models, tmp_path, monkeypatch, capsys):
    """A stand-in on PATH that notes how it was called."""
    from pipelines.commands.serve import Serve
    from vfgan.serving.model_list import models_of_config

    program = tmp_path / "tensorflow_model_server"
    program.write_text(
        '#!/bin/sh\nfor a in "$@"; do echo "$a" >> "$NOTE"; done\n'
        'cp "$(echo "$3" | cut -d= -f2)" "$NOTE.models"\nexit 3\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("NOTE", str(tmp_path / "note"))
    with pytest.raises(ConfigError, match="ended with code 3"):
        Serve(models=toy_models, config=ServeConfig(port=9, rest_api_port=10)).main()
    given = (tmp_path / "note").read_text().splitlines()
    assert given[:2] == ["--port=9", "--rest_api_port=10"]
    assert [model.name for model in models_of_config(tmp_path / "note.models")] == ["half", "text"]
    assert "listens on every network" in capsys.readouterr().out


def test_tensorflow_model_server_where_it_is_not(toy_models, monkeypatch, tmp_path):
    from pipelines.commands.serve import Serve

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="is not on PATH"):
        Serve(models=toy_models, server="tensorflow").main()
    with pytest.raises(ConfigError, match="expected only one of them"):
        Serve(models=toy_models, models_config=tmp_path).main()
