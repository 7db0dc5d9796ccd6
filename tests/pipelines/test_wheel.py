"""The wheel, installed in an environment of its own, works outside the checkout with the models that it brings."""

import os
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
NOT_SOURCES = shutil.ignore_patterns(".*", "build", "dist", "runs", "data", "*.egg-info", "__pycache__")


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    """Built from a copy, so that what lies in the checkout's build folder does not slip in."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(root, folder / "sources", ignore=NOT_SOURCES)
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, folder / "sources"]
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
