"""The builder's speed with one and two workers, and the memory of a worker as the corpus grows.

python -m benchmarks.build [--clips 200 2000] [--workers 1 2]

The corpus: talking heads of the embedded corpus, 24 recordings of 1.2 s, under as many names as there are clips to be.
"""

import argparse
import itertools
import multiprocessing
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tfrecords_builder.build import build
from tfrecords_builder.synthetic.corpus import SyntheticConfig, synthesize
from vfgan.config import BuildConfig


def make_corpus(folder: Path, heads: list[Path], clips: int) -> Path:
    """Links with RAVDESS' names, all fields in use, to a few recordings."""
    fields = itertools.product(range(1, 100), (1, 2), range(1, 9), (1, 2), (1, 2), (1, 2))
    for index, (actor, channel, emotion, *rest) in enumerate(itertools.islice(fields, clips)):
        name = "-".join(f"{number:02d}" for number in (1, channel, emotion, *rest, actor))
        path = folder / f"Actor_{actor:02d}" / f"{name}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(heads[index % len(heads)])
    return folder


class Watch:
    """Peak memory of this process' workers, and when the first clip was done."""

    def __init__(self):
        self.peak_mib, self.first = 0.0, 0.0

    def look(self, *_) -> None:
        """Called after every clip."""
        self.first = self.first or time.perf_counter()
        for pid in [os.getpid(), *(child.pid for child in multiprocessing.active_children())]:
            status = Path(f"/proc/{pid}/status").read_text()
            self.peak_mib = max(self.peak_mib, int(status.split("VmHWM:")[1].split()[0]) / 1024)


def main() -> None:
    """Prints a line for each size and number of workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, nargs="+", default=[200, 2000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        heads = synthesize(folder / "heads", SyntheticConfig(actors=3, statements=1, intensities=(1,), seconds=1.0))
        for clips, workers in itertools.product(args.clips, args.workers):
            corpus = folder / f"corpus{clips}"
            if not corpus.exists():
                make_corpus(corpus, heads, clips)
            watch, start = Watch(), time.perf_counter()
            build(
                [f"ravdess:{corpus}"],
                folder / f"out{clips}-{workers}",
                BuildConfig(),
                workers=workers,
                progress=watch.look,
            )
            end = time.perf_counter()
            print(
                f"{clips:5} clips, {workers} worker(s): {end - start:6.1f} s, {(clips - 1) / (end - watch.first):5.1f} "
                f"clips/s after the first; peak of a process {watch.peak_mib:5.0f} MiB",
                flush=True,
            )


if __name__ == "__main__":
    main()
