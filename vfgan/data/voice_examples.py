"""Training examples of the extractor: windows of MFSC, balanced over corpora, emotions and people, augmented."""

import math

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.data import sound_changes
from vfgan.data.chances import clip_chances, clip_labels
from vfgan.data.mean_spectra import MeanSpectra
from vfgan.data.sampling import Epochs, draw_by_chance, step_dataset
from vfgan.data.voice_set import Gatherer, Voices
from vfgan.errors import MediaError
from vfgan.models.augment import split_seed
from vfgan.models.extractor import Extractor
from vfgan.storage.graph_errors import python_errors
from vfgan.voice.mfsc import difference
from vfgan.voice.windows import windows_at

#: Steps on whose windows the scale of the network's input is measured.
MEASURED_STEPS = 50
#: A window that is cut short keeps at least this share of its frames.
LEAST_CUT = 0.4


def window_dataset(
    voices: Voices, mfsc: MfscConfig, config: ExtractorConfig, start: int | Epochs, stop: int
) -> tf.data.Dataset:
    """Batches (windows float32 [batch, window_frames, bands, 3], labels float32 [batch, 8]) of some steps.

    A window begins anywhere such that at least half of it lies between the first and the last active frame. Labels are
    as `vfgan.data.chances.clip_labels` says.
    """
    if not len(voices):
        raise MediaError("there is nothing to learn from: the data set has no such examples in training")
    first, last = _voiced_spans(voices)
    energies, lengths = voices.energy_gatherer(), tf.constant(np.diff(voices.starts))
    cumulative = tf.constant(np.cumsum(clip_chances(voices, config.corpus_power)), tf.float32)
    labels, spectra = tf.constant(clip_labels(voices)), MeanSpectra(voices, config)
    half, count = mfsc.window_frames // 2, config.train.batch_size

    def batch(seed):
        seeds = split_seed(seed, 7)
        clip = draw_by_chance(seeds[0], cumulative, count)
        low = tf.gather(first, clip) - half
        high = tf.maximum(tf.gather(last, clip) - half, low)  # whole window, or as much as there is
        share = tf.random.stateless_uniform([count], seeds[1])
        starts = low + tf.cast(share * tf.cast(high - low + 1, tf.float32), tf.int32)
        starts = tf.maximum(0, tf.minimum(starts, tf.gather(lengths, clip) - mfsc.window_frames))
        span = _cut_span(starts, tf.gather(lengths, clip), seeds[2], mfsc, config)
        energy, ends = _stretch(energies, clip, starts, span, seeds[3], mfsc, config)
        energy += spectra.draw_changes(clip, seeds[6])
        windows = _cut(_sound(energy, seeds[4], mfsc, config), ends, mfsc)
        return _change(windows, seeds[5], config), tf.gather(labels, clip)

    return step_dataset(batch, start, stop, config.train.seed)


