"""What a person waits for: `vfgan generate` from its start, beside importing TensorFlow alone, and the warm studio.

python -m benchmarks.first_use [--rounds 5] [--voice FILE --face PHOTO] [--footage FILE]

Without files it takes a drawn face of 512 px and a sentence of the embedded corpus. With footage, a video of it is made
with its own sound, and its length is compared with what that takes.
"""

import argparse
import functools
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

_GENERATE = (sys.executable, "-m", "pipelines.cli", "generate")


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    for name in ("voice", "face", "footage"):
        parser.add_argument(f"--{name}", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        examples = _examples(Path(folder))
        voice, face = args.voice or examples.voices["happy"], args.face or examples.ready[0].face
        given = (*_GENERATE, "--voice", str(voice), "--face", str(face), "--out")
        commands = {
            "import tensorflow": (sys.executable, "-c", "import tensorflow"),
            "vfgan --help": (sys.executable, "-m", "pipelines.cli", "--help"),
            "photo to picture": (*given, f"{folder}/picture.png"),
            "photo to video": (*given, f"{folder}/video.mp4"),
        }
        _print_commands(commands, args.rounds)
        if args.footage:
            _print_footage(args.footage, folder)
        _print_studio(examples, voice, face, args.rounds)


def _examples(folder: Path):
    from pipelines.studio_examples import make_examples

    return make_examples(folder / "examples")


def _run(command: tuple[str, ...]) -> tuple[float, float]:
    """(seconds, MiB at most) of a process and those it waits for."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    child.returncode = 0  # it was waited for
    return time.monotonic() - start, used.ru_maxrss / 1024


def _print_commands(commands: dict[str, tuple[str, ...]], rounds: int) -> None:
    """Medians; in each round every command runs once, so that all meet the same machine."""
    taken = np.array([[_run(command) for command in commands.values()] for _ in range(rounds)])  # [rounds, commands, 2]
    seconds, mib = np.median(taken[..., 0], axis=0), taken[..., 1].max(axis=0)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # a process begins as a copy of this one
    print(f"{'command':20} {'median s':>9} {'of import':>10} {'most MiB':>9}")
    for index, name in enumerate(commands):
        memory = f"{mib[index]:.0f}" if mib[index] > own else "-"
        print(f"{name:20} {seconds[index]:9.2f} {seconds[index] / seconds[0]:10.2f} {memory:>9}")


def _print_footage(footage: Path, folder: str) -> None:
    from vfgan.media.video import probe_video

    info = probe_video(footage)
    seconds, mib = _run((*_GENERATE, "--voice", str(footage), "--face", str(footage), "--out", f"{folder}/footage.mp4"))
    print(
        f"footage of {float(info.seconds):.1f} s and {info.width} x {info.height}: {seconds:.1f} s with the start, "
        f"{float(info.seconds) / seconds:.2f} of real time; {mib:.0f} MiB"
    )


def _print_studio(examples, voice: Path, face: Path, rounds: int) -> None:
    """From the press of the button to the picture, and to the video; the first order warms up and does not count."""
    from vfgan.savedmodel.load import load_model
    from vfgan.studio.config import StudioConfig
    from vfgan.studio.inputs import GivenFile, Order
    from vfgan.studio.job import Studio

    studio = Studio(("vfgan",), examples.voices, StudioConfig(), functools.cache(load_model))
    order = Order(GivenFile(voice, voice.name), GivenFile(face, face.name), "vfgan", 1.0)
    waited = []
    for _ in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            start = time.monotonic()
            made = [
                (time.monotonic() - start, state.picture, state.video)
                for state in studio.make(order, Path(folder), _quiet)
            ]
        waited.append([next(seconds for seconds, *paths in made if paths[which]) for which in (0, 1)])
    picture, video = np.median(waited[1:], axis=0)
    print(f"studio, warm: {picture:.2f} s to the picture, {video:.2f} s to the video")
    print(f"its first order: {waited[0][0]:.2f} and {waited[0][1]:.2f} s")


def _quiet(share: float, what: str) -> None:
    pass


if __name__ == "__main__":
    main()
