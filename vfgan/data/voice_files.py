"""Sound files -> a `tf.data.Dataset` of waveforms at 16 kHz, without building a data set first.

For a Keras user's own models: FLAC, MP3 and Ogg Vorbis, decoded in the graph by tensorflow-io, from here or from any
store (`vfgan.storage.remote`). Of long recordings only what a slice needs is decoded. `vfgan build` and everything else
reads with `vfgan.media.audio`, which knows every format and is several times as fast.
"""

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.errors import MediaError
from vfgan.storage.graph_io import tensorflow_io
from vfgan.storage.remote import AnyPath, RemotePath, as_path, first_line

SUFFIXES = frozenset({".flac", ".mp3", ".ogg"})
#: What a decoder gives -> its full scale.
_FULL_SCALE = {tf.int16: 2.0**15, tf.int32: 2.0**31, tf.float32: 1.0}
_DELAY = 32.0


def voice_files(pattern: AnyPath, *, slice_seconds: float = 0.0, rate_hz: int = MfscConfig.sample_rate_hz):
    """The files that a pattern matches, or slices of them, in the order of their names.

    Channels are averaged. A slice that the recording's end cuts short is left out, unless the recording has no other.

    Args:
        pattern: such as "podcasts/*.flac" or "s3://bucket/voices/*.mp3".
        slice_seconds: length of a slice, seconds; 0: whole files.
        rate_hz: of the waveforms.
    Returns:
        `tf.data.Dataset` of {"waveform": float32 [samples], -1…1, "path": string, "start_seconds": float32}.
    Raises:
        MediaError: the pattern matches nothing, a file is of another format, or cannot be read.
    """
    if slice_seconds < 0 or rate_hz < 1:
        raise MediaError(f"slice_seconds {slice_seconds}, rate_hz {rate_hz}: expected 0 or more, and at least 1")
    files = [_Header.of(path) for path in _matching(as_path(pattern))]
    rows = [(one, *span) for one in files for span in one.spans(slice_seconds)]
    plan = {
        "path": [one.path for one, _, _ in rows],
        "kind": np.array([one.kind for one, _, _ in rows], np.int32),
        "rate": np.array([one.rate for one, _, _ in rows], np.int64),
        "start": np.array([start for _, start, _ in rows], np.int64),
        "stop": np.array([stop for _, _, stop in rows], np.int64),
    }
    samples = round(slice_seconds * rate_hz)

    def read(row):
        waveform = _resample(_decode(row), row["rate"], rate_hz)
        if samples and len(files) == sum(one.samples >= slice_seconds * one.rate for one in files):
            waveform = tf.ensure_shape(_exactly(waveform, samples), [samples])  # so that they can be batched
        start_seconds = tf.cast(row["start"], tf.float32) / tf.cast(row["rate"], tf.float32)
        return {"waveform": waveform, "path": row["path"], "start_seconds": start_seconds}

    dataset = tf.data.Dataset.from_tensor_slices(plan)
    return dataset.map(read, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)


class _Header:
    """What a file says of itself, read without decoding it."""

    def __init__(self, path: str, kind: int, rate: int, samples: int):
        self.path, self.kind, self.rate, self.samples = path, kind, rate, samples

    @classmethod
    def of(cls, path) -> "_Header":
        try:
            sound = tensorflow_io().audio.AudioIOTensor(str(path))
        except tf.errors.OpError as error:
            raise MediaError(f"{path} cannot be read as {path.suffix[1:]}: {first_line(error)}") from error
        if sound.dtype not in _FULL_SCALE:
            raise MediaError(f"{path}: samples are {sound.dtype.name}: expected 16 or 24 bits; convert it")
        samples = int(sound.shape[0])
        if not samples:
            raise MediaError(f"{path} holds no sound")
        return cls(str(path), list(_FULL_SCALE).index(sound.dtype), int(sound.rate), samples)

    def spans(self, seconds: float) -> list[tuple[int, int]]:
        """(first sample, sample behind the last) of each slice."""
        length = round(seconds * self.rate) or self.samples
        count = max(1, self.samples // length)
        return [(number * length, min(self.samples, (number + 1) * length)) for number in range(count)]


def _matching(pattern) -> list:
    found = sorted(pattern.parent.glob(pattern.name), key=str)
    if isinstance(pattern, RemotePath) and not found and pattern.is_file():  # web servers have no folders
        found = [pattern]
    if not found:
        raise MediaError(f"{pattern} matches no file")
    for path in found:
        if path.suffix.lower() not in SUFFIXES:
            expected = ", ".join(sorted(SUFFIXES))
            raise MediaError(f"{path}: expected {expected}; `vfgan build` reads all other formats")
    return found


def _decode(row) -> tf.Tensor:
    """Samples from `start` to `stop`: float32 [samples]."""

    def reader(dtype, full_scale):
        def read():
            sound = tensorflow_io().audio.AudioIOTensor(row["path"], dtype=dtype)
            return tf.reduce_mean(tf.cast(sound[row["start"] : row["stop"]], tf.float32), axis=-1) / full_scale

        return read

    return tf.switch_case(row["kind"], [reader(*one) for one in _FULL_SCALE.items()])


def _resample(waveform: tf.Tensor, rate: tf.Tensor, rate_hz: int) -> tf.Tensor:
    """Another sample rate, unless it is that already.

    tensorflow-io's resampler gives everything `_DELAY` samples of the lower rate too late, and as much less of the end.
    """

    def other():
        ratio = tf.cast(rate_hz, tf.float64) / tf.cast(rate, tf.float64)
        length = tf.cast(tf.round(tf.cast(tf.size(waveform), tf.float64) * ratio), tf.int32)
        more = tf.cast(tf.math.ceil(2.0 * _DELAY / tf.minimum(ratio, 1.0)), tf.int32)
        made = tensorflow_io().audio.resample(tf.pad(waveform, [[0, more]])[:, None], rate, rate_hz)
        late = tf.cast(tf.round(_DELAY * tf.maximum(ratio, 1.0)), tf.int32)
        return tf.reshape(made, [-1])[late : late + length]

    return tf.cond(tf.equal(rate, rate_hz), lambda: waveform, other)


def _exactly(waveform: tf.Tensor, samples: int) -> tf.Tensor:
    """Cut or padded with zeros to a length: resampling rounds."""
    return tf.pad(waveform[:samples], [[0, tf.maximum(0, samples - tf.size(waveform))]])
