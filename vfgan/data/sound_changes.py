"""Log mel energies as other rooms, microphones, lines, levels and bodies would give them: for training only.

Every function takes and gives float32 [batch, frames, bands], log mel energy without the recording's level, and a
stateless seed; `share` is the part of the clips that is changed. Corpora differ in all of this, so a network that hears
each corpus in many sounds cannot tell them apart by their sound.
"""

import math
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.models.augment import split_seed
from vfgan.voice.mfsc import band_centres_hz, hz_to_mel

#: Cosines over the bands of which a random frequency response is made.
RESPONSE_TERMS = 6
#: Echoes reach back this many frames; a context of so many is needed before what is learnt from.
ECHO_FRAMES = 32
#: Energy falls by this in the time that a room is named by: 60 dB, as natural logarithm of power.
_ROOM_FALL = math.log(1e6)
_ROOM_SECONDS = (0.15, 1.0)


def warp(energy: tf.Tensor, factor: tf.Tensor, mfsc: MfscConfig) -> tf.Tensor:
    """Energies as another vocal tract would give them: what was at frequency f is at f times `factor`.

    Vocal tract length perturbation (Jaitly & Hinton, 2013) on the mel axis; as pitch moves along with the formants,
    it is also what playing a recording faster does to its spectrum. Beyond the edges the outermost band repeats.

    Args:
        factor: float32 [batch].
    """
    centre_hz = band_centres_hz(mfsc)
    first_mel, second_mel = hz_to_mel(centre_hz[:2])
    source_hz = tf.constant(centre_hz, tf.float32)[None, :] / factor[:, None]
    source_mel = 2595.0 / math.log(10.0) * tf.math.log1p(source_hz / 700.0)  # `hz_to_mel` of a tensor
    place = (source_mel - first_mel) / (second_mel - first_mel)  # [batch, bands], in bands
    place = tf.clip_by_value(place, 0.0, float(mfsc.mel_bands - 1))
    distance = tf.abs(place[:, None, :] - tf.range(mfsc.mel_bands, dtype=tf.float32)[None, :, None])
    return tf.matmul(energy, tf.nn.relu(1.0 - distance))  # [batch, source band, band]: linear interpolation


def equalise(energy: tf.Tensor, seed: tf.Tensor, reach: float) -> tf.Tensor:
    """A smooth random frequency response: e + sum_k a_k cos(pi k (b + 1/2) / bands), a_k normal with reach / sqrt(k).

    Args:
        reach: deviation of the slowest cosine (1.0 = 4.3 dB).
    """
    batch, bands = energy.shape[0], energy.shape[2]
    order = np.arange(1, RESPONSE_TERMS + 1)
    cosines = np.cos(np.pi * order[:, None] * (np.arange(bands) + 0.5) / bands) / np.sqrt(order)[:, None]
    amount = tf.random.stateless_normal([batch, RESPONSE_TERMS], seed, 0.0, reach)
    return energy + tf.matmul(amount, tf.constant(cosines, tf.float32))[:, None, :]


def reverberate(energy: tf.Tensor, seed: tf.Tensor, share: float, frame_seconds: float) -> tf.Tensor:
    """A room: p(t) + g sum_k d^k p(t - k) on powers; echoes 10 dB below to 3 dB above the direct sound."""
    seeds = split_seed(seed, 3)
    shape = [energy.shape[0], 1, 1]
    low, high = (math.log(seconds) for seconds in _ROOM_SECONDS)
    seconds = tf.exp(tf.random.stateless_uniform(shape, seeds[0], low, high))
    decay = tf.exp(-_ROOM_FALL * frame_seconds / seconds)
    level = tf.exp(tf.random.stateless_uniform(shape, seeds[1], -2.3, 0.7))

    def in_a_room(energy, decay, level):
        power = tf.exp(energy)
        echoes, reach = _later(power, 1), 1
        while reach < ECHO_FRAMES:  # of 1, 2, 4, … frames: each pass doubles how far back they reach
            echoes += decay**reach * _later(echoes, reach)
            reach *= 2
        return tf.math.log(power + level * (1.0 - decay) * echoes + 1e-9)

    return _change_some(in_a_room, share, seeds[2], energy, decay, level)


