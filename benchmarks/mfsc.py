"""MFSC of many recordings, with decoding, in one process: vfgan beside the librosa pipeline that people write.

python -m benchmarks.mfsc [--folder ../shared/data/ravdess] [--clips 1200] [--rounds 3]

The librosa pipeline: soundfile.read, librosa.feature.melspectrogram with the same settings (windows, filters, floor),
log, and librosa.feature.delta of the first and second order, at every hop. TensorFlow gets one thread and eight clips a
call, as in a worker of the builder; two calls at once are what two cores do. The seconds of the processor are the
fairer figure where other programs run.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import librosa
import numpy as np
import soundfile
import tensorflow as tf

from benchmarks.recordings import Recordings
from tfrecords_builder.clip_graph import VOICES_PER_CALL
from vfgan.config.data import MfscConfig
from vfgan.media.audio import load_waveform
from vfgan.voice.mfsc import mfsc_of_waveforms

CONFIG = MfscConfig()


def with_vfgan(paths: list[Path]) -> list[np.ndarray]:
    """What the builder does with some clips."""
    return mfsc_of_waveforms([load_waveform(path, CONFIG.sample_rate_hz) for path in paths], CONFIG)


def groups(paths: list[Path]) -> list[list[Path]]:
    """The clips of each call of the builder's graph."""
    return [paths[start : start + VOICES_PER_CALL] for start in range(0, len(paths), VOICES_PER_CALL)]


def with_librosa(path: Path) -> np.ndarray:
    """What people write."""
    return librosa_front_end(*soundfile.read(path))


def librosa_front_end(wave: np.ndarray, rate_hz: int) -> np.ndarray:
    """Log mel energy and its differences at every hop: [bands, hops, 3]."""
    power = librosa.feature.melspectrogram(
        y=wave, sr=rate_hz, n_fft=CONFIG.fft_samples, win_length=CONFIG.window_samples, hop_length=CONFIG.hop_samples,
        n_mels=CONFIG.mel_bands, fmin=CONFIG.low_hz, fmax=CONFIG.high_hz, htk=True, norm=None, center=False,
    )  # fmt: skip
    log_mel = np.log(power + CONFIG.log_floor)
    width = 2 * CONFIG.delta_span + 1
    differences = [librosa.feature.delta(log_mel, width=width, order=order) for order in (1, 2)]
    return np.stack([log_mel, *differences], axis=-1)


def main() -> None:
    """Prints a table."""
    recordings = Recordings(__doc__, clips=1200)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    with ThreadPoolExecutor(2) as two:
        recordings.report(
            {
                "librosa": lambda paths: [with_librosa(path) for path in paths],
                "vfgan": lambda paths: [with_vfgan(some) for some in groups(paths)],
                "vfgan, two threads": lambda paths: list(two.map(with_vfgan, groups(paths))),
                "its decoding alone": lambda paths: [load_waveform(path, CONFIG.sample_rate_hz) for path in paths],
            },
            "librosa",
        )


if __name__ == "__main__":
    main()
