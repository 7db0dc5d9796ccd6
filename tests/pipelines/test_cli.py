"""The command line: help, exit codes, one line for what a user can mend."""

import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from pipelines.cli import COMMANDS, main
from tests.pipelines.running import run


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself(capsys, name):
    code, out, _ = run(capsys, *name.split(), "--help")
    assert code == 0
    assert f"usage: vfgan {name}" in out
    assert len(out) > 200


def test_no_command_lists_all_and_an_unknown_one_fails(capsys):
    code, out, _ = run(capsys)
    assert code == 0
    assert all(name in out for name in COMMANDS)
    code, _, err = run(capsys, "trian", "gan")
    assert code == 2
    assert "unknown command: trian gan" in err


def test_unknown_option(capsys):
    code, _, err = run(capsys, "build", "--in", "x", "--out", "y", "--shards", "3")
    assert code == 2
    assert "--shards" in err


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "voice.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(16_000) / 20), 16_000)
    return str(path)


CASES = {
    "missing corpus": ("build --in ravdess:/nowhere --out {tmp}/d", "/nowhere does not exist"),
    "no input": ("build --out {tmp}/d", "--in"),
    "unknown source": ("build --in imdb:/nowhere --out {tmp}/d", "unknown source 'imdb'"),
    "empty corpus": ("build --in ravdess:{tmp} --out {tmp}/d", "no file in it"),
    "no data set": ("train extractor --data {tmp} --run {tmp}/r", "run `vfgan build` first"),
    "no run": ("export --extractor {tmp} --out {tmp}/m", "expected a trained extractor"),
    "nothing to export": ("export --out {tmp}/m", "nothing to export"),
    "bad shares": ("build --in {tmp} --out {tmp}/d --test 0.7 --validation 0.4", "less than 1"),
    "bad size": ("train gan --faces a --voices a --extractor a --run r --size-px 50", "multiple of 16"),
    "bad result name": ("generate --voice {voice} --face x.png --out {tmp}/x.gif", ".bmp, .mp4, .mov or .mkv"),
    "footage to picture": ("generate --voice {voice} --face x.mp4 --out {tmp}/x.png", "footage makes a video"),
    "neither": ("generate --voice {voice} --face {voice} --out {tmp}/x.png", "neither a photo nor footage"),
    "unwritable": ("generate --voice {voice} --face x.png --out /proc/x/y.png", "cannot write"),
    "no model": ("generate --voice {voice} --face x.png --out {tmp}/x.png --model {tmp}/none", "does not exist"),
    "no generator": ("generate --voice {voice} --face x.png --out {tmp}/x.png --model judge", "is no generator"),
    "an extractor": (
        "generate --voice {voice} --face x.png --out {tmp}/x.png --model extractor",
        "extractor is no generator (it has padded, serving_default",
    ),
    "length of a photo": ("generate --voice {voice} --face x.png --out {tmp}/x.mp4 --length footage", "has no length"),
    "onto itself": (
        "generate --voice {voice} --face {tmp}/x.png --out {tmp}/x.png",
        "would overwrite the file of --face",
    ),
    "no clips": ("inspect --data {tmp} --clips 0", "expected 1 to 100, got 0"),
    "no clips to follow": ("evaluate --faces a --voices a --out {tmp}/e --clips 0", "--clips: expected at least 1"),
    "no sources": ("evaluate --faces a --voices a --out {tmp}/e --sources-per-voice 0", "at least 1"),
    "too many items": (
        "evaluate --faces a --voices a --out {tmp}/e --items 9999",
        "--items: expected 0 to 2000, got 9999",
    ),
    "nothing to rate": (
        "rate --items {tmp} --out {tmp}/a.csv --port 0",
        "items.csv does not exist: expected a folder of",
    ),
    "rate what": ("rate --items {tmp}", "expected --items FOLDER --out answers.csv, or --report answers*.csv"),
    "rate and report": ("rate --items {tmp} --report {tmp}/a.csv", "--items and --report: expected one of them"),
    "no answers": ("rate --report {tmp}/a.csv", "a.csv does not exist: expected answers of `vfgan rate"),
    "answers of no table": ("rate --items {tmp} --out {tmp}/a.txt", "expected a file that ends in .csv"),
    "no address to rate at": (
        "rate --items {tmp} --out {tmp}/a.csv --host 192.0.2.1",
        "cannot listen on 192.0.2.1:7861",
    ),
    "bad size to rate": ("rate --items {tmp} --out {tmp}/a.csv --face-px 9", "face_px: expected 32 to 2048, got 9"),
    "no models": ("serve --models {tmp}", "holds no models"),
    "bad port": ("serve --models {tmp} --port 70000", "expected 0 to 65535"),
    "bad limit": ("studio --max-voice-seconds 0", "max_voice_seconds: expected more than 0"),
    "no such model in the studio": ("studio --models {tmp}/none", "does not exist"),
    "no such address": ("studio --host 192.0.2.1", "cannot listen on 192.0.2.1:7860"),
    "bad corpus": ("synthesize --out {tmp}/c --actors 0", "actors"),
}