def _change_some(change: Callable[..., tf.Tensor], share: float, seed: tf.Tensor, energy: tf.Tensor, *others):
    """Changes a share of the clips; for the rest nothing is computed.

    Args:
        change: of the chosen rows of energy and of the others.
        others: [batch, …] each.
    """
    place = tf.where(tf.random.stateless_uniform([energy.shape[0]], seed) < share)  # [chosen, 1]
    chosen = [tf.gather(rows, place[:, 0]) for rows in (energy, *others)]
    return tf.tensor_scatter_nd_update(energy, place, change(*chosen))


def _later(power: tf.Tensor, frames: int) -> tf.Tensor:
    return tf.pad(power, [[0, 0], [frames, 0], [0, 0]])[:, : power.shape[1]]


def add_noise(energy: tf.Tensor, seed: tf.Tensor, share: float) -> tf.Tensor:
    """Steady noise, 4 to 39 dB below the voice, low or high or in some bands as hum is, a little restless."""
    batch, bands = energy.shape[0], energy.shape[2]
    seeds = split_seed(seed, 6)
    level = tf.random.stateless_uniform([batch, 1, 1], seeds[0], -9.0, -1.0)
    tilt = tf.random.stateless_uniform([batch, 1, 1], seeds[1], -2.0, 2.0) * tf.linspace(-1.0, 1.0, bands)
    place = tf.random.stateless_uniform([batch, 1], seeds[4]) ** 2 * bands  # hum is low more often than high
    height = tf.random.stateless_uniform([batch, 1], seeds[5], -4.0, 4.0)  # half of the noises have no such bands
    bump = tf.nn.relu(height) * tf.exp(-tf.square((tf.range(bands, dtype=tf.float32) - place) / 1.5))

    def noisy(energy, spectrum):
        return _sum_of_powers(energy, spectrum + 0.5 * tf.random.stateless_normal(tf.shape(energy), seeds[2]))

    return _change_some(noisy, share, seeds[3], energy, level + tilt + bump[:, None, :])


def add_babble(energy: tf.Tensor, seed: tf.Tensor, share: float) -> tf.Tensor:
    """The voices of the next three clips of the batch at once, 9 to 35 dB below the voice."""
    seeds = split_seed(seed, 2)
    batch = energy.shape[0]
    level = tf.random.stateless_uniform([batch, 1, 1], seeds[0], -8.0, -2.0) - math.log(3.0)

    def among_others(part, level, clip):
        first, second, third = (tf.gather(energy, (clip - back) % batch) for back in (1, 2, 3))
        return _sum_of_powers(part, _sum_of_powers(_sum_of_powers(first, second), third) + level)

    return _change_some(among_others, share, seeds[1], energy, level, tf.range(batch))


def _sum_of_powers(one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """ln(exp(one) + exp(other))."""
    return tf.maximum(one, other) + tf.math.log1p(tf.exp(-tf.abs(one - other)))


def lose_bands(energy: tf.Tensor, seed: tf.Tensor, share: float) -> tf.Tensor:
    """Without the highest bands, up to half of them, and the lowest few: telephones and codecs.

    Beyond either edge the energy falls by 4 (17 dB) a band.
    """
    batch, bands = energy.shape[0], energy.shape[2]
    seeds = split_seed(seed, 3)
    low = tf.random.stateless_uniform([batch, 1], seeds[0], -0.15, 0.175) * bands
    high = tf.random.stateless_uniform([batch, 1], seeds[1], 0.5, 1.0) * bands
    chosen = tf.random.stateless_uniform([batch, 1], seeds[2]) < share
    band = tf.range(bands, dtype=tf.float32)[None, :]
    beyond = tf.nn.relu(low - band) + tf.nn.relu(band - high)  # [batch, bands]
    return energy - 4.0 * tf.where(chosen, beyond, 0.0)[:, None, :]


def compress(energy: tf.Tensor, seed: tf.Tensor, reach: float) -> tf.Tensor:
    """Loud and quiet closer together or further apart: c e, with c log-uniform up to `reach` either way."""
    reach = math.log1p(reach)
    return energy * tf.exp(tf.random.stateless_uniform([energy.shape[0], 1, 1], seed, -reach, reach))
