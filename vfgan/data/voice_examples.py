"""Training examples of the extractor: windows of MFSC, balanced over emotions, changed at random."""

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.data.sampling import GroupSampler, step_dataset
from vfgan.data.voice_set import Voices
from vfgan.emotions import EMOTIONS
from vfgan.models.augment import split_seed
from vfgan.voice.mfsc import hz_to_mel, mel_to_hz, with_differences
from vfgan.voice.windows import windows_at


def window_dataset(voices: Voices, mfsc: MfscConfig, config: ExtractorConfig, start: int, stop: int) -> tf.data.Dataset:
    """Batches (windows float32 [batch, window_frames, bands, 3], labels float32 [batch, 8]) of some steps.

    A window begins anywhere such that at least half of it lies between the first and the last active frame.
    """
    first, last = _voiced_spans(voices)
    lengths = tf.constant(voices.starts[1:] - voices.starts[:-1])
    longest = int(tf.reduce_max(lengths))
    begin, planes = tf.constant(voices.starts[:-1]), tf.constant(voices.planes)
    emotion, groups = tf.constant(voices.emotion), GroupSampler(voices.emotion, len(EMOTIONS))
    half = mfsc.window_frames // 2

    def batch(seed):
        seeds = split_seed(seed, 11)
        clip = groups.draw_members(seeds[1], groups.draw_groups(seeds[0], config.train.batch_size))
        low = tf.gather(first, clip) - half
        high = tf.maximum(tf.gather(last, clip) - half, low)  # whole window, or as much as there is
        share = tf.random.stateless_uniform([config.train.batch_size], seeds[2])
        starts = low + tf.cast(share * tf.cast(high - low + 1, tf.float32), tf.int32)
        starts = tf.maximum(0, tf.minimum(starts, tf.gather(lengths, clip) - mfsc.window_frames))
        index = tf.minimum(tf.gather(begin, clip)[:, None] + tf.range(longest), len(voices.planes) - 1)
        clips, frames = tf.gather(planes, index), tf.gather(lengths, clip)  # [batch, longest, bands, 3]
        if config.noise_share or config.band_share:
            energy = lose_bands(add_noise(clips[..., 0], seeds[9], config.noise_share), seeds[10], config.band_share)
            energy = tf.maximum(energy, -mfsc.dynamic_range) if mfsc.dynamic_range else energy
            clips = with_differences(energy, frames, mfsc.delta_span)
        windows = windows_at(clips, frames, starts[:, None], mfsc)[:, 0]
        if config.warp_range:
            windows = warp(windows, _factors(seeds[7], config), mfsc)
        labels = tf.one_hot(tf.gather(emotion, clip), len(EMOTIONS))
        return mix(_change(windows, seeds[3:7], config), labels, seeds[8], config.mix_share)

    return step_dataset(batch, start, stop, config.train.seed)


def add_noise(energy: tf.Tensor, seed: tf.Tensor, share: float) -> tf.Tensor:
    """Log energies with steady noise in some clips, 4 to 39 dB below the voice, low or high, a little restless.

    Args:
        energy: float32 [batch, frames, bands], log mel energy without the recording's level.
        share: of the clips this is done to.
    Returns:
        float32, like `energy`.
    """
    batch, bands = energy.shape[0], energy.shape[2]
    seeds = split_seed(seed, 4)
    level = tf.random.stateless_uniform([batch, 1, 1], seeds[0], -9.0, -1.0)
    tilt = tf.random.stateless_uniform([batch, 1, 1], seeds[1], -2.0, 2.0) * tf.linspace(-1.0, 1.0, bands)
    noise = level + tilt + 0.5 * tf.random.stateless_normal(tf.shape(energy), seeds[2])
    chosen = tf.random.stateless_uniform([batch, 1, 1], seeds[3]) < share
    return tf.where(chosen, tf.reduce_logsumexp(tf.stack([energy, noise]), axis=0), energy)


