"""`vfgan build` on the command line: exit codes, and one line for what a user can mend."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli import main

pytestmark = pytest.mark.medium

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(capfd):
    """run(*arguments) -> (exit code, standard output, standard error)."""

    def call(*arguments):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # from the parser of options
            code = error.code
        return code, *capfd.readouterr()

    return call


@pytest.fixture
def empty_wav(corpus_of):
    return corpus_of({"03-01-01-01-01-01-01.wav": b""})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--in", "ravdess:/absent/folder", "--out", "{tmp}/out"], "/absent/folder does not exist or is not a folder"),
        (["--in", "tess:{tmp}", "--out", "{tmp}/out"], "unknown source 'tess'; expected one of ravdess, cremad"),
        (["--in", "{corpus}", "--out", "{corpus}/03-01-01-01-01-01-01.wav/x"], "cannot write"),
        (["--in", "{corpus}", "--out", "/proc/vfgan"], "cannot write"),
        (["--in", "{corpus}", "--out", "{tmp}/out"], "not one clip could be used; the first: "),
        (["--in", "{corpus}", "--out", "{tmp}/out", "--test-actors", "44"], "actors 44 are not in the inputs"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_exit_code_2(run, tmp_path, empty_wav, arguments, says):
    code, _, errors = run("build", *(text.format(tmp=tmp_path, corpus=empty_wav) for text in arguments))
    assert code == 2
    assert says in errors
    assert len(errors.strip().splitlines()) == 1
    assert "Traceback" not in errors


@pytest.mark.parametrize("arguments", [["--wrkers", "3"], ["--mfsc.mel-bands", "2"], ["--workers", "many"]])
def test_options_that_cannot_be_used_are_named_with_exit_code_2(run, tmp_path, empty_wav, arguments):
    code, _, errors = run("build", "--in", empty_wav, "--out", tmp_path / "out", *arguments)
    assert code == 2
    assert arguments[0].lstrip("-").partition(".")[2].replace("-", "_") in errors.replace("-", "_")
    assert "Traceback" not in errors
    assert not (tmp_path / "out").exists()


def test_missing_input_and_unknown_command_are_exit_code_2(run, tmp_path):
    code, _, errors = run("build", "--out", tmp_path / "out")
    assert code == 2
    assert "--in" in errors
    code, _, errors = run("biuld", "--out", tmp_path / "out")
    assert code == 2
    assert errors.strip().splitlines()[-1] == "unknown command: biuld --out"


def test_module_builds_quietly_and_sums_up(tmp_path, corpus_of, heads):
    good = {path.name: path for path in heads.rglob("01-01-0[12]*.mp4")}
    folder = corpus_of(good | {"03-01-05-01-01-01-01.wav": b""})
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [
            sys.executable, "-m", "tfrecords_builder", "--in", str(folder), "--out", str(tmp_path / "out"),
            "--face-fps", "3", "--workers", "1",
        ],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "6 clips" in done.stdout
    assert "split ravdess by actor: train 2, validation 2, test 2" in done.stdout
    assert "1 clips rejected, 0 kept in part: " in done.stdout
    assert "     1 cut off or damaged: copy or download them again" in done.stdout
    # nothing but TensorFlow's own notes at import, if any: no chatter of detectors, one line a clip
    assert "inference_feedback_manager" not in done.stderr
    assert "Traceback" not in done.stderr


def test_module_refuses_in_one_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "build", "--in", "/absent/folder", "--out", str(tmp_path / "out")],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "/absent/folder does not exist or is not a folder: expected a corpus\n"
    assert done.stdout == ""
