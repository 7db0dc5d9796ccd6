"""Mel-frequency spectral coefficients (MFSC). Building, training and the exported graph share this definition.

MFSC are the log outputs of mel filters. They lack the discrete cosine transform that would make them MFCC. First and
second differences are two further planes: [frames, bands, 3], "as an RGB image" (Abdel-Hamid et al., Convolutional
Neural Networks for Speech Recognition, 2014). The code uses core TensorFlow operations only. A clip's values never
depend on other clips of the batch, nor on the padding after it.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.errors import MediaError

#: A clip so long whose mean is more than this share of its deviation has a constant in it. In the corpora that we have
#: it is 0.043 at most.
_CONSTANT_SECONDS, _CONSTANT_SHARE = 0.5, 0.125


def hz_to_mel(hz):
    """Converts hertz to HTK's mel scale, m = 2595 log10(1 + f / 700)."""
    return 2595.0 * np.log10(1.0 + np.asarray(hz) / 700.0)


def mel_to_hz(mel):
    """Converts HTK's mel scale to hertz.

    >>> round(float(mel_to_hz(hz_to_mel(440.0))), 6)
    440.0
    """
    return 700.0 * (10.0 ** (np.asarray(mel) / 2595.0) - 1.0)


def _filter_edges_hz(config: MfscConfig) -> np.ndarray:
    """Where the triangles begin, peak and end: float64 [mel_bands + 2]."""
    return mel_to_hz(np.linspace(hz_to_mel(config.low_hz), hz_to_mel(config.high_hz), config.mel_bands + 2))


def band_centres_hz(config: MfscConfig) -> np.ndarray:
    """Where the filters peak: float64 [mel_bands], Hz."""
    return _filter_edges_hz(config)[1:-1]


def mel_filters(config: MfscConfig) -> np.ndarray:
    """Triangular filters of peak 1, equally spaced on the HTK mel scale.

    Returns:
        float32 [fft_samples / 2 + 1, mel_bands].
    """
    edges_hz = _filter_edges_hz(config)
    bins_hz = np.linspace(0.0, config.sample_rate_hz / 2, config.fft_samples // 2 + 1)
    rising = (bins_hz[:, None] - edges_hz[None, :-2]) / np.diff(edges_hz)[None, :-1]
    falling = (edges_hz[None, 2:] - bins_hz[:, None]) / np.diff(edges_hz)[None, 1:]
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


def cosine_transform(bands: int) -> np.ndarray:
    """Orthonormal DCT-II, which makes MFCC of MFSC (Davis & Mermelstein, 1980): c_k = sum_b e_b C_bk.

    Returns:
        float32 [bands, bands].
    """
    order, band = np.arange(bands), np.arange(bands)[:, None]
    matrix = np.sqrt(2.0 / bands) * np.cos(np.pi * order * (band + 0.5) / bands)
    matrix[:, 0] = np.sqrt(1.0 / bands)
    return matrix.astype(np.float32)


def hann_window(samples: int) -> np.ndarray:
    """Periodic Hann window, float64 [samples]; tf.signal's is symmetric for an odd number of samples."""
    return 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(samples) / samples)


def num_frames(num_samples: tf.Tensor, config: MfscConfig) -> tf.Tensor:
    """Number of MFSC frames: one for each complete or started group of `hops_per_frame` analysis windows."""
    return tf.maximum(0, frames_of(num_samples, config))


def frames_of(num_samples: Any, config: MfscConfig) -> Any:
    """The same of a number or a tensor, of at least one analysis window."""
    hops = 1 + (num_samples - config.window_samples) // config.hop_samples
    return (hops + config.hops_per_frame - 1) // config.hops_per_frame


def frame_times(frames: int, config: MfscConfig) -> np.ndarray:
    """Times of the middle of each MFSC frame: float32 [frames], seconds from the first sample."""
    middle = (config.hops_per_frame - 1) * config.hop_samples / 2 + config.window_samples / 2
    first = middle / config.sample_rate_hz
    return (first + np.arange(frames) * config.frame_seconds).astype(np.float32)


