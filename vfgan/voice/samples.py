"""Samples as people have them -> those that are heard, where it is plain what is meant; else an error."""

import numbers
from typing import Any

import numpy as np

from vfgan.errors import MediaError
from vfgan.voice.mono_mix import MonoMix

_MOST_CHANNELS = 8
_FULL_SCALE = {"int16": 2.0**15, "int32": 2.0**31}
_MOST_LEVEL = 100.0  #: floating samples beyond this are no sound of -1…1 that is a little too loud
_MOST_RATE_HZ = 768_000


def as_waveform(value: Any) -> np.ndarray:
    """A voice as float32 [samples], -1…1.

    Args:
        value: floating, int16 or int32, also as a list; several channels are mixed, first or last axis.
    Raises:
        MediaError: it is none of these, empty, or not finite.

    >>> as_waveform(np.int16([16384, -16384]))
    array([ 0.5, -0.5], dtype=float32)
    """
    return np.ascontiguousarray(MonoMix()(as_channels("waveform", value)))


def as_sound(name: str, value: Any, rate_hz: int) -> tuple[np.ndarray, int]:
    """A sound and its rate.

    Args:
        name: of the argument, for errors.
        value: samples as `as_waveform` takes them, or a pair of samples and their rate in Hz, in either order.
        rate_hz: of samples that come alone.
    Returns:
        (float32 [channels, samples], -1…1; rate in Hz).
    Raises:
        MediaError: it is none of these.

    >>> as_sound("voice", ([0.5, -0.5], 8_000), 16_000)[1], as_sound("voice", [0.5, -0.5], 16_000)[1]
    (8000, 16000)
    """
    if isinstance(value, tuple | list) and len(value) == 2 and np.isscalar(value[0]) != np.isscalar(value[1]):
        rate, value = value if np.isscalar(value[0]) else value[::-1]
        number = float(rate) if isinstance(rate, numbers.Real) else 0.0
        if not 1 <= number <= _MOST_RATE_HZ or number % 1:
            raise MediaError(f"{name}: expected a rate of 1 to {_MOST_RATE_HZ} Hz beside the samples; received {rate}")
        rate_hz = round(number)
    return as_channels(name, value), rate_hz


def as_channels(name: str, value: Any) -> np.ndarray:
    """A sound as float32 [channels, samples], -1…1; see `as_waveform`.

    Raises:
        MediaError: it is none; `name` is the argument.
    """
    array = as_numbers(name, value)
    scale = _FULL_SCALE.get(array.dtype.name)
    if array.dtype.kind != "f" and not scale:
        raise MediaError(f"{name}: expected float32 [samples] in -1…1, or int16; received {told(array)}")
    samples = array.astype(np.float32) / np.float32(scale or 1)
    if samples.ndim == 1:
        samples = samples[None]
    elif samples.ndim == 2 and min(samples.shape) <= _MOST_CHANNELS:
        samples = samples if len(samples) < samples.shape[1] else samples.T
    else:
        raise MediaError(f"{name}: expected [samples], or with up to {_MOST_CHANNELS} channels; received {told(array)}")
    if not samples.size:
        raise MediaError(f"{name}: expected samples; received {told(array)}")
    if not np.isfinite(samples).all():
        raise MediaError(
            f"{name}: expected finite values; sample {np.flatnonzero(~np.isfinite(samples).all(axis=0))[0]} is not"
        )
    if np.abs(samples).max() > _MOST_LEVEL:
        raise MediaError(f"{name}: expected -1…1, received {told(array)}: divide samples of 16 bits by 32768")
    return samples


def as_numbers(name: str, value: Any) -> np.ndarray:
    """What is given as an array of numbers.

    Raises:
        MediaError: it is none; `name` is the argument.
    """
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise MediaError(f"{name}: expected an array, received {type(value).__name__}: {error}") from error
    if array.dtype.kind not in "fiub":
        raise MediaError(f"{name}: expected an array of numbers, received {type(value).__name__}")
    return array


def told(array: np.ndarray) -> str:
    """Type, shape and range of an array, for errors.

    >>> told(np.float32([0, 0.5]))
    'float32 [2] in 0…0.5'
    """
    return f"{array.dtype} {list(array.shape)}" + (f" in {array.min():g}…{array.max():g}" if array.size else "")
