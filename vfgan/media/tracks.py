"""Which of a recording's audio tracks holds the voice."""

import dataclasses
import functools
import numbers
import os
from pathlib import Path
from typing import Any

import numpy as np

from vfgan.errors import MediaError
from vfgan.media.containers import check_stream, open_media

#: Tracks are compared by their first minutes.
_LOOK_SECONDS = 600.0
#: Power at which a track counts as silent, and how much quieter than the loudest the default one may be.
_SILENCE, _QUIETER = 1e-6, 1e-3
_RATE_HZ, _HOP_SAMPLES, _BAND_HZ = 8_000, 160, (300.0, 3_400.0)  # of a telephone


@dataclasses.dataclass(frozen=True)
class Track:
    """The audio track that was taken."""

    number: int  #: 1 is the first
    count: int  #: of all tracks
    reason: str

    @property
    def note(self) -> str:
        """What a person may want to know; empty where there was no choice."""
        return f"audio track {self.number} of {self.count} is taken ({self.reason})" if self.count > 1 else ""


def choose_track(path: str | Path, track: int | None = None) -> Track:
    """The track with the voice: the one with the default flag if it sounds, else the loudest in a voice's band.

    Args:
        path: recording or video.
        track: 1 is the first; None: chosen.
    Raises:
        MediaError: no audio in it, no such track, or it cannot be read.
    """
    import av

    if track is not None and not isinstance(track, numbers.Integral):
        raise MediaError(f"audio track: expected a number from 1 on, received {track!r}")
    try:
        stat = os.stat(path)
        return _chosen(str(path), track, stat.st_size, stat.st_mtime_ns)
    except (av.FFmpegError, ValueError, OSError) as error:
        raise MediaError(f"{path} cannot be read as audio: {getattr(error, 'strerror', None) or error}") from error


def audio_stream(container: Any, path: str | Path, track: int | None = None) -> Any:
    """PyAV's stream of the track that `choose_track` gives, checked as `check_stream` does.

    Raises:
        MediaError: as these two.
    """
    stream = container.streams.audio[choose_track(path, track).number - 1]
    check_stream(path, stream)
    return stream


@functools.lru_cache(maxsize=256)
def _chosen(path: str, track: int | None, size: int, changed_ns: int) -> Track:
    """`choose_track` of a file in this state: size and time stamp."""
    with open_media(path) as container:
        streams = container.streams.audio
        if not streams:
            raise MediaError(f"{path} has no audio stream: expected a voice")
        if track is not None:
            if not 1 <= track <= len(streams):
                raise MediaError(f"{path} has {len(streams)} audio tracks: there is no track {track} (1 is the first)")
            return Track(track, len(streams), "as asked for")
        usable = [index for index, stream in enumerate(streams) if stream.codec_context is not None]
        if len(usable) < 2:
            return Track((usable or [0])[0] + 1, len(streams), "the only one that can be decoded")
        defaults = [index for index in usable if _is_default(streams[index])]
    levels = _levels(path, usable)
    loudest = max(usable, key=lambda index: levels[index])
    sounding = [i for i in defaults if levels[i] > max(_SILENCE, _QUIETER * levels[loudest])]
    if len(sounding) == 1:
        return Track(sounding[0] + 1, len(streams), "the default one")
    if levels[loudest] <= _SILENCE:
        return Track((defaults or usable)[0] + 1, len(streams), "all are silent")
    best = max(sounding or usable, key=lambda index: levels[index])
    return Track(best + 1, len(streams), "the loudest voice")


def _is_default(stream: Any) -> bool:
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.default)


def _levels(path: str, indices: list[int]) -> dict[int, float]:
    """Power in a voice's band, in the loudest hops, of the loudest channel of each track."""
    import av

    hops: dict[int, list[np.ndarray]] = {index: [] for index in indices}
    with open_media(path) as container:
        streams = [container.streams.audio[index] for index in indices]
        numbers = {stream.index: index for stream, index in zip(streams, indices)}
        bands = {stream.index: _BandPower(stream) for stream in streams}
        try:
            for packet in container.demux(*streams):
                if packet.pts is not None and packet.pts * packet.time_base > _LOOK_SECONDS:
                    break
                for frame in packet.decode():
                    hops[numbers[packet.stream.index]].append(bands[packet.stream.index].of(frame))
        except (av.FFmpegError, ValueError):  # what came before decides; who reads the track says what is wrong
            pass
    return {index: _loud(parts) for index, parts in hops.items()}


def _loud(parts: list[np.ndarray]) -> float:
    power = np.concatenate([*parts, np.zeros(1)])
    return float(np.percentile(power[np.isfinite(power)], 95))


class _BandPower:
    """Power of each hop between 300 and 3400 Hz, of the loudest channel.

    Args:
        stream: PyAV's, of sound.
    """

    def __init__(self, stream: Any):
        import av
        from scipy.signal import butter

        self._resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=_RATE_HZ)
        self._filter = butter(2, _BAND_HZ, "bandpass", fs=_RATE_HZ, output="sos")
        self._rest, self._state = np.zeros((1, 0), np.float32), np.zeros(0)

    def of(self, frame: Any) -> np.ndarray:
        """float64 [hops] that the frame completes."""
        from scipy.signal import sosfilt

        blocks = [converted.to_ndarray() for converted in self._resampler.resample(frame)]
        if not blocks:
            return np.zeros(0)
        samples = np.concatenate(blocks, axis=1)  # [channels, samples]
        if not self._state.size:
            self._state = np.zeros((len(self._filter), len(samples), 2))
            self._rest = np.zeros((len(samples), 0), np.float32)
        samples, self._state = sosfilt(self._filter, samples, axis=1, zi=self._state)
        samples = np.concatenate([self._rest, samples], axis=1)
        whole = samples.shape[1] // _HOP_SAMPLES * _HOP_SAMPLES
        self._rest = samples[:, whole:].astype(np.float32)
        return np.square(samples[:, :whole]).reshape(len(samples), -1, _HOP_SAMPLES).mean(axis=2).max(axis=0)