@pytest.mark.parametrize("what", list(CASES))
def test_what_a_user_can_mend_is_one_line_and_code_2(capsys, tmp_path, voice, what):
    command, expected = CASES[what]
    code, _, err = run(capsys, *command.format(tmp=tmp_path, voice=voice).split())
    assert code == 2
    assert expected in err
    assert "Traceback" not in err


def test_a_bug_is_not_hidden(monkeypatch):
    """Only VfganError is turned into a line; anything else keeps its traceback."""
    from pipelines.commands.doctor import Doctor

    monkeypatch.setattr(Doctor, "main", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["doctor"])


@pytest.mark.parametrize(
    ("command", "expected"),
    [("generate --voice a --face b --out c", "starts over"), ("synthesize --out c", "again to resume")],
)
def test_an_interrupted_command_says_what_to_expect(capsys, monkeypatch, command, expected):
    import importlib

    def interrupted(self):
        raise KeyboardInterrupt

    module, cls, _ = COMMANDS[command.split()[0]]
    monkeypatch.setattr(getattr(importlib.import_module(module), cls), "main", interrupted)
    code, _, err = run(capsys, *command.split())
    assert code == 130
    assert expected in err


@pytest.mark.medium
def test_a_reader_that_has_gone_is_no_bug():
    command = [sys.executable, "-m", "pipelines.cli", "train", "gan", "--help"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    ("main", "code", "out", "err"),
    [
        ("print('done') or 0", 0, "done", ""),
        ("2", 2, "", ""),
        ("print('usage') or sys.exit(0)", 0, "usage", ""),  # tyro's --help
        ("sys.exit(2)", 2, "", ""),  # tyro's wrong option
        ("1 / 0", 1, "", "ZeroDivisionError: division by zero"),
        ("atexit.register(print, 'cleaned up') and 3", 3, "cleaned up", ""),
        ("threading.Timer(0.2, print, ['last']).start() or 0", 0, "last", ""),
    ],
)
def test_a_program_ends_at_once_but_not_before_others_have(main, code, out, err):
    """Nothing is written to a pipe but what it holds back until the end."""
    program = f"import atexit, sys, threading, pipelines.cli as c\nc.main = lambda: {main}\nc.run()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (code, out)
    assert done.stderr.strip().endswith(err)


def test_a_program_does_not_take_its_modules_apart():
    """As TensorFlow's would be, for a second: what is in them is not deleted."""
    program = (
        "import pipelines.cli as c\nclass Kept:\n    def __del__(self): print('deleted')\n"
        "kept = Kept()\nc.main = lambda: 0\nc.run()"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == ""


@pytest.mark.medium
def test_help_is_quick_because_tensorflow_is_not_imported():
    """Names the reason, not the seconds: no test is timed."""
    code = "import sys\nfrom pipelines.cli import main\ntry: main(['build', '--help'])\nexcept SystemExit: pass\n"
    code += "sys.exit('tensorflow' in sys.modules or 'mediapipe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
