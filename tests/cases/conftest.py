"""The shared files of cases that cannot be made here."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_cases(root) -> Path:
    """Their folder; a test that asks for it is to be marked `real`."""
    folder = (root / os.environ.get("VFGAN_CASES", "../shared/cases")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no shared cases in {folder}: set VFGAN_CASES to their folder")
    return folder
