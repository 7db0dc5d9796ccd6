"""`vfgan inspect` prints counts, verifies, and writes the page."""

import re

import pytest

from pipelines.cli import main

pytestmark = pytest.mark.medium


def test_command_prints_counts_verifies_and_writes_the_page(dataset, tmp_path, capsys):
    assert main(["inspect", "--data", str(dataset), "--out", str(tmp_path / "p.html"), "--verify"]) == 0
    printed = capsys.readouterr().out
    assert "intensity: normal 8" in printed
    assert "verified: 24 records, all digests match" in printed
    assert re.search(r"sharpness +median [\d.]+, worst [\d.]+: ravdess/", printed)
    assert (tmp_path / "p.html").stat().st_size > 100_000
