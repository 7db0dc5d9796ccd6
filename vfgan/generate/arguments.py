"""Arrays as people have them -> those that a model takes, where it is plain what is meant; else an error."""

from typing import Any

import numpy as np

from vfgan.errors import MediaError
from vfgan.media.mono_mix import MonoMix

_MOST_CHANNELS = 8
_FULL_SCALE = {"int16": 2.0**15, "int32": 2.0**31}


def as_waveform(value: Any) -> np.ndarray:
    """A voice as float32 [samples], -1…1.

    Args:
        value: floating, int16 or int32, also as a list; several channels are mixed, first or last axis.
    Raises:
        MediaError: it is none of these, empty, or not finite.

    >>> as_waveform(np.int16([16384, -16384]))
    array([ 0.5, -0.5], dtype=float32)
    """
    array = _array("waveform", value)
    scale = _FULL_SCALE.get(array.dtype.name)
    if array.dtype.kind != "f" and not scale:
        raise MediaError(f"waveform: expected float32 [samples] in -1…1, or int16; received {_told(array)}")
    samples = array.astype(np.float32) / np.float32(scale or 1)
    if samples.ndim == 2 and min(samples.shape) <= _MOST_CHANNELS:
        samples = MonoMix()(samples if len(samples) < samples.shape[1] else samples.T)
    if samples.ndim != 1 or not len(samples):
        raise MediaError(
            f"waveform: expected [samples], or with up to {_MOST_CHANNELS} channels; received {_told(array)}"
        )
    if not np.isfinite(samples).all():
        raise MediaError(f"waveform: expected finite values; sample {np.flatnonzero(~np.isfinite(samples))[0]} is not")
    return np.ascontiguousarray(samples)


def as_pictures(name: str, value: Any) -> np.ndarray:
    """Pictures as uint8 [n, height, width, 3].

    Args:
        name: of the argument, for errors.
        value: one or several; uint8, or floating in 0…1 or 0…255; RGB, RGBA (over white) or grey; also Pillow's.
    Raises:
        MediaError: it is none of these.

    >>> as_pictures("face", np.full((4, 5), 0.5)).shape, as_pictures("face", np.full((4, 5), 0.5))[0, 0, 0]
    ((1, 4, 5, 3), array([128, 128, 128], dtype=uint8))
    """
    array = _array(name, value)
    expected = f"{name}: expected uint8 [n, height, width, 3], or 0…1; received"
    if array.dtype.kind == "f" and array.size and np.isfinite(array).all() and array.min() >= 0 and array.max() <= 255:
        array = np.rint(array * (255 if array.max() <= 1 else 1)).astype(np.uint8)
    if array.dtype != np.uint8 or not array.size or not 2 <= array.ndim <= 4:
        raise MediaError(f"{expected} {_told(array)}")
    if array.ndim == 2 or (array.ndim == 3 and array.shape[-1] not in (1, 3, 4)):
        array = array[..., None]  # grey
    array = array[None] if array.ndim == 3 else array
    if array.shape[-1] == 4:
        share = array[..., 3:].astype(np.float32) / 255
        array = np.rint(array[..., :3] * share + 255 * (1 - share)).astype(np.uint8)
    if array.shape[-1] not in (1, 3):
        raise MediaError(f"{expected} {_told(array)}")
    return np.ascontiguousarray(np.broadcast_to(array, (*array.shape[:-1], 3)))


def _array(name: str, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise MediaError(f"{name}: expected an array, received {type(value).__name__}: {error}") from error
    if array.dtype.kind not in "fiub":
        raise MediaError(f"{name}: expected an array of numbers, received {type(value).__name__}")
    return array


def _told(array: np.ndarray) -> str:
    return f"{array.dtype} {list(array.shape)}" + (f" in {array.min():g}…{array.max():g}" if array.size else "")
