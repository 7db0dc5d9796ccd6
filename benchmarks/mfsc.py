"""MFSC of many recordings, with decoding, in one process: vfgan beside the librosa pipeline that people write.

python -m benchmarks.mfsc [--folder ../shared/data/ravdess] [--clips 1200] [--rounds 3]

The librosa pipeline: soundfile.read, librosa.feature.melspectrogram with the same settings (windows, filters, floor),
log, and librosa.feature.delta of the first and second order, at every hop. Both are warmed up on one clip; of the
rounds, which alternate, the fastest counts. TensorFlow gets one thread, as in a worker of the builder; the seconds of
the processor are the fairer figure where other programs run.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import librosa
import numpy as np
import soundfile
import tensorflow as tf

from vfgan.config import MfscConfig
from vfgan.media.audio import load_waveform
from vfgan.mfsc import mfsc_of_waveform

CONFIG = MfscConfig()


def with_vfgan(path: Path) -> np.ndarray:
    """What the builder does with a clip."""
    return mfsc_of_waveform(load_waveform(path, CONFIG.sample_rate_hz), CONFIG)


def with_librosa(path: Path) -> np.ndarray:
    """What people write."""
    wave, rate_hz = soundfile.read(path)
    power = librosa.feature.melspectrogram(
        y=wave, sr=rate_hz, n_fft=CONFIG.fft_samples, win_length=CONFIG.window_samples, hop_length=CONFIG.hop_samples,
        n_mels=CONFIG.mel_bands, fmin=CONFIG.low_hz, fmax=CONFIG.high_hz, htk=True, norm=None, center=False,
    )  # fmt: skip
    log_mel = np.log(power + CONFIG.log_floor)
    width = 2 * CONFIG.delta_span + 1
    differences = [librosa.feature.delta(log_mel, width=width, order=order) for order in (1, 2)]
    return np.stack([log_mel, *differences], axis=-1)


def seconds_for(function, paths: list[Path]) -> np.ndarray:
    """Seconds on the clock, and seconds of the processor, for all clips, one after the other."""
    start = np.array([time.perf_counter(), time.process_time()])
    for path in paths:
        function(path)
    return np.array([time.perf_counter(), time.process_time()]) - start


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(os.environ.get("VFGAN_DATA", "../shared/data")) / "ravdess")
    parser.add_argument("--clips", type=int, default=1200)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    paths = sorted(args.folder.rglob("*.flac"))[: args.clips]
    footage = sum(soundfile.info(path).duration for path in paths)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    functions = {"librosa": with_librosa, "vfgan": with_vfgan}
    for function in functions.values():
        function(paths[0])
    rounds = [{name: seconds_for(function, paths) for name, function in functions.items()} for _ in range(args.rounds)]
    best = {name: np.min([times[name] for times in rounds], axis=0) for name in functions}
    print(f"{len(paths)} clips, {footage / 3600:.2f} h, one process, fastest of {args.rounds} rounds")
    for name, (clock, processor) in best.items():
        ratio = best["librosa"] / best[name]
        print(
            f"{name:8} clock {clock:6.1f} s, {footage / clock:4.0f} x real time, {ratio[0]:4.1f} x librosa; "
            f"processor {processor:6.1f} s, {footage / processor:4.0f} x real time, {ratio[1]:4.1f} x librosa"
        )


if __name__ == "__main__":
    main()
