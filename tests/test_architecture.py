"""Which part of the project may know which, room by room, and how long a file may be."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = ("vfgan", "tfrecords_builder", "pipelines")
LONGEST = 350
#: the one entry point that loads the command line above it
REACHES_UP = "tfrecords_builder/__main__.py"
#: Modules of `vfgan` that lie in no room; every room may import them.
LOOSE = {"__init__", "emotions", "errors"}

#: room -> rooms that it may import. A room is a folder, or a module beside the folders.
ARROWS = {
    "vfgan": {
        "config": "",
        "layers": "",
        "storage": "config",
        "voice": "config",
        "face": "config",
        "media": "storage voice",
        "models": "config face layers voice",
        "data": "config face models storage voice",
        "training": "config models storage",
        "savedmodel": "config data face models storage training voice",
        "learn": "config data evaluation face figures media models savedmodel storage training",
        "generate": "config face media savedmodel voice",
        "evaluation": "data face generate savedmodel voice",
        "figures": "generate storage",
        "serving": "config",
        "studio": "config face figures generate media savedmodel",
        "rating": "config evaluation face media storage studio",
    },
    "tfrecords_builder": {
        "__main__": "",
        "clip": "",
        "processes": "",
        "tables": "",
        "labels": "tables",
        "media_files": "",
        "passed_over": "clip labels media_files tables",
        "synthetic": "",
        "archives": "media_files",
        "duplicates": "clip",
        "splits": "clip",
        "sources": "clip labels media_files tables",
        "inputs": "archives clip media_files passed_over sources tables",
        "clip_faces": "clip",
        "clip_record": "clip clip_faces",
        "clip_graph": "clip clip_record",
        "shards": "clip clip_graph",
        "workers": "processes shards",
        "on_beam": "clip shards workers",
        "build": "clip duplicates inputs on_beam passed_over shards splits workers",
    },
    "pipelines": {
        "console": "",
        "covered_faces": "",
        "demo_sizes": "",
        "folds": "",
        "reports": "",
        "studio_examples": "",
        "gan": "",
        "commands": "console demo_sizes folds gan reports studio_examples",
        "cli": "console",
        "shipped": "cli console reports",
    },
}  # fmt: skip


def sources(root, part):
    found = sorted((root / part).rglob("*.py"))
    assert found, f"no sources of {part}"
    return found


def imported(source):
    """Dotted names that a file imports, at its top or inside of functions."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imported_parts(source):
    """Parts of the project that a file imports."""
    return {name.split(".")[0] for name in imported(source)} & set(PARTS)


def loaded_parts(source):
    """Parts of the project that a file loads by a name in a string: import_module("pipelines.cli")."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                names.add(node.args[0].value.split(".")[0])
    return names & set(PARTS)


def room_of(path):
    """The room of a file, by its path in its part."""
    return path.parts[0] if len(path.parts) > 1 else path.stem


def room_arrows(root, part):
    """(room, imported room) -> the files that import it; loose modules are no rooms."""
    rooms = {room_of(path.relative_to(root / part)) for path in sources(root, part)} - LOOSE
    found = {}
    for path in sources(root, part):
        room = room_of(path.relative_to(root / part))
        for name in imported(path.read_text(encoding="utf-8")):
            to = name.split(".")[1] if name.startswith(f"{part}.") else ""
            if to in rooms and to != room:
                found.setdefault((room, to), set()).add(path.relative_to(root).as_posix())
    return found


def circle(arrows):
    """Rooms that lie on circles of imports, or between two of them."""
    left = {room for arrow in arrows for room in arrow}
    while ends := left - {a for a, b in arrows if b in left} | left - {b for a, b in arrows if a in left}:
        left -= ends
    return sorted(left)


def test_the_finder_finds():
    source = (
        "def f():\n    from pipelines.cli import main\n    import vfgan.config.data as c\n    from . import pipelines\n"
    )
    assert imported(source) == {"pipelines.cli.main", "vfgan.config.data"}
    assert imported_parts(source) == {"pipelines", "vfgan"}
    assert loaded_parts("importlib.import_module('pipelines.cli').main()") == {"pipelines"}
    assert room_of(Path("data/schema.py")) == "data"
    assert room_of(Path("errors.py")) == "errors"


def test_the_finder_finds_circles():
    assert circle({("a", "b"): {}, ("b", "c"): {}, ("a", "c"): {}}) == []
    assert circle({("a", "b"): {}, ("b", "c"): {}, ("c", "a"): {}, ("c", "d"): {}, ("e", "a"): {}}) == ["a", "b", "c"]


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
def test_rooms_are_those_of_the_table(root, part):
    found = {room_of(path.relative_to(root / part)) for path in sources(root, part)}
    assert found - {"__init__"} == ARROWS[part].keys() | (LOOSE - {"__init__"} if part == "vfgan" else set())


@pytest.mark.parametrize("part", PARTS)
def test_rooms_import_what_the_table_allows(root, part):
    for (room, to), files in room_arrows(root, part).items():
        allowed = ARROWS[part].get(room, "").split()
        assert to in allowed, f"{', '.join(sorted(files))}: {room} may import {allowed}, not {to}"


@pytest.mark.parametrize("part", PARTS)
def test_the_table_allows_no_more_than_is_used(root, part):
    allowed = {(room, to) for room, rooms in ARROWS[part].items() for to in rooms.split()}
    assert allowed <= room_arrows(root, part).keys()


@pytest.mark.parametrize("part", PARTS)
def test_no_rooms_import_each_other(root, part):
    assert circle(room_arrows(root, part)) == []


def test_loose_modules_know_no_room(root):
    loose = {path.stem for path in (root / "vfgan").glob("*.py")}
    assert loose == LOOSE
    for name in LOOSE:
        found = imported((root / "vfgan" / f"{name}.py").read_text(encoding="utf-8"))
        assert {other.split(".")[1] for other in found if other.startswith("vfgan.")} <= {"errors"}


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


def test_tests_have_telling_short_names(root):
    for path in (root / "tests").rglob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert len(node.name) < 60, f"{path.relative_to(root)}: {node.name} has {len(node.name)} characters"
