"""The run on real recordings: its commands are those of the command line."""

from pipelines.cli import COMMANDS


def test_preset_of_the_real_run_parses(tmp_path):
    """Every command of `pipelines.shipped` is one of the command line and its options exist."""
    import importlib

    import tyro

    from pipelines.shipped import commands

    for words in commands(tmp_path, tmp_path / "out"):
        name = " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]
        module, cls, _ = COMMANDS[name]
        tyro.cli(getattr(importlib.import_module(module), cls), args=words[len(name.split()) :])
