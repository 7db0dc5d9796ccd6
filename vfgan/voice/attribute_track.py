"""The voice attribute over time. Generated videos, their SavedModel and evaluations share this definition."""

import dataclasses

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig


def window_middles(config: MfscConfig) -> tuple[float, float]:
    """(middle of an utterance's first window, step from one window to the next), seconds."""
    return config.window_frames / 2 * config.frame_seconds, config.window_hop_frames * config.frame_seconds


def interpolate(
    windows: tf.Tensor, weights: tf.Tensor, whole: tf.Tensor, times: tf.Tensor, config: MfscConfig
) -> tf.Tensor:
    """Interpolates the values of an utterance's windows at given times.

    A window's value is mixed with the utterance's value: its own weight is its share of voice, w / max w. Between the
    middles of two windows the value is linear; before the first and after the last it is constant. All of this is
    affine. So affine maps of z, such as the gain, may be applied before or after.

    Args:
        windows: float32 [windows, n], a value of each window, such as its z.
        weights: float32 [windows], shares of voice (`vfgan.voice.windows.utterance_windows`).
        whole: float32 [n], the value of the whole utterance.
        times: float32 [times], seconds from the first sample.
    Returns:
        float32 [times, n].
    """
    share = (weights / tf.maximum(tf.reduce_max(weights), 1e-6))[:, None]
    values = share * windows + (1.0 - share) * whole  # [windows, n]
    first, step = window_middles(config)
    last = tf.shape(values)[0] - 1
    place = tf.clip_by_value((times - first) / step, 0.0, tf.cast(last, tf.float32))  # [times], in windows
    before = tf.cast(tf.floor(place), tf.int32)
    part = (place - tf.floor(place))[:, None]
    return (1.0 - part) * tf.gather(values, before) + part * tf.gather(values, tf.minimum(before + 1, last))


@dataclasses.dataclass(frozen=True)
class VoiceTrack:
    """z of an utterance over time."""

    #: window_z, weights and z of the utterance, from a generator's "windows" or "from_mfsc"
    outputs: dict
    mfsc: MfscConfig

    def at(self, times: np.ndarray) -> np.ndarray:
        """Gives z at times in seconds: float32 [len(times), z_size]."""
        window_z, weights, z = (self.outputs[name] for name in ("window_z", "weights", "z"))
        return interpolate(window_z, weights, z, tf.constant(times, tf.float32), self.mfsc).numpy()
