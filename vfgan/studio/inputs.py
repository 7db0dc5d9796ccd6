"""Checks a visitor's inputs before work begins, and words errors with the visitor's file names."""

import dataclasses
from pathlib import Path

import numpy as np

from vfgan.errors import ConfigError, MediaError, NoFaceError, VfganError
from vfgan.face.finder import FaceFinder
from vfgan.generate.voice_face import MAX_INTENSITY, VoiceFace
from vfgan.media.images import read_image
from vfgan.media.kinds import kind_of_face
from vfgan.media.video import probe_video, read_frames
from vfgan.studio.config import StudioConfig

_LOOK_SECONDS = 0.2  #: interval between two frames of footage that are searched for a face


@dataclasses.dataclass(frozen=True)
class GivenFile:
    """A file that a visitor sent."""

    path: Path
    name: str  #: the visitor's file name


@dataclasses.dataclass(frozen=True)
class Order:
    """A visitor's inputs and choices."""

    voice: GivenFile | None
    face: GivenFile | None
    model: str
    intensity: float


def check_order(order: Order, models: tuple[str, ...]) -> tuple[GivenFile, GivenFile]:
    """Checks that nothing is missing; returns voice and face.

    Raises:
        ConfigError: voice or face is missing, or a choice is not on offer.
    """
    if order.voice is None:
        raise ConfigError("There is no voice yet: drop or record one under 1.")
    if order.face is None:
        raise ConfigError("There is no face yet: drop a photo or footage, or use the camera, under 2.")
    if order.model not in models:
        raise ConfigError(f"There is no model {order.model!r}: expected one of {', '.join(models)}.")
    if not isinstance(order.intensity, int | float) or not 0 <= order.intensity <= MAX_INTENSITY:
        raise ConfigError(f"Strength: expected 0 to {MAX_INTENSITY:g}, got {order.intensity!r}.")
    return order.voice, order.face


def load_voice(model: VoiceFace, voice: GivenFile, config: StudioConfig) -> np.ndarray:
    """Loads the voice at the model's sample rate: float32 [samples].

    Raises:
        MediaError: it is unreadable, silent, too short or too long.
    """
    waveform = model.load_voice(voice.path)
    seconds = len(waveform) / model.mfsc.sample_rate_hz
    if seconds > config.max_voice_seconds:
        raise MediaError(
            f"{voice.name} is {seconds:.0f} s long: expected at most {config.max_voice_seconds:g} s; cut it with the "
            "scissors under 1"
        )
    return waveform


def picture_of(face: GivenFile, config: StudioConfig) -> np.ndarray:
    """Reads the photo, or the first frame of the footage that has a face: uint8 [height, width, 3].

    Raises:
        MediaError: the file is neither, cannot be read, or is too long.
        NoFaceError: the footage has no face.
    """
    if kind_of_face(face.path) == "picture":
        return read_image(face.path)
    seconds = probe_video(face.path).seconds
    if seconds > config.max_footage_seconds:
        raise MediaError(f"{face.name} is {seconds:.0f} s long: expected at most {config.max_footage_seconds:g} s")
    frames = read_frames(face.path, interval_seconds=_LOOK_SECONDS, end_seconds=config.max_footage_seconds)
    with FaceFinder(tracking=True) as finder:
        for _, rgb in frames:
            if finder.find(rgb):
                return rgb
    raise NoFaceError(f"{face.name}: no face found: expected one that looks at the camera, in good light")


def in_own_words(error: VfganError, order: Order) -> str:
    """Words an error with the visitor's file names instead of this machine's paths.

    >>> order = Order(GivenFile(Path("/x/4f/a.wav"), "my voice.wav"), None, "vfgan", 1.0)
    >>> in_own_words(MediaError("/x/4f/a.wav is silent: expected a voice"), order)
    'my voice.wav is silent: expected a voice'
    """
    text = str(error)
    for given in (order.voice, order.face):
        if given is not None:
            text = text.replace(str(given.path), given.name)
    return text
