"""A voice and a face as callers give them: files, or arrays."""

import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from vfgan.config.data import MfscConfig
from vfgan.errors import MediaError
from vfgan.generate.arguments import as_path, as_picture, is_path
from vfgan.media.audio import load_waveform, track_note
from vfgan.media.images import Picture, is_animated, read_picture
from vfgan.media.kinds import kind_of_face
from vfgan.media.sound_track import RecordingTrack, SoundTrack, WaveformTrack, aac_rate_hz
from vfgan.media.video import sound_delay_seconds
from vfgan.voice.mono_mix import MonoMix
from vfgan.voice.samples import as_sound

MAX_VOICE_SECONDS = 3600.0
#: Of a shorter voice little is heard.
SHORT_SECONDS = 0.5
_SILENT = 1e-5


class GivenVoice:
    """A voice: of a file, or samples.

    Args:
        voice: path of a recording or video; or samples at `rate_hz`, or a pair of samples and their rate
            (`vfgan.voice.samples.as_sound`).
        rate_hz: of samples that come alone.
        track: of several audio tracks, 1 is the first; None: `vfgan.media.tracks.choose_track`.
    Raises:
        MediaError: samples of another kind.
        ConfigError: the track is no number.
    """

    def __init__(self, voice: Any, rate_hz: int, track: int | None = None):
        self._path = as_path("voice", voice) if is_path(voice) else None
        if self._path is None:
            _check_array("voice", voice)
            self._samples, self._rate_hz = as_sound("voice", voice, rate_hz)
        self._track, self._seconds = track, math.inf
        self.name = str(self._path or "voice")  #: for errors

    def waveform(self, mfsc: MfscConfig) -> np.ndarray:
        """Mono, as a network hears it: float32 [samples] at `mfsc.sample_rate_hz`.

        Raises:
            MediaError: unreadable, silent, shorter than one analysis window, or longer than an hour.
        """
        if self._path is not None:
            heard = load_waveform(self._path, mfsc.sample_rate_hz, max_seconds=MAX_VOICE_SECONDS, track=self._track)
        else:
            heard = self._heard(mfsc.sample_rate_hz)
        if len(heard) < mfsc.window_samples:
            raise MediaError(f"{self.name} has {len(heard)} samples: expected at least {mfsc.window_ms:g} ms of sound")
        if not np.any(np.abs(heard) > _SILENT):
            raise MediaError(f"{self.name} is silent: expected a voice")
        self._seconds = len(heard) / mfsc.sample_rate_hz
        return heard

    def _heard(self, rate_hz: int) -> np.ndarray:
        import soxr

        if self._samples.shape[1] > MAX_VOICE_SECONDS * self._rate_hz:
            raise MediaError(f"{self.name} is longer than {MAX_VOICE_SECONDS:.0f} s: cut it into pieces")
        mono = MonoMix()(self._samples)
        return np.ascontiguousarray(soxr.resample(mono, self._rate_hz, rate_hz), np.float32)

    def notes(self) -> list[str]:
        """Which of several audio tracks is heard, and that a short voice tells little; after `waveform`."""
        track = track_note(self._path, self._track) if self._path is not None else ""
        short = f"the voice lasts {self._seconds:.1f} s: its emotion is a guess"
        return [*([track] if track else []), *([short] if self._seconds < SHORT_SECONDS else [])]

    def delay_seconds(self, face: "GivenFace") -> float:
        """From the first frame of footage to its sound, where the voice is of the same file; else 0."""
        if (
            self._path is None
            or face.path is None
            or not face.is_footage
            or not os.path.samefile(self._path, face.path)
        ):
            return 0.0
        return sound_delay_seconds(face.path, self._track)

    def sound_track(self, delay_seconds: float) -> SoundTrack:
        """The sound of a video; see `vfgan.media.sound_track.RecordingTrack`."""
        if self._path is not None:
            return RecordingTrack(self._path, self._track, delay_seconds)
        import soxr

        rate_hz = aac_rate_hz(self._rate_hz, len(self._samples))
        resampled = np.atleast_2d(soxr.resample(self._samples.T, self._rate_hz, rate_hz).T)

        def as_long(seconds: float) -> np.ndarray:
            count = round(seconds * rate_hz)
            return np.pad(resampled[:, :count], ((0, 0), (0, max(0, count - resampled.shape[1]))))

        return WaveformTrack(as_long, rate_hz, len(resampled))


class GivenFace:
    """A face: a photo or footage of a file, or one picture.

    Args:
        face: path; or an array or Pillow's picture (`vfgan.generate.arguments.as_picture`).
    Raises:
        MediaError: no such file, one that is neither photo nor footage, or something else that is no picture.
    """

    def __init__(self, face: Any):
        self.path: Path | None = as_path("face", face) if is_path(face) else None
        self.is_footage = self.path is not None and kind_of_face(self.path) == "video"
        if self.path is None:
            _check_array("face", face)
            self._picture = as_picture("face", face)
        self.name = str(self.path or "face")  #: for errors

    def picture(self) -> Picture:
        """The photo.

        Raises:
            MediaError: it cannot be read, or is footage.
        """
        if self.is_footage:
            raise MediaError(f"{self.name} is footage: expected a photo; footage makes a video")
        return read_picture(self.path) if self.path is not None else self._picture

    def note(self) -> str:
        """That only the first picture of an animation is taken; else empty."""
        if self.path is None or self.is_footage or not is_animated(self.path):
            return ""
        return f"{self.name} is an animation: its first picture is taken; convert it to .gif or .mp4 to use them all"


def _check_array(name: str, value: Any) -> None:
    is_array = isinstance(value, list | tuple) or hasattr(value, "__array__") or hasattr(value, "__array_interface__")
    if not is_array:
        raise MediaError(f"{name}: expected a path or an array, received {type(value).__name__}")
