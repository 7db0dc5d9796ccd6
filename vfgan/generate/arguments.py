"""Paths and pictures as people have them -> those that are taken, where it is plain what is meant; else an error."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from vfgan.errors import ConfigError, MediaError
from vfgan.media.images import Picture, of_pillow
from vfgan.voice.samples import as_numbers, told


def is_path(value: Any) -> bool:
    """Whether a file is named."""
    return isinstance(value, str | os.PathLike)


def as_path(name: str, value: Any) -> Path:
    """The path of a file.

    Raises:
        ConfigError: it is none; `name` is the argument.
    """
    if not is_path(value) or isinstance(os.fspath(value), bytes):
        raise ConfigError(f"{name}: expected a path, received {type(value).__name__}")
    return Path(value)


def check_kept(out: Path, **inputs: Any) -> None:
    """Checks that an output is none of the inputs, which are paths or something else.

    Raises:
        ConfigError: it would overwrite one.
    """
    for name, value in inputs.items():
        if is_path(value) and out.resolve() == Path(value).resolve():
            raise ConfigError(f"{out} would overwrite the file of {name}; choose another name")


def as_picture(name: str, value: Any) -> Picture:
    """One picture, with what of it is transparent.

    Args:
        name: of the argument, for errors.
        value: as for `as_pictures`, but one; Pillow's is turned upright and converted to sRGB.
    Raises:
        MediaError: it is none, or several.
    """
    from PIL import Image

    if isinstance(value, Image.Image):
        return of_pillow(value, name)
    pictures = _channels_last(name, value)
    if len(pictures) != 1:
        raise MediaError(f"{name}: expected one picture, uint8 [height, width, 3]; received {told(np.asarray(value))}")
    (picture,) = pictures
    rgb = np.ascontiguousarray(np.broadcast_to(picture[..., :3], (*picture.shape[:2], 3)))
    alpha = picture[..., 3] if picture.shape[-1] == 4 else None
    return Picture(rgb, None if alpha is None or (alpha == 255).all() else alpha)


def as_pictures(name: str, value: Any) -> np.ndarray:
    """Pictures as uint8 [n, height, width, 3].

    Args:
        name: of the argument, for errors.
        value: one or several; uint8, integers of 0…255, or floating in 0…1 or 0…255; RGB, RGBA (over white) or grey;
            also Pillow's.
    Raises:
        MediaError: it is none of these.

    >>> as_pictures("face", np.full((4, 5), 0.5)).shape, as_pictures("face", np.full((4, 5), 0.5))[0, 0, 0]
    ((1, 4, 5, 3), array([128, 128, 128], dtype=uint8))
    """
    from PIL import Image

    if isinstance(value, Image.Image):
        return of_pillow(value, name).over_white()[None]
    array = _channels_last(name, value)
    if array.shape[-1] == 4:
        array = np.stack([Picture(picture[..., :3], picture[..., 3]).over_white() for picture in array])
    return np.ascontiguousarray(np.broadcast_to(array, (*array.shape[:-1], 3)))


def _channels_last(name: str, value: Any) -> np.ndarray:
    """Pictures as uint8 [n, height, width, 1, 3 or 4]."""
    array = as_numbers(name, value)
    expected = f"{name}: expected uint8 [n, height, width, 3], or 0…1; received"
    if not array.size or not 2 <= array.ndim <= 4:
        raise MediaError(f"{expected} {told(array)}")
    if array.dtype != np.uint8:
        within = array.dtype.kind in "fiu" and np.isfinite(array).all() and array.min() >= 0 and array.max() <= 255
        if not within:
            raise MediaError(f"{expected} {told(array)}")
        scale = 255 if array.dtype.kind == "f" and array.max() <= 1 else 1
        array = np.rint(array * scale).astype(np.uint8)
    if array.ndim == 2 or (array.ndim == 3 and array.shape[-1] not in (1, 3, 4)):
        array = array[..., None]  # grey
    array = array[None] if array.ndim == 3 else array
    if array.shape[-1] not in (1, 3, 4):
        raise MediaError(f"{expected} {told(np.asarray(value))}")
    return array