def every_window(voices: Voices, mfsc: MfscConfig, batch_size: int) -> tf.data.Dataset:
    """Batches (windows float32 [batch, window_frames, bands, 3], labels float32 [batch, 8]) of all windows that hold
    voice, as they are, clip by clip: for scores."""
    labels = tf.constant(clip_labels(voices))
    begins = [_voiced_windows(voices.active[a:b], mfsc) for a, b in zip(voices.starts[:-1], voices.starts[1:])]

    def of_clip(clip):
        planes = tf.numpy_function(lambda index: voices.clip(int(index)), [clip], tf.float32)
        starts = tf.numpy_function(lambda index: begins[int(index)], [clip], tf.int32)
        planes, starts = tf.ensure_shape(planes, [None, mfsc.mel_bands, 3]), tf.ensure_shape(starts, [None])
        windows = windows_at(planes[None], tf.shape(planes)[:1], starts[None], mfsc)[0]
        return windows, tf.repeat(labels[clip][None], tf.size(starts), axis=0)

    clips = tf.data.Dataset.range(len(voices)).map(of_clip, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    batches = -(-sum(map(len, begins)) // batch_size)
    return clips.unbatch().batch(batch_size).apply(tf.data.experimental.assert_cardinality(batches)).prefetch(2)


def _voiced_windows(active: np.ndarray, mfsc: MfscConfig) -> np.ndarray:
    """First frames of an utterance's windows that hold voice: int32 [windows].

    Args:
        active: bool [frames].
    """
    last = max(0, len(active) - mfsc.window_frames + mfsc.window_hop_frames - 1)
    starts = np.arange(0, last + 1, mfsc.window_hop_frames, dtype=np.int32)
    return starts[[bool(active[start : start + mfsc.window_frames].any()) for start in starts]]


def measure_windows(extractor: Extractor, dataset: tf.data.Dataset) -> None:
    """Sets the scale of the network's input: mean and deviation of each band of windows as they are learnt from."""
    bands = extractor.settings["bands"]
    with python_errors():
        seen = [np.asarray(extractor.seen(windows)).reshape(-1, bands, 3) for windows, _ in dataset]
    extractor.standardise.measure(np.concatenate(seen))


def context_frames(mfsc: MfscConfig) -> tuple[int, int]:
    """Frames before and behind a window that what is in it depends on: echoes and differences."""
    return sound_changes.ECHO_FRAMES // 2 + 2 * mfsc.delta_span, 2 * mfsc.delta_span


def _cut_span(starts, lengths, seed, mfsc: MfscConfig, config: ExtractorConfig) -> tuple[tf.Tensor, tf.Tensor]:
    """First and last frame of the recording: the clip's, or in some clips a piece shorter than the window.

    int32 [batch] each.
    """
    seeds = split_seed(seed, 2)
    kept = tf.random.stateless_uniform(starts.shape, seeds[0], LEAST_CUT, 1.0) * mfsc.window_frames
    stop = tf.minimum(starts + tf.cast(kept, tf.int32), lengths)
    chosen = tf.random.stateless_uniform(starts.shape, seeds[1]) < config.cut_share
    return tf.where(chosen, starts, 0), tf.where(chosen, stop, lengths) - 1


def _stretch(energies: Gatherer, clip, starts, span, seed, mfsc: MfscConfig, config: ExtractorConfig):
    """Windows with their context, faster or slower by up to `tempo_range`; beyond the span's ends its frames repeat.

    Returns:
        (float32 [batch, frames, bands]; int32 [batch, 1] twice: the first and the last frame that is no repetition).
    """
    before, behind = context_frames(mfsc)
    reach, half = math.log1p(config.tempo_range), mfsc.window_frames / 2
    tempo = tf.exp(tf.random.stateless_uniform([*starts.shape, 1], seed, -reach, reach))
    low, high = (tf.cast(end, tf.float32)[:, None] for end in span)
    middle = tf.cast(starts, tf.float32)[:, None] + half
    frames = before + mfsc.window_frames + behind
    place = middle + tempo * (tf.range(frames, dtype=tf.float32) - before - half)  # [batch, frames]
    place = tf.clip_by_value(place, low, high)
    first = tf.cast(tf.math.ceil((low - middle) / tempo - 1e-4 + half), tf.int32) + before
    last = tf.cast(tf.floor((high - middle) / tempo + 1e-4 + half), tf.int32) + before
    below = tf.cast(tf.floor(place), tf.int32)
    above = tf.minimum(below + 1, span[1][:, None])
    one, other = energies(clip, below, above)
    energy = one + (place - tf.floor(place))[:, :, None] * (other - one)
    return energy, (tf.clip_by_value(first, 0, frames - 1), tf.clip_by_value(last, 0, frames - 1))


def _sound(energy: tf.Tensor, seed: tf.Tensor, mfsc: MfscConfig, config: ExtractorConfig) -> tf.Tensor:
    """Another body, room, microphone and line, in the order in which sound meets them."""
    seeds = split_seed(seed, 7)
    if config.warp_range:
        reach = math.log1p(config.warp_range)
        factor = tf.exp(tf.random.stateless_uniform([energy.shape[0]], seeds[0], -reach, reach))
        energy = sound_changes.warp(energy, factor, mfsc)
    if config.compression_range:
        energy = sound_changes.compress(energy, seeds[1], config.compression_range)
    if config.babble_share:
        energy = sound_changes.add_babble(energy, seeds[2], config.babble_share)
    if config.room_share:
        energy = sound_changes.reverberate(energy, seeds[3], config.room_share, mfsc.frame_seconds)
    if config.response_range:
        energy = sound_changes.equalise(energy, seeds[4], config.response_range)
    if config.noise_share:
        energy = sound_changes.add_noise(energy, seeds[5], config.noise_share)
    if config.band_share:
        energy = sound_changes.lose_bands(energy, seeds[6], config.band_share)
    return tf.maximum(energy, -mfsc.dynamic_range) if mfsc.dynamic_range else energy


def _cut(energy: tf.Tensor, ends, mfsc: MfscConfig) -> tf.Tensor:
    """The windows without their context, with differences: float32 [batch, window_frames, bands, 3].

    Frames beyond the ends repeat with their differences, as `vfgan.voice.windows.windows_at` repeats them.
    """
    before, _ = context_frames(mfsc)
    frames = tf.fill([energy.shape[0]], energy.shape[1])
    place = tf.minimum(tf.maximum(tf.range(energy.shape[1])[None, :], ends[0]), ends[1])
    first = tf.gather(difference(energy, frames, mfsc.delta_span), place, batch_dims=1)
    second = tf.gather(difference(first, frames, mfsc.delta_span), place, batch_dims=1)
    return tf.stack([energy, first, second], axis=-1)[:, before : before + mfsc.window_frames]


def _change(windows: tf.Tensor, seed: tf.Tensor, config: ExtractorConfig) -> tf.Tensor:
    """Gain, spectral tilt, and masks over time and frequency (SpecAugment, Park et al., 2019)."""
    batch, frames, bands = windows.shape[0], windows.shape[1], windows.shape[2]
    seeds = split_seed(seed, 4)
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


def _voiced_spans(voices: Voices) -> tuple[tf.Tensor, tf.Tensor]:
    """First and last active frame of each clip: int32 [clips]."""
    heard, begin = np.flatnonzero(voices.active), voices.starts[:-1]
    first = heard[np.searchsorted(heard, begin)] - begin
    last = heard[np.searchsorted(heard, voices.starts[1:]) - 1] - begin
    return tf.constant(first, tf.int32), tf.constant(last, tf.int32)
