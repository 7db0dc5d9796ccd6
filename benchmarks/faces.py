"""Face crops of 720p footage: vfgan's builder against decoding alone and against the mtcnn package frame by frame.

python -m benchmarks.faces VIDEO … [--mtcnn PYTHON] [--mtcnn-frames 6]

The videos are to be full pictures of one person, such as RAVDESS' (1280 x 720). Decoding alone takes every frame and
looks at none. vfgan decodes, finds and follows the face, aligns, measures and encodes the crops, as `vfgan build` does,
at its default rate of crops and for every frame. Both decode with one thread, as a worker of the builder does. mtcnn
needs another environment (pip install mtcnn tensorflow lz4): `--mtcnn` is its Python; its rate is that of
detection alone, frames being decoded before.
"""

import argparse
import itertools
import os
import subprocess
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")  # as in a worker

import numpy as np

_MTCNN = """
import sys, time
import numpy as np
from mtcnn import MTCNN
frames, detector = np.load(sys.argv[1]), MTCNN()
detector.detect_faces(frames[0])
start = time.perf_counter()
found = sum(bool(detector.detect_faces(rgb)) for rgb in frames)
print(found, time.perf_counter() - start)
"""


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("videos", nargs="+", type=Path)
    parser.add_argument("--mtcnn", type=Path, help="Python of an environment that has mtcnn")
    parser.add_argument("--mtcnn-frames", type=int, default=6)
    args = parser.parse_args()
    frames = sum(_decode(path) for path in args.videos)  # also warms the disk's cache
    _crops(args.videos[0], 1.0)  # loads the networks
    decoding = _report("decoding alone", frames, frames, lambda: [_decode(path) for path in args.videos])
    for fps in (12.5, 0.0):
        count = sum(_crops(path, fps) for path in args.videos)
        name = f"vfgan, {fps:g} crops/s" if fps else "vfgan, every frame"
        rate = _report(name, frames, count, lambda fps=fps: [_crops(path, fps) for path in args.videos])
        print(f"{'':22} {rate / decoding:.2f} of the speed of decoding alone")
    if args.mtcnn:
        found, seconds = _mtcnn(args.mtcnn, args.videos[0], args.mtcnn_frames)
        each = args.mtcnn_frames / seconds
        print(f"{'mtcnn, every frame':22} {each:8.1f} frames/s   {found} of {args.mtcnn_frames} found")
        print(f"{'':22} vfgan for every frame is {rate / each:.0f} times as fast")


def _report(name: str, frames: int, looked_at: int, work, repeats: int = 3) -> float:
    """Times `work`, the best of some runs; returns frames of footage a second."""
    best, processor = np.inf, np.inf
    for _ in range(repeats):
        start, used = time.perf_counter(), time.process_time()
        work()
        best, processor = min(best, time.perf_counter() - start), min(processor, time.process_time() - used)
    print(
        f"{name:22} {frames / best:8.1f} frames/s   {1000 * processor / frames:5.2f} ms of processor a frame, "
        f"{looked_at} of {frames} looked at"
    )
    return frames / best


def _decode(path: Path) -> int:
    import av

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        return sum(1 for _ in container.decode(stream))


def _crops(path: Path, fps: float) -> int:
    from tfrecords_builder.clip import Clip
    from tfrecords_builder.clip_faces import face_fields
    from vfgan.config.data import BuildConfig

    fields = face_fields(Clip("benchmark", path.stem, 0, video=str(path)), BuildConfig(face_fps=fps), [])
    return fields["frames_seen"]


def _mtcnn(python: Path, video: Path, count: int) -> tuple[int, float]:
    """(frames with a face, seconds) of the mtcnn package in its own environment."""
    from vfgan.media.video import read_frames

    frames = [rgb for _, rgb in itertools.islice(read_frames(video), count)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frames.npy"
        np.save(path, np.stack(frames))
        done = subprocess.run([python, "-c", _MTCNN, path], check=True, capture_output=True, text=True)
    found, seconds = done.stdout.strip().splitlines()[-1].split()
    return int(found), float(seconds)


if __name__ == "__main__":
    main()