def constant_of(waveform: tf.Tensor, num_samples: tf.Tensor, config: MfscConfig) -> tf.Tensor:
    """The constant that a poor sound card adds, and that would fill the lowest bands: a clip's mean, if it is large.

    In recordings without one this is 0, so not a bit of them changes. It is a multiple of 1 / 16384, so that no last
    bit of it hangs on the padding.

    Args:
        waveform, num_samples: as of `mfsc`.
    Returns:
        float32 [batch].
    """
    inside = tf.sequence_mask(num_samples, tf.shape(waveform)[1])
    count = tf.cast(tf.maximum(num_samples, 1), tf.float32)
    waveform = tf.where(inside, waveform, 0.0)  # not a product, because the padding may hold NaN
    mean = tf.reduce_sum(waveform, axis=1) / count
    variance = tf.reduce_sum(tf.square(waveform), axis=1) / count - tf.square(mean)
    found = num_samples >= round(_CONSTANT_SECONDS * config.sample_rate_hz)
    found &= tf.square(mean) > _CONSTANT_SHARE**2 * tf.maximum(variance, 0.0)
    return tf.where(found, tf.round(mean * 16384.0) / 16384.0, 0.0)


def log_mel_energy(waveform: tf.Tensor, num_samples: tf.Tensor, config: MfscConfig) -> tf.Tensor:
    """ln(mel energy + floor), averaged over the complete analysis windows of each frame.

    Args:
        waveform: float32 [batch, samples], with any padding after each clip's end.
        num_samples: int32 [batch], the true length of each clip.
    Returns:
        float32 [batch, frames, bands]; frames after a clip's end are 0.
    """
    spectrum = tf.signal.stft(  # [batch, hops, fft / 2 + 1]
        waveform - constant_of(waveform, num_samples, config)[:, None],
        config.window_samples,
        config.hop_samples,
        config.fft_samples,
        window_fn=lambda _, dtype: tf.constant(hann_window(config.window_samples), dtype),
    )
    power = tf.square(tf.math.real(spectrum)) + tf.square(tf.math.imag(spectrum))
    log_mel = tf.math.log(tf.matmul(power, tf.constant(mel_filters(config))) + config.log_floor)
    # mean over groups of k hops; only hops inside the clip count
    hops = tf.shape(log_mel)[1]
    group = config.hops_per_frame
    missing = -hops % group
    inside_hops = 1 + (num_samples - config.window_samples) // config.hop_samples  # [batch]
    inside = tf.range(hops + missing)[None, :] < inside_hops[:, None]  # [batch, hops]
    # not a product, because the padding may hold NaN
    log_mel = tf.where(inside[:, :, None], tf.pad(log_mel, [[0, 0], [0, missing], [0, 0]]), 0.0)
    inside = tf.cast(inside, tf.float32)
    shape = [tf.shape(log_mel)[0], (hops + missing) // group, group]
    total = tf.reduce_sum(tf.reshape(log_mel, [*shape, config.mel_bands]), axis=2)
    return total / tf.maximum(1.0, tf.reduce_sum(tf.reshape(inside, shape), axis=2))[:, :, None]


def difference(planes: tf.Tensor, frames: tf.Tensor, span: int) -> tf.Tensor:
    """Regression slope over +-`span` frames, edges repeated: sum_n n (c[t+n] - c[t-n]) / (2 sum_n n^2).

    Args:
        planes: float32 [batch, frames, bands].
        frames: int32 [batch], the true number of frames of each clip.
    Returns:
        float32 [batch, frames, bands].
    """
    last = tf.maximum(frames - 1, 0)[:, None]  # [batch, 1]
    index = tf.range(tf.shape(planes)[1])[None, :]  # [1, frames]
    slope = tf.zeros_like(planes)
    for n in range(1, span + 1):
        after = tf.gather(planes, tf.minimum(index + n, last), batch_dims=1)
        before = tf.gather(planes, tf.minimum(tf.maximum(index - n, 0), last), batch_dims=1)
        slope += float(n) * (after - before)
    # a product: a quotient has other last bits where Grappler, which makes a product of it, is off (`load_model_once`)
    return slope * (1.0 / (2.0 * sum(n * n for n in range(1, span + 1))))


def with_differences(energy: tf.Tensor, frames: tf.Tensor, span: int) -> tf.Tensor:
    """Adds first and second differences to log energy [batch, frames, bands]: [batch, frames, bands, 3]."""
    first = difference(energy, frames, span)
    return tf.stack([energy, first, difference(first, frames, span)], axis=-1)


def mfsc(waveform: tf.Tensor, num_samples: tf.Tensor, config: MfscConfig) -> tf.Tensor:
    """MFSC of a batch of clips of unequal length.

    Args:
        waveform: float32 [batch, samples], mono, -1…1, at `config.sample_rate_hz`.
        num_samples: int32 [batch], the true length of each clip, at least one analysis window.
    Returns:
        float32 [batch, frames, bands, 3]: log mel energy (natural log), its first and second difference per frame.
        Frames after a clip's `num_frames` are 0.
    """
    energy = log_mel_energy(waveform, num_samples, config)
    frames = num_frames(num_samples, config)
    planes = with_differences(energy, frames, config.delta_span)
    return planes * tf.sequence_mask(frames, tf.shape(planes)[1], tf.float32)[:, :, None, None]


def frame_loudness(energy: tf.Tensor) -> tf.Tensor:
    """ln of the mean mel energy over bands. Bands that are quiet or cut off hardly change it.

    Args:
        energy: float32 [..., bands], log mel energy.
    Returns:
        float32 [...].
    """
    return tf.reduce_logsumexp(energy, axis=-1) - math.log(energy.shape[-1])


def check_length(waveform: np.ndarray, config: MfscConfig) -> None:
    """Checks that a clip has at least one analysis window.

    Raises:
        MediaError: it has fewer samples.
    """
    if len(waveform) < config.window_samples:
        raise MediaError(
            f"the sound has {len(waveform)} samples at {config.sample_rate_hz} Hz: expected at least "
            f"{config.window_samples} ({config.window_ms:g} ms)"
        )


def mfsc_of_waveform(waveform: np.ndarray, config: MfscConfig) -> np.ndarray:
    """MFSC of one clip.

    Args:
        waveform: float32 [samples], mono, -1…1, at `config.sample_rate_hz`.
    Returns:
        float32 [frames, bands, 3].
    Raises:
        MediaError: fewer samples than one analysis window.
    """
    check_length(waveform, config)
    return mfsc_of_waveforms([waveform], config)[0]


def mfsc_of_waveforms(waveforms: Sequence[np.ndarray], config: MfscConfig) -> list[np.ndarray]:
    """MFSC of several clips in one call, which costs less: bit by bit those of each by itself.

    Args:
        waveforms: float32 [samples] each. Where a clip has no analysis window its MFSC are empty.
    Returns:
        float32 [frames, bands, 3] of each.
    """
    lengths = [len(waveform) for waveform in waveforms]
    longest = max(config.window_samples, *lengths)
    if len(waveforms) > 1 and len(waveforms) * longest > _MOST_SAMPLES:  # so that memory stays flat
        return [mfsc_of_waveforms([waveform], config)[0] for waveform in waveforms]
    padded = np.zeros((len(waveforms), longest), np.float32)
    for row, waveform in zip(padded, waveforms):
        row[: len(waveform)] = waveform
    # the graph has 200 operations of microseconds: handing them to threads would take longer than computing them
    with tf.experimental.function_executor_type("SINGLE_THREADED_EXECUTOR"):
        planes, frames = _compiled(config)(tf.constant(padded), tf.constant(lengths))
    return [one[:count] for one, count in zip(planes.numpy(), frames.numpy())]


#: Samples in one call, with padding.
_MOST_SAMPLES = 2_000_000
_functions: dict[MfscConfig, tf.types.experimental.ConcreteFunction] = {}


def _compiled(config: MfscConfig):
    """`mfsc` and `num_frames` as a graph, traced once for each configuration."""
    if config not in _functions:

        @tf.function(
            autograph=False,
            input_signature=[tf.TensorSpec([None, None], tf.float32), tf.TensorSpec([None], tf.int32)],
        )
        def function(waveform, num_samples):
            return mfsc(waveform, num_samples, config), num_frames(num_samples, config)

        _functions[config] = function.get_concrete_function()
    return _functions[config]
