"""What the moment's sound tells of a mouth: log mel energies around each MFSC frame, without level, voice and room."""

import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.voice.mfsc import frame_times
from vfgan.voice.windows import active_frames

#: Energies are raised to this far below the voice's mean in their band (6 = 26 dB): silence is the same everywhere.
SILENCE = -6.0


def band_free_energy(planes: tf.Tensor, frames: tf.Tensor, config: MfscConfig) -> tf.Tensor:
    """max(e - mean of the band over the active frames, SILENCE).

    Level, spectrum of the voice and response of the microphone add the same to all frames of a band: none of them
    remains (cepstral mean subtraction, Atal, 1974).

    Args:
        planes: float32 [batch, frames, bands, 3], MFSC.
        frames: int32 [batch], the true number of frames of each clip.
    Returns:
        float32 [batch, frames, bands].
    """
    energy = planes[..., 0]
    active = active_frames(planes, frames, config)[:, :, None]  # [batch, frames, 1]
    mean = tf.reduce_sum(energy * active, axis=1, keepdims=True) / tf.maximum(1.0, tf.reduce_sum(active, 1, True))
    return tf.maximum(energy - mean, SILENCE)


def around(energy: tf.Tensor, place: tf.Tensor, first: tf.Tensor, last: tf.Tensor, context: int) -> tf.Tensor:
    """Frames from `context` before a place to `context` behind it; beyond a clip's ends there is silence.

    Args:
        energy: float32 [frames, bands], of one clip or of many behind one another.
        place, first, last: int32 [n], frames: the middle of each window, and the ends of its clip.
    Returns:
        float32 [n, 2 context + 1, bands].
    """
    index = place[:, None] + tf.range(-context, context + 1)  # [n, 2 context + 1]
    inside = (index >= first[:, None]) & (index <= last[:, None])
    found = tf.gather(energy, tf.clip_by_value(index, first[:, None], last[:, None]))
    return tf.where(inside[:, :, None], found, SILENCE)


def around_each(planes: tf.Tensor, context: int, config: MfscConfig) -> tf.Tensor:
    """What is heard around each frame of one utterance: float32 [frames, 2 context + 1, bands].

    Args:
        planes: float32 [1, frames, bands, 3], MFSC.
    """
    frames = tf.shape(planes)[1]
    energy = band_free_energy(planes, frames[None], config)[0]
    return around(energy, tf.range(frames), tf.zeros([frames], tf.int32), tf.fill([frames], frames - 1), context)


def at_times(values: tf.Tensor, times: tf.Tensor, config: MfscConfig) -> tf.Tensor:
    """Values of each MFSC frame at given times: linear between frames, constant before the first and after the last.

    Args:
        values: float32 [frames, n].
        times: float32 [times], seconds from the first sample.
    Returns:
        float32 [times, n].
    """
    last = tf.shape(values)[0] - 1
    place = (times - float(frame_times(1, config)[0])) / config.frame_seconds
    place = tf.clip_by_value(place, 0.0, tf.cast(last, tf.float32))
    before = tf.cast(tf.floor(place), tf.int32)
    part = (place - tf.floor(place))[:, None]
    return (1.0 - part) * tf.gather(values, before) + part * tf.gather(values, tf.minimum(before + 1, last))
