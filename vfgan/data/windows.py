"""Training examples of the extractor: windows of MFSC, balanced over emotions, changed at random."""

import tensorflow as tf

from vfgan.config import ExtractorConfig, MfscConfig
from vfgan.data.draw import Groups, split_seed, step_dataset
from vfgan.data.records import Voices
from vfgan.emotions import EMOTIONS
from vfgan.utterance import windows_at


def window_dataset(voices: Voices, mfsc: MfscConfig, config: ExtractorConfig, start: int, stop: int) -> tf.data.Dataset:
    """Batches (windows float32 [batch, window_frames, bands, 3], labels float32 [batch, 8]) of some steps.

    A window begins anywhere such that at least half of it lies between the first and the last active frame.
    """
    first, last = _voiced_spans(voices)
    lengths = tf.constant(voices.starts[1:] - voices.starts[:-1])
    longest = int(tf.reduce_max(lengths))
    begin, planes = tf.constant(voices.starts[:-1]), tf.constant(voices.planes)
    emotion, groups = tf.constant(voices.emotion), Groups(voices.emotion, len(EMOTIONS))
    half = mfsc.window_frames // 2

    def batch(seed):
        seeds = split_seed(seed, 8)
        clip = groups.draw_members(seeds[1], groups.draw_groups(seeds[0], config.train.batch_size))
        low = tf.gather(first, clip) - half
        high = tf.maximum(tf.gather(last, clip) - half, low)  # whole window, or as much as there is
        share = tf.random.stateless_uniform([config.train.batch_size], seeds[2])
        starts = low + tf.cast(share * tf.cast(high - low + 1, tf.float32), tf.int32)
        starts = tf.maximum(0, tf.minimum(starts, tf.gather(lengths, clip) - mfsc.window_frames))
        index = tf.minimum(tf.gather(begin, clip)[:, None] + tf.range(longest), len(voices.planes) - 1)
        clips = tf.gather(planes, index)  # [batch, longest, bands, 3]
        windows = windows_at(clips, tf.gather(lengths, clip), starts[:, None], mfsc)[:, 0]
        return _change(windows, seeds[3:], config), tf.one_hot(tf.gather(emotion, clip), len(EMOTIONS))

    return step_dataset(batch, start, stop, config.train.seed)


def _voiced_spans(voices: Voices) -> tuple[tf.Tensor, tf.Tensor]:
    """First and last active frame of each clip: int32 [clips]."""
    spans = []
    for start, stop in zip(voices.starts[:-1], voices.starts[1:]):
        heard = voices.active[start:stop].nonzero()[0]
        spans.append((heard[0], heard[-1]))
    return tf.constant([s[0] for s in spans], tf.int32), tf.constant([s[1] for s in spans], tf.int32)


def _change(windows: tf.Tensor, seeds: list[tf.Tensor], config: ExtractorConfig) -> tf.Tensor:
    """Gain, spectral tilt, and masks over time and frequency (SpecAugment, Park et al., 2019)."""
    batch, frames, bands = windows.shape[0], windows.shape[1], windows.shape[2]
    gain = tf.random.stateless_uniform([batch, 1, 1], seeds[0], -config.gain_range, config.gain_range)
    tilt = tf.random.stateless_uniform([batch, 1, 1], seeds[1], -1.0, 1.0) * tf.linspace(-1.0, 1.0, bands)
    windows += tf.stack([gain + tilt, tf.zeros_like(tilt), tf.zeros_like(tilt)], axis=-1)
    keep = (
        _mask(seeds[2], batch, frames, config.mask_frames)[:, :, None]
        * (_mask(seeds[3], batch, bands, config.mask_bands)[:, None, :])
    )
    mean = tf.reduce_mean(windows, axis=(1, 2), keepdims=True)
    return mean + (windows - mean) * keep[..., None]


def _mask(seed: tf.Tensor, batch: int, size: int, longest: int) -> tf.Tensor:
    """0 in one random run of up to `longest`, else 1: float32 [batch, size]."""
    seeds = split_seed(seed, 2)
    length = tf.random.stateless_uniform([batch, 1], seeds[0], 0, longest + 1, tf.int32)
    start = tf.random.stateless_uniform([batch, 1], seeds[1], 0, size, tf.int32)
    place = tf.range(size)[None, :]
    return 1.0 - tf.cast((place >= start) & (place < start + length), tf.float32)
