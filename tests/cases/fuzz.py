"""Reads damaged media in a process of its own: python -m tests.cases.fuzz FOLDER SEED COUNT.

FOLDER holds whole files. Each of COUNT copies is damaged by the seed and read as a voice and as a face. Prints a JSON
object: how many gave something, how many a line, the slowest file, and the most memory.
"""

import itertools
import json
import re
import resource
import sys
import time
from pathlib import Path

import numpy as np

from vfgan.errors import VfganError
from vfgan.generate.frames import Footage
from vfgan.media.audio import load_waveform
from vfgan.media.images import read_picture
from vfgan.media.kinds import kind_of_face

#: A header is at most so long.
_HEADER = 512
_MOST_FRAMES = 25


def cut(content: np.ndarray, others: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """The beginning alone."""
    return content[: rng.integers(1, len(content))]


def flip(content: np.ndarray, others: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """A few bytes anywhere are others."""
    out = content.copy()
    out[rng.integers(0, len(out), rng.integers(1, 64))] = rng.integers(0, 256)
    return out


def lie(content: np.ndarray, others: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Numbers of the header are others, often huge: sizes, rates, counts."""
    out = content.copy()
    for start in rng.integers(0, max(1, min(len(out), _HEADER) - 4), rng.integers(1, 5)):
        out[start : start + 4] = rng.choice([0, 1, 127, 255, rng.integers(256)], 4)
    return out


def swap(content: np.ndarray, others: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Another file's header."""
    count = int(rng.integers(4, _HEADER))
    return np.concatenate([others[rng.integers(len(others))][:count], content[count:]])


def hole(content: np.ndarray, others: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """A part is zeros, or missing."""
    start, stop = np.sort(rng.integers(0, len(content), 2))
    middle = np.zeros(stop - start if rng.integers(2) else 0, np.uint8)
    return np.concatenate([content[:start], middle, content[stop:]])


DAMAGES = (cut, flip, lie, swap, hole)


def read_voice(path: Path) -> None:
    """As `vfgan generate --voice` does."""
    load_waveform(path, max_seconds=60.0)


def read_face(path: Path) -> None:
    """As `vfgan generate --face` does, of footage the first frames."""
    if kind_of_face(path) == "picture":
        read_picture(path).over_white()
    else:
        list(itertools.islice(Footage(path).once(), _MOST_FRAMES))


def main(folder: Path, seed: int, count: int) -> None:
    """Damages and reads."""
    rng = np.random.default_rng(seed)
    names = sorted(path for path in folder.iterdir() if path.is_file())
    contents = [np.frombuffer(path.read_bytes(), np.uint8) for path in names]
    found = {"read": 0, "told": 0, "slowest": 0.0}
    for _ in range(count):
        index, damage = rng.integers(len(names)), DAMAGES[rng.integers(len(DAMAGES))]
        path = folder / f"damaged-{seed}" / names[index].name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(damage(contents[index], contents, rng).tobytes())
        started = time.monotonic()
        for read in (read_voice, read_face):
            try:
                read(path)
                found["read"] += 1
            except VfganError as error:
                found["told"] += 1
                if "\n" in str(error):
                    raise ValueError(f"more than one line: {error!r}") from error
        found["slowest"] = max(found["slowest"], time.monotonic() - started)
    found["peak_mib"] = peak_mib()
    print(json.dumps(found))


def peak_mib() -> float:
    """The most memory that this process has held, MiB. getrusage counts that of the process which started it, too."""
    status = Path("/proc/self/status")
    if status.is_file():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
