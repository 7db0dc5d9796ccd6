"""Size and latency of the SavedModels, one request after the other, and of librosa's front end alone.

A request is 3 s of speech, a face of 256 pixels, or both; of a model for videos, 3 s of speech and 25 faces.

taskset -c 0 python -m benchmarks.latency [--threads 1] [--requests 100]
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--requests", type=int, default=100)
    args = parser.parse_args()
    import tensorflow as tf

    from benchmarks.mfsc import librosa_front_end
    from vfgan.savedmodel.load import find_model, load_model, models_dir

    tf.config.threading.set_intra_op_parallelism_threads(args.threads)
    tf.config.threading.set_inter_op_parallelism_threads(args.threads)
    rng = np.random.default_rng(0)
    faces = tf.constant(rng.integers(0, 256, (25, 256, 256, 3)), tf.uint8)
    inputs = {
        "waveform": tf.constant(0.1 * rng.standard_normal((1, 48_000)), tf.float32),
        "face": faces[:1],
        "faces": faces,
        "times": tf.linspace(0.0, 3.0, 25),
    }
    print(f"{'model':12} {'MB':>6} {'parameters':>11} {'median ms':>10} {'95 % ms':>9}   ({args.threads} thread(s))")
    for name in sorted(path.name for path in models_dir().iterdir() if path.is_dir()):
        loaded, card = load_model(name)
        function = loaded.signatures["serving_default"]
        wanted = function.structured_input_signature[1]
        given = {key: inputs[key] for key in wanted}
        if "times" in wanted:
            given["waveform"] = given["waveform"][0]  # unbatched
        median, worst = milliseconds(args.requests, function, **given)
        folder = find_model(name)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        print(f"{name:12} {size:6.1f} {card['parameters']:11,} {median:10.1f} {worst:9.1f}")
    speech = inputs["waveform"].numpy()[0]
    median, worst = milliseconds(args.requests, librosa_front_end, speech, 16_000)
    print(f"{'librosa':12} {'-':>6} {'-':>11} {median:10.1f} {worst:9.1f}   MFSC of 3 s")


def milliseconds(requests: int, call, *args, **kwargs) -> tuple[float, float]:
    """Median and 95th percentile, after 5 calls that do not count."""
    for _ in range(5):
        call(*args, **kwargs)
    times = []
    for _ in range(requests):
        start = time.perf_counter()
        call(*args, **kwargs)
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times)), float(np.percentile(times, 95))


if __name__ == "__main__":
    main()