def lose_bands(energy: tf.Tensor, seed: tf.Tensor, share: float) -> tf.Tensor:
    """Log energies without the highest bands, up to half of them, and the lowest few, in some clips.

    Beyond either edge the energy falls by 4 (17 dB) a band.

    Args:
        energy: float32 [batch, frames, bands].
        share: of the clips this is done to.
    Returns:
        float32, like `energy`.
    """
    batch, bands = energy.shape[0], energy.shape[2]
    seeds = split_seed(seed, 3)
    low = tf.random.stateless_uniform([batch, 1], seeds[0], -0.15, 0.175) * bands
    high = tf.random.stateless_uniform([batch, 1], seeds[1], 0.5, 1.0) * bands
    chosen = tf.random.stateless_uniform([batch, 1], seeds[2]) < share
    band = tf.range(bands, dtype=tf.float32)[None, :]
    beyond = tf.nn.relu(low - band) + tf.nn.relu(band - high)  # [batch, bands]
    return energy - 4.0 * tf.where(chosen, beyond, 0.0)[:, None, :]


def _voiced_spans(voices: Voices) -> tuple[tf.Tensor, tf.Tensor]:
    """First and last active frame of each clip: int32 [clips]."""
    spans = []
    for start, stop in zip(voices.starts[:-1], voices.starts[1:]):
        heard = voices.active[start:stop].nonzero()[0]
        spans.append((heard[0], heard[-1]))
    return tf.constant([s[0] for s in spans], tf.int32), tf.constant([s[1] for s in spans], tf.int32)


def _factors(seed: tf.Tensor, config: ExtractorConfig) -> tf.Tensor:
    """Random factors of frequency: float32 [batch], log-uniform."""
    reach = tf.math.log1p(tf.constant(config.warp_range))
    return tf.exp(tf.random.stateless_uniform([config.train.batch_size], seed, -reach, reach))


def warp(windows: tf.Tensor, factor: tf.Tensor, mfsc: MfscConfig) -> tf.Tensor:
    """Windows as another vocal tract would give them: what was at frequency f is at f times `factor`.

    Vocal tract length perturbation (Jaitly & Hinton, 2013) on the mel axis; as pitch moves along with the formants,
    it is also what playing a recording faster does to its spectrum. Beyond the edges the outermost band repeats.

    Args:
        windows: float32 [batch, window_frames, bands, 3].
        factor: float32 [batch].
    Returns:
        float32, like `windows`.
    """
    edges_mel = np.linspace(hz_to_mel(mfsc.low_hz), hz_to_mel(mfsc.high_hz), mfsc.mel_bands + 2)
    centre_hz = tf.constant(mel_to_hz(edges_mel[1:-1]), tf.float32)  # [bands]
    source_mel = 2595.0 / tf.math.log(10.0) * tf.math.log1p(centre_hz[None, :] / factor[:, None] / 700.0)
    place = (source_mel - edges_mel[1]) / (edges_mel[1] - edges_mel[0])  # [batch, bands], in bands
    place = tf.clip_by_value(place, 0.0, float(mfsc.mel_bands - 1))
    low = tf.minimum(tf.cast(place, tf.int32), mfsc.mel_bands - 2)
    share = (place - tf.cast(low, tf.float32))[:, :, None, None]
    by_band = tf.transpose(windows, [0, 2, 1, 3])  # [batch, bands, window_frames, 3]
    warped = tf.gather(by_band, low, batch_dims=1) * (1.0 - share) + tf.gather(by_band, low + 1, batch_dims=1) * share
    return tf.transpose(warped, [0, 2, 1, 3])


def mix(windows: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor, share: float) -> tuple[tf.Tensor, tf.Tensor]:
    """Each example with up to `share` of its neighbour in the batch, and of its label (mixup, Zhang et al., 2018)."""
    if not share:
        return windows, labels
    part = tf.random.stateless_uniform([windows.shape[0]], seed, 0.0, share)
    windows += part[:, None, None, None] * (tf.roll(windows, 1, axis=0) - windows)
    return windows, labels + part[:, None] * (tf.roll(labels, 1, axis=0) - labels)


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
