"""Which part of the project may know which, and how long a file may be."""

import ast
import subprocess
import sys

import pytest

PARTS = ("vfgan", "tfrecords_builder", "pipelines")
LONGEST = 350
#: the one entry point that loads the command line above it
REACHES_UP = "tfrecords_builder/__main__.py"


def sources(root, part):
    found = sorted((root / part).rglob("*.py"))
    assert found, f"no sources of {part}"
    return found


def imported_parts(source):
    """Parts of the project that a file imports, at its top or inside of functions."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names} & set(PARTS)


def loaded_parts(source):
    """Parts of the project that a file loads by a name in a string: import_module("pipelines.cli")."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                names.add(node.args[0].value.split(".")[0])
    return names & set(PARTS)


def test_the_finder_finds():
    source = (
        "def f():\n    from pipelines.cli import main\n    import vfgan.config.data as c\n    from . import pipelines\n"
    )
    assert imported_parts(source) == {"pipelines", "vfgan"}
    assert loaded_parts("importlib.import_module('pipelines.cli').main()") == {"pipelines"}


@pytest.mark.parametrize(
    ("part", "above"), [("vfgan", {"tfrecords_builder", "pipelines"}), ("tfrecords_builder", {"pipelines"})]
)
def test_arrows_point_down(root, part, above):
    for path in sources(root, part):
        source, name = path.read_text(encoding="utf-8"), path.relative_to(root).as_posix()
        assert not imported_parts(source) & above, f"{name} imports from above"
        if name != REACHES_UP:
            assert not loaded_parts(source) & above, f"{name} loads from above"


@pytest.mark.parametrize("part", PARTS)
def test_files_are_short(root, part):
    for path in sources(root, part):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines < LONGEST, f"{path.relative_to(root)} has {lines} lines"


def test_import_is_light(root):
    code = (
        "import sys, vfgan; vfgan.__version__; vfgan.models_dir\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'tensorflow', 'keras', 'cv2', 'mediapipe'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
