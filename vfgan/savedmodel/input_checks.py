"""What a SavedModel accepts: too large, empty or broken input gets a readable error from inside the graph."""

import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.voice.windows import MAX_UTTERANCE_SECONDS

#: Of all waveforms of a batch together, with their padding.
MAX_BATCH_SECONDS = 600
#: Of a sample, and of a number of z or MFSC: far beyond all that is sensible, and far below where numbers overflow.
MAX_AMPLITUDE, MAX_ATTRIBUTE = 1e10, 1e3
MIN_FACE_PX, MAX_FACE_PX = 16, 1024
#: Of all faces of a request together: 16 of 1024 x 1024, or 1024 of 128 x 128.
MAX_BATCH_PX = 16 * 1024**2


def checked_waveform(waveform: tf.Tensor, num_samples: tf.Tensor, config: MfscConfig) -> tuple[tf.Tensor, tf.Tensor]:
    """The waveforms and their lengths, or an error: none, too short, too long, too loud, or not finite.

    Args:
        waveform: float32 [batch, samples].
        num_samples: int32 [batch].
    """
    rate_hz = config.sample_rate_hz
    batch, samples = tf.shape(waveform)[0], tf.shape(waveform)[1]
    total = tf.cast(batch, tf.int64) * tf.cast(samples, tf.int64)
    checks = [
        tf.debugging.assert_positive(batch, "waveform: expected at least one in a batch"),
        tf.debugging.assert_equal(tf.shape(num_samples)[0], batch, "num_samples: expected one for each waveform"),
        tf.debugging.assert_greater_equal(
            num_samples,
            config.window_samples,
            f"waveform: expected at least {config.window_samples} samples at {rate_hz} Hz",
        ),
        tf.debugging.assert_less_equal(
            num_samples, samples, "num_samples: expected at most as many as the waveform has"
        ),
        tf.debugging.assert_less_equal(
            samples,
            MAX_UTTERANCE_SECONDS * rate_hz,
            f"waveform: expected at most {MAX_UTTERANCE_SECONDS} s at {rate_hz} Hz",
        ),
        tf.debugging.assert_less_equal(
            total,
            tf.constant(MAX_BATCH_SECONDS * rate_hz, tf.int64),
            f"waveform: expected at most {MAX_BATCH_SECONDS} s in a batch, padding included",
        ),
        _finite(waveform, "waveform"),
        _at_most(waveform, MAX_AMPLITUDE, "waveform"),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(waveform), tf.identity(num_samples)


def checked_face(face: tf.Tensor, name: str = "face", tallest: int = MAX_FACE_PX) -> tf.Tensor:
    """The faces, or an error: none, too small, too large, too many.

    Args:
        face: uint8 [batch, height, width, 3].
        tallest: pixels of their height, at most.
    """
    sides = tf.shape(face)[1:3]
    checks = [
        tf.debugging.assert_positive(tf.shape(face)[0], f"{name}: expected at least one"),
        tf.debugging.assert_greater_equal(sides, MIN_FACE_PX, f"{name}: expected at least {MIN_FACE_PX} pixels a side"),
        tf.debugging.assert_less_equal(
            sides, tf.constant([tallest, MAX_FACE_PX]), f"{name}: expected at most {MAX_FACE_PX} pixels a side"
        ),
        tf.debugging.assert_less_equal(
            tf.reduce_prod(tf.shape(face, tf.int64)[:3]),
            tf.constant(MAX_BATCH_PX, tf.int64),
            f"{name}: expected at most {MAX_BATCH_PX} pixels in a request; send fewer or smaller ones",
        ),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(face)


def checked_mfsc(mfsc: tf.Tensor, config: MfscConfig) -> tf.Tensor:
    """MFSC of one utterance, or an error: none, other bands, too long, too large, not finite.

    Args:
        mfsc: float32 [1, frames, bands, 3].
    """
    longest = round(MAX_UTTERANCE_SECONDS / config.frame_seconds)
    frames, bands = tf.shape(mfsc)[1], tf.shape(mfsc)[2]
    checks = [
        tf.debugging.assert_positive(frames, "mfsc: expected at least one frame"),
        tf.debugging.assert_less_equal(frames, longest, f"mfsc: expected at most {longest} frames"),
        tf.debugging.assert_equal(bands, config.mel_bands, f"mfsc: expected {config.mel_bands} bands"),
        _finite(mfsc, "mfsc"),
        _at_most(mfsc, MAX_ATTRIBUTE, "mfsc"),
    ]
    with tf.control_dependencies(checks):
        return tf.ensure_shape(tf.identity(mfsc), [1, None, config.mel_bands, 3])


def checked_numbers(values: tf.Tensor, count: int, name: str) -> tf.Tensor:
    """Numbers for each face, such as z: float32 [batch, count], or an error: another count, too large, not finite."""
    checks = [
        tf.debugging.assert_equal(tf.shape(values)[1], count, f"{name}: expected {count} numbers"),
        _finite(values, name),
        _at_most(values, MAX_ATTRIBUTE, name),
    ]
    with tf.control_dependencies(checks):
        return tf.ensure_shape(tf.identity(values), [None, count])


def checked_finite(values: tf.Tensor, name: str) -> tf.Tensor:
    """One number for each face, such as its time in seconds: float32 [faces], or an error: not finite."""
    with tf.control_dependencies([_finite(values, name)]):
        return tf.identity(values)


def checked_pairs(a: tf.Tensor, b: tf.Tensor, names: str) -> tuple[tf.Tensor, tf.Tensor]:
    """Both, or an error where one has more entries than the other."""
    same = tf.debugging.assert_equal(tf.shape(a)[0], tf.shape(b)[0], f"{names}: expected as many of each")
    with tf.control_dependencies([same]):
        return tf.identity(a), tf.identity(b)


def _finite(values: tf.Tensor, name: str) -> tf.Operation:
    return tf.debugging.Assert(
        tf.reduce_all(tf.math.is_finite(values)), [f"{name}: expected finite values, got NaN or infinity"]
    )


def _at_most(values: tf.Tensor, most: float, name: str) -> tf.Operation:
    return tf.debugging.Assert(
        tf.reduce_all(tf.abs(values) <= most), [f"{name}: expected values of {-most:g} to {most:g}"]
    )
