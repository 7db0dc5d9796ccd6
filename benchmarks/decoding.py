"""Decoding of recordings to float32 samples: libsndfile, FFmpeg, and tensorflow-io where it is installed.

python -m benchmarks.decoding [--folder ../shared/data/ravdess] [--clips 300] [--rounds 3]

tensorflow-io 0.37.1 is no dependency of vfgan; install it beside (pip install --no-deps) to have its line.
"""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import av
import numpy as np
import soundfile

from benchmarks.recordings import Recordings


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
    recordings = Recordings(__doc__, clips=300)
    functions = {"soundfile": with_soundfile, "av": with_av, "tensorflow-io": with_tensorflow_io()}
    functions = {name: function for name, function in functions.items() if function}
    expected = with_soundfile(recordings.paths[0])
    for name, function in functions.items():
        np.testing.assert_allclose(function(recordings.paths[0]), expected, atol=1e-4, err_msg=name)
    recordings.report(
        {
            name: lambda paths, function=function: [function(path) for path in paths]
            for name, function in functions.items()
        },
        "soundfile",
    )


if __name__ == "__main__":
    main()
