"""The wheel, installed in an environment of its own, works outside the checkout with the models that it brings."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

pytestmark = pytest.mark.slow
NOT_SOURCES = shutil.ignore_patterns(".*", "build", "dist", "runs", "data", "*.egg-info", "__pycache__")


@pytest.fixture(scope="module")
def sources(root, tmp_path_factory):
    """A copy, so that what lies in the checkout's build folder does not slip in."""
    folder = tmp_path_factory.mktemp("copy") / "sources"
    shutil.copytree(root, folder, ignore=NOT_SOURCES)
    return folder


@pytest.fixture(scope="module")
def wheel(sources, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, sources]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("vfgan-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(root, wheel, tmp_path_factory):
    """run(command, …) -> its output, in a new environment and an empty folder; some 2 GB, removed at the end."""
    folder = tmp_path_factory.mktemp("elsewhere")
    environment = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    pip = [environment / "bin" / "python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--constraint", root / "constraints.txt", wheel], check=True)
    (folder / "work").mkdir()
    names = {name: value for name, value in os.environ.items() if not name.startswith(("VFGAN", "PYTHON"))}

    def run(command, *arguments):
        done = subprocess.run(
            [environment / "bin" / command, *arguments], cwd=folder / "work", env=names, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    yield run
    shutil.rmtree(environment)


def test_size(wheel):
    assert wheel.stat().st_size < 80e6


def needed(root):
    """What is no Python file, and must ship all the same."""
    models = [path for path in (root / "saved_models").rglob("*") if path.is_file() and not path.name.startswith(".")]
    library = [path for path in (root / "vfgan").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    return {path.relative_to(root).as_posix() for path in [*models, *library]}


def test_the_wheel_holds_models_types_and_style(root, wheel):
    with zipfile.ZipFile(wheel) as archive:
        found = {re.sub(r"^vfgan-[^/]+\.data/data/share/vfgan/", "", name) for name in archive.namelist()}
    assert needed(root) <= found
    assert not [name for name in found if name.startswith("tests/")]


def test_the_source_distribution_holds_what_builds_it(root, sources, tmp_path):
    command = [sys.executable, "-m", "build", "--sdist", "--outdir", tmp_path, sources]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = tmp_path.glob("vfgan-*.tar.gz")
    with tarfile.open(built) as archive:
        found = {name.partition("/")[2] for name in archive.getnames()}
    assert needed(root) | {"setup.py", "setup.cfg", "pyproject.toml", "constraints.txt"} <= found


def test_doctor_finds_the_models_of_the_wheel(installed):
    home = installed("python", "-c", "import vfgan; print(vfgan.__file__)").strip()
    assert home.split("/lib/")[0].endswith("elsewhere0/venv")
    said = installed("vfgan", "doctor")
    assert "fails" not in said
    assert home.split("/lib/")[0] + "/share/vfgan/saved_models" in said.replace("\n", "")


def test_generate_outside_the_checkout(installed):
    """A picture and a video from talking heads that the installed command makes itself."""
    corpus = ("--actors", "1", "--statements", "1", "--intensities", "1", "--seconds", "0.7", "--workers", "1")
    installed("vfgan", "synthesize", "--out", "corpus", *corpus)
    clip = "corpus/Actor_01/01-01-03-01-01-01-01.mp4"
    first_frame = (
        "from vfgan.media.video import read_frames; from vfgan.media.images import write_image; "
        f"write_image('face.png', next(read_frames('{clip}'))[1])"
    )
    installed("python", "-c", first_frame)
    assert "heard:" in installed("vfgan", "generate", "--voice", clip, "--face", "face.png", "--out", "face-out.png")
    assert "heard:" in installed("vfgan", "generate", "--voice", clip, "--face", clip, "--out", "out.mp4")
    sizes = "import os; print(os.path.getsize('face-out.png'), os.path.getsize('out.mp4'))"
    assert all(int(size) > 10_000 for size in installed("python", "-c", sizes).split())
