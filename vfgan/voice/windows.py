"""From the MFSC of an utterance to the windows that the network sees, and how much each of them counts.

The same functions serve training, evaluation and the exported graph.
"""

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.voice.mfsc import frame_loudness, with_differences

#: Longest utterance that is read at once; longer recordings are read piece by piece (`vfgan.voice.long_recordings`).
MAX_UTTERANCE_SECONDS = 120
#: The lowest float32. Asked for its limits in one of tf.data's threads, numpy would warn: they flush subnormals.
_LOWEST = -3.4028234663852886e38


def active_frames(planes: tf.Tensor, frames: tf.Tensor, config: MfscConfig) -> tf.Tensor:
    """Which frames hold voice: those within `active_range` of the loudest frame of the clip.

    Args:
        planes: float32 [batch, frames, bands, 3], MFSC.
        frames: int32 [batch], the true number of frames of each clip.
    Returns:
        float32 [batch, frames]: 1 or 0; 0 behind a clip's end.
    """
    inside = tf.sequence_mask(frames, tf.shape(planes)[1])
    loudness = tf.where(inside, frame_loudness(planes[..., 0]), _LOWEST)  # [batch, frames]
    loudest = tf.reduce_max(loudness, axis=1, keepdims=True)
    return tf.cast(loudness > loudest - config.active_range, tf.float32)


def voice_level(planes: tf.Tensor, active: tf.Tensor) -> tf.Tensor:
    """Mean loudness of each clip's active frames: float32 [batch]. Arguments as of `remove_level`."""
    loudness = frame_loudness(planes[..., 0])  # [batch, frames]
    return tf.reduce_sum(loudness * active, axis=1) / tf.maximum(1.0, tf.reduce_sum(active, axis=1))


def remove_level(planes: tf.Tensor, active: tf.Tensor, frames: tf.Tensor, config: MfscConfig) -> tf.Tensor:
    """MFSC without the recording's level: the mean loudness of the active frames is subtracted from the first plane.

    A gain adds the same number to every log energy, so what remains does not depend on it, as far as the energies lie
    above `config.log_floor`. With `config.dynamic_range`, energies further below the voice's level are raised to there
    and the differences are taken anew: then neither the floor nor a quiet background is seen.

    Args:
        planes: float32 [batch, frames, bands, 3].
        active: float32 [batch, frames], from `active_frames`.
        frames: int32 [batch], the true number of frames of each clip.
    Returns:
        float32 [batch, frames, bands, 3].
    """
    level = voice_level(planes, active)
    free = planes - level[:, None, None, None] * tf.constant([1.0, 0.0, 0.0])
    if not config.dynamic_range:
        return free
    return with_differences(tf.maximum(free[..., 0], -config.dynamic_range), frames, config.delta_span)


def clip_level(planes: np.ndarray, config: MfscConfig) -> tuple[np.float32, np.ndarray]:
    """The level of one clip, and which of its frames are active: bool [frames].

    Args:
        planes: float32 [frames, bands, 3], MFSC.
    """
    batch, frames = tf.constant(planes[None]), tf.constant([len(planes)])
    active = active_frames(batch, frames, config)
    return voice_level(batch, active).numpy()[0], active[0].numpy() > 0


def level_free_energy(energy: np.ndarray, level: np.float32, config: MfscConfig) -> np.ndarray:
    """The first plane of `remove_level`, bit by bit, of one clip whose level is known: float32 [frames, bands]."""
    free = energy - level
    return np.maximum(free, np.float32(-config.dynamic_range)) if config.dynamic_range else free


def windows_at(planes: tf.Tensor, frames: tf.Tensor, starts: tf.Tensor, config: MfscConfig) -> tf.Tensor:
    """Windows that begin at given frames; beyond a clip's ends its first and last frame repeat.

    Args:
        planes: float32 [batch, frames, bands, 3].
        frames: int32 [batch].
        starts: int32 [batch, windows]; may be negative or past the end.
    Returns:
        float32 [batch, windows, window_frames, bands, 3].
    """
    index = starts[:, :, None] + tf.range(config.window_frames)  # [batch, windows, window_frames]
    index = tf.clip_by_value(index, 0, tf.maximum(frames - 1, 0)[:, None, None])
    return tf.gather(planes, index, batch_dims=1)


def utterance_windows(planes: tf.Tensor, frames: tf.Tensor, config: MfscConfig) -> tuple[tf.Tensor, tf.Tensor]:
    """All windows of each utterance, level-free, `window_hop_frames` apart, and their weights.

    A window counts by the share of its frames that hold voice, so that silence around an utterance does not matter.

    Args:
        planes: float32 [batch, frames, bands, 3], MFSC.
        frames: int32 [batch], the true number of frames of each clip.
    Returns:
        (float32 [batch, windows, window_frames, bands, 3], weights float32 [batch, windows] that sum to 1).
    """
    active = active_frames(planes, frames, config)
    width, hop = config.window_frames, config.window_hop_frames
    count = 1 + tf.maximum(0, tf.shape(planes)[1] - width + hop - 1) // hop
    starts = tf.range(count) * hop
    starts = tf.tile(starts[None, :], [tf.shape(planes)[0], 1])  # [batch, windows]
    real = tf.logical_or(starts == 0, starts + width < frames[:, None] + hop)
    voiced = windows_at(active[:, :, None, None], frames, starts, config)[:, :, :, 0, 0]
    # a repeated last frame is no voice
    beyond = starts[:, :, None] + tf.range(width) >= frames[:, None, None]
    weights = tf.reduce_mean(tf.where(beyond, 0.0, voiced), axis=2) * tf.cast(real, tf.float32)
    weights = weights / tf.maximum(1e-6, tf.reduce_sum(weights, axis=1, keepdims=True))
    return windows_at(remove_level(planes, active, frames, config), frames, starts, config), weights
