"""What the benchmarks of sound share: the recordings, by the same options, and the clocks."""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile


class Recordings:
    """FLAC files of a folder, as the options of the command line say.

    Args:
        description: of the script.
        clips: how many by default.
    """

    def __init__(self, description: str, clips: int):
        parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        default = Path(os.environ.get("VFGAN_DATA", "../shared/data")) / "ravdess"
        parser.add_argument("--folder", type=Path, default=default)
        parser.add_argument("--clips", type=int, default=clips)
        parser.add_argument("--rounds", type=int, default=3)
        args = parser.parse_args()
        self.paths = sorted(args.folder.rglob("*.flac"))[: args.clips]
        if not self.paths:
            parser.error(f"{args.folder} holds no FLAC files")
        self._rounds = args.rounds
        self.seconds = sum(soundfile.info(path).duration for path in self.paths)

    def report(self, functions: dict[str, Callable[[list[Path]], object]], reference: str) -> None:
        """Prints how fast each function reads all recordings: of the rounds, which alternate, the fastest.

        Args:
            functions: each is warmed up on one recording first.
            reference: name of the function that the others are compared with.
        """
        for function in functions.values():
            function(self.paths[:1])
        rounds = [{name: self._clocks(function) for name, function in functions.items()} for _ in range(self._rounds)]
        best = {name: np.min([clocks[name] for clocks in rounds], axis=0) for name in functions}
        print(f"{len(self.paths)} clips, {self.seconds / 3600:.2f} h, fastest of {self._rounds} rounds")
        for name, clocks in best.items():
            told = (
                f"{kind} {seconds:6.2f} s, {self.seconds / seconds:5.0f} x real time, {ratio:5.2f} x {reference}"
                for kind, seconds, ratio in zip(("clock", "processor"), clocks, best[reference] / clocks)
            )
            print(f"{name:20} {'; '.join(told)}")

    def _clocks(self, function: Callable[[list[Path]], object]) -> np.ndarray:
        """Seconds on the clock, and seconds of the processor in all threads."""
        start = np.array([time.perf_counter(), time.process_time()])
        function(self.paths)
        return np.array([time.perf_counter(), time.process_time()]) - start
