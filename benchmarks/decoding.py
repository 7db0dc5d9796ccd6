"""Decoding of recordings to float32 samples: libsndfile, FFmpeg, and tensorflow-io where it is installed.

python -m benchmarks.decoding [--folder ../shared/data/ravdess] [--clips 300] [--rounds 3]

tensorflow-io 0.37.1 is no dependency of vfgan; install it beside (pip install --no-deps) to have its line.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import av
import numpy as np
import soundfile


def with_soundfile(path: Path) -> np.ndarray:
    """libsndfile."""
    return soundfile.read(path, dtype="float32")[0]


def with_av(path: Path) -> np.ndarray:
    """FFmpeg through PyAV."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt")
        blocks = [part.to_ndarray() for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate(blocks, axis=1)[0]


def with_tensorflow_io():
    """tensorflow-io's operation, or None where it is not installed."""
    try:
        import tensorflow as tf
        import tensorflow_io as tfio
    except ImportError:
        return None

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
    def decode(path):
        return tf.cast(tfio.audio.decode_flac(tf.io.read_file(path), dtype=tf.int16), tf.float32)[:, 0] / 32768.0

    return lambda path: decode(str(path)).numpy()


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(os.environ.get("VFGAN_DATA", "../shared/data")) / "ravdess")
    parser.add_argument("--clips", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    paths = sorted(args.folder.rglob("*.flac"))[: args.clips]
    footage = sum(soundfile.info(path).duration for path in paths)
    functions = {"soundfile": with_soundfile, "av": with_av, "tensorflow-io": with_tensorflow_io()}
    functions = {name: function for name, function in functions.items() if function}
    expected = with_soundfile(paths[0])
    for name, function in functions.items():
        np.testing.assert_allclose(function(paths[0]), expected, atol=1e-4, err_msg=name)
    print(f"{len(paths)} FLAC files, {footage / 3600:.2f} h, one after the other, fastest of {args.rounds} rounds")
    for name, function in functions.items():
        rounds = []
        for _ in range(args.rounds):
            start = np.array([time.perf_counter(), time.process_time()])
            for path in paths:
                function(path)
            rounds.append(np.array([time.perf_counter(), time.process_time()]) - start)
        clock, processor = np.min(rounds, axis=0)
        print(f"{name:14} clock {footage / clock:6.0f} x real time, processor {footage / processor:6.0f} x real time")


if __name__ == "__main__":
    main()
