"""Two workers of the builder against one, and the memory of a worker as the corpus grows.

python -m benchmarks.builder [--clips 200] [--many 2000] [--in ravdess:FOLDER]

The corpus is the embedded one: 40 short clips, each under several names; shards of 10, so that two workers have as
much to do each. Libraries run with one thread, as in each of several workers. Rates are those between the first clip
that is finished and the last: processes that start up are not counted. Where something else runs beside, the
processor's time a clip says what the rate does not: if two workers take no more of it than one, they do twice the work.
Memory is the largest resident set of a worker.
"""

import argparse
import multiprocessing
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for _name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(_name, "1")

_ACTORS = 5


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--many", type=int, default=2000)
    parser.add_argument("--in", dest="real", action="append", help="real recordings, to see the memory that they take")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        heads = _heads(Path(folder) / "heads")
        few, many = (_corpus(heads, Path(folder) / f"clips-{count}", count) for count in (args.clips, args.many))
        one = _report("one worker", [few], Path(folder) / "one", 1)
        two = _report("two workers", [few], Path(folder) / "two", 2)
        print(f"{'':12} {two / one:.2f} times the work of one")
        _report("two workers", [many], Path(folder) / "many", 2)
        if args.real:
            _report("real clips", args.real, Path(folder) / "real", 2)


def _heads(folder: Path) -> list[Path]:
    """The recordings of a small embedded corpus."""
    from tfrecords_builder.synthetic.corpus import SyntheticConfig, synthesize

    short = {"size_px": 128, "seconds": 0.5, "silence_seconds": 0.1}
    return synthesize(folder, SyntheticConfig(actors=_ACTORS, statements=1, intensities=(1,), **short))


def _corpus(recordings: list[Path], folder: Path, count: int) -> str:
    """`count` clips that are those recordings under names of other takes and actors; their name for the builder."""
    folder.mkdir()
    for index in range(count):
        take, which = divmod(index, len(recordings))
        fields = recordings[which].stem.split("-")
        # intensity, statement and repetition are 1 or 2; beyond that the person is another
        fields[3:6] = (f"{1 + (take >> bit) % 2:02d}" for bit in range(3))
        fields[6] = f"{int(fields[6]) + _ACTORS * (take // 8):02d}"
        (folder / f"{'-'.join(fields)}.mp4").symlink_to(recordings[which])
    return f"ravdess:{folder}"


def _report(name: str, inputs: list[str], out: Path, workers: int) -> float:
    """Builds, prints what it took, and returns clips a second."""
    from tfrecords_builder.build import build
    from vfgan.config.data import BuildConfig

    ticks, largest, used = [], {}, {}

    def progress(done: int, *_) -> None:
        ticks.append((time.perf_counter(), done))
        pids = [child.pid for child in multiprocessing.active_children()] or [os.getpid()]
        for pid in pids:
            largest[pid] = max(largest.get(pid, 0.0), _resident_mib(pid))
            used.setdefault(pid, []).append(_processor_seconds(pid))

    start = time.perf_counter()
    build(inputs, out, BuildConfig(clips_per_shard=10), workers=workers, progress=progress)
    (first, before), (last, done) = ticks[0], ticks[-1]
    rate = (done - before) / (last - first)
    processor = sum(max(seconds) - seconds[0] for seconds in used.values()) / (done - before)
    print(
        f"{name:12} {done:5} clips: {rate:6.1f} clips/s, {1000 * processor:.0f} ms of processor a clip, "
        f"{time.perf_counter() - start:.1f} s in all, largest worker {max(largest.values()):.0f} MiB",
        flush=True,
    )
    return rate


def _resident_mib(pid: int) -> float:
    """The most memory that a process has held so far; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _processor_seconds(pid: int) -> float:
    """What a process has computed so far; 0 where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
