"""What a visitor gives, checked before work begins, and errors in the visitor's own words."""

import dataclasses
from pathlib import Path

import numpy as np

from vfgan.errors import ConfigError, MediaError, NoFaceError, VfganError
from vfgan.face.finder import FaceFinder
from vfgan.generate.voice_face import MAX_INTENSITY, VoiceFace
from vfgan.media.images import IMAGE_SUFFIXES, read_image
from vfgan.media.video import VIDEO_SUFFIXES, probe_video, read_frames
from vfgan.studio.config import StudioConfig

_LOOK_SECONDS = 0.2  #: between two pictures of footage that are searched for a face


@dataclasses.dataclass(frozen=True)
class GivenFile:
    """A file that a visitor sent."""

    path: Path
    name: str  #: as the visitor calls it


@dataclasses.dataclass(frozen=True)
class Order:
    """What a visitor wants made."""

    voice: GivenFile | None
    face: GivenFile | None
    model: str
    intensity: float


def check_order(order: Order, models: tuple[str, ...]) -> tuple[GivenFile, GivenFile]:
    """Voice and face, where everything is there.

    Raises:
        ConfigError: voice or face are missing, or a choice is not on offer.
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
    """The voice as the model hears it: float32 [samples].

    Raises:
        MediaError: unreadable, silent, too short or too long.
    """
    waveform = model.load_voice(voice.path)
    seconds = len(waveform) / model.mfsc.sample_rate_hz
    if seconds > config.max_voice_seconds:
        raise MediaError(
            f"{voice.name} is {seconds:.0f} s long: at most {config.max_voice_seconds:g} s are taken; cut it with the "
            "scissors under 1"
        )
    return waveform


def picture_of(face: GivenFile, config: StudioConfig) -> np.ndarray:
    """The photo, or the first picture of the footage that has a face: uint8 [height, width, 3].

    Raises:
        MediaError: it is neither, cannot be read, or is too long.
        NoFaceError: footage without a face.
    """
    suffix = face.path.suffix.lower()
    if suffix in IMAGE_SUFFIXES:
        return read_image(face.path)
    if suffix not in VIDEO_SUFFIXES:
        raise MediaError(
            f"{face.name} is neither a photo nor footage: expected a picture (such as .jpg) or a video (such as .mp4)"
        )
    seconds = probe_video(face.path).seconds
    if seconds > config.max_footage_seconds:
        raise MediaError(f"{face.name} is {seconds:.0f} s long: at most {config.max_footage_seconds:g} s are taken")
    frames = read_frames(face.path, interval_seconds=_LOOK_SECONDS, end_seconds=config.max_footage_seconds)
    with FaceFinder(tracking=True) as finder:
        for _, rgb in frames:
            if finder.find(rgb):
                return rgb
    raise NoFaceError(f"{face.name}: no face found in it: expected one that looks at the camera and is lit")


def in_own_words(error: VfganError, order: Order) -> str:
    """An error's line with the visitor's names of the files instead of this machine's.

    >>> order = Order(GivenFile(Path("/x/4f/a.wav"), "my voice.wav"), None, "vfgan", 1.0)
    >>> in_own_words(MediaError("/x/4f/a.wav is silent: expected a voice"), order)
    'my voice.wav is silent: expected a voice'
    """
    text = str(error)
    for given in (order.voice, order.face):
        if given is not None:
            text = text.replace(str(given.path), given.name)
    return text
