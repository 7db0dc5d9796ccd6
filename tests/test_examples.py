"""The notebooks of examples/: each runs from its first cell to its last, and is stored without what it printed."""

import json
import os
import re
import subprocess
import sys

import pytest

#: Notebook -> files that it leaves in the folder of its name.
LEAVES = {
    "a_face_for_a_voice": ("picture.png", "video.mp4"),
    "train_your_own": ("data/manifest.json", "models/mine/card.json", "models/mine/1/saved_model.pb", "picture.png"),
}


def cells(root, name, kind):
    """The sources of a notebook's cells of one kind."""
    notebook = json.loads((root / "examples" / f"{name}.ipynb").read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def test_every_notebook_is_tested(root):
    assert {path.stem for path in (root / "examples").glob("*.ipynb")} == set(LEAVES)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a_face_for_a_voice", marks=pytest.mark.medium),
        pytest.param("train_your_own", marks=pytest.mark.slow),  # tests/test_keras_user.py does the same in the process
    ],
)
@pytest.mark.slow
def test_a_notebook_runs(root, tmp_path, name):
    """Its code cells in a process of their own, in an empty folder; plots are drawn, but not shown."""
    environment = os.environ | {"PYTHONPATH": str(root), "MPLBACKEND": "Agg"}
    code = "\n".join(cells(root, name, "code"))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-4000:]
    for file in LEAVES[name]:
        assert (tmp_path / name / file).stat().st_size > 0


@pytest.mark.parametrize("name", LEAVES)
def test_a_notebook_is_stored_without_outputs(root, name):
    notebook = json.loads((root / "examples" / f"{name}.ipynb").read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None), cell["id"]


@pytest.mark.parametrize("name", LEAVES)
def test_links_of_a_notebook_lead_somewhere(root, name):
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", "\n".join(cells(root, name, "markdown")))
    missing = [link for link in links if not (root / "examples" / link).exists()]
    assert not missing
