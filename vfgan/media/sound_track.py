"""The sound of a video that is written: a waveform, or a recording's own track."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from vfgan.errors import MediaError
from vfgan.media.containers import open_media, reason_of
from vfgan.media.tracks import audio_stream

#: FFmpeg's names of what is copied as it is, because browsers play it, into each format that holds it.
_COPIED = {
    "mp4": frozenset({"aac", "mp3", "mp3float", "opus", "libopus", "flac"}),
    "matroska": frozenset({"aac", "mp3", "mp3float", "opus", "libopus", "flac"}),
    "mov": frozenset({"aac", "mp3", "mp3float"}),
    "ipod": frozenset({"aac"}),  # .m4v
}
#: Rates and channels that FFmpeg's AAC has.
_AAC_RATES_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000)
_AAC_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_CHANNEL_BITS = 96_000  #: a second; mono gets `_LEAST_BITS`, of which FFmpeg's encoder spends some 80 %
_LEAST_BITS = 160_000
_LEAST_SAMPLES = 44_100  #: a second, of all channels: of fewer the encoder spends half as many bits
_BLOCK_SAMPLES = 1024  # an AAC frame
_LATEST_SECONDS = 0.04  # a track that begins later is encoded behind silence: not every program heeds its start
_GAP_SECONDS = 0.1  # sound that is missing for longer becomes silence


class SoundTrack(Protocol):
    """What `vfgan.media.video_writer.write_video` asks of a sound."""

    def begin(self, container: Any) -> None:
        """Adds its stream to PyAV's container, before anything is written."""

    def write(self, container: Any, video_seconds: float) -> None:
        """Writes it, as far as the video goes."""


class WaveformTrack:
    """A waveform as AAC.

    Args:
        waveform: float32 [samples] or [channels, samples], -1…1, or a function that gives it from the seconds of video
            written.
        rate_hz: its rate, one that AAC has.
        channels: 1 to 8.
    """

    def __init__(self, waveform: np.ndarray | Callable[[float], np.ndarray], rate_hz: int, channels: int = 1):
        self._waveform, self._rate_hz, self._channels = waveform, rate_hz, channels
        self._stream: Any = None

    def begin(self, container: Any) -> None:
        """See `SoundTrack`."""
        self._stream = _add_aac(container, self._rate_hz, self._channels)

    def write(self, container: Any, video_seconds: float) -> None:
        """See `SoundTrack`."""
        samples = self._waveform(video_seconds) if callable(self._waveform) else self._waveform
        samples = np.atleast_2d(samples)
        blocks = (samples[:, at : at + _BLOCK_SAMPLES] for at in range(0, samples.shape[1], _BLOCK_SAMPLES))
        encode_audio(container, self._stream, blocks, self._rate_hz)


class RecordingTrack:
    """A recording's own sound: copied where a browser plays it and it begins with the video, else as AAC.

    Rate and channels stay (AAC has at most 96 kHz and 8 channels; see `aac_rate_hz`).

    Args:
        path: recording or video.
        track: see `vfgan.media.tracks.choose_track`.
        delay_seconds: from the video's first frame to the first sample; negative: what comes before it is cut.
    """

    def __init__(self, path: str | Path, track: int | None = None, delay_seconds: float = 0.0):
        self._path, self._track, self._delay = path, track, delay_seconds
        self._stream: Any = None
        self._first: float | None = None  # time of the first sample, where the track is copied

    def begin(self, container: Any) -> None:
        """See `SoundTrack`."""
        with open_media(self._path) as source:
            stream = audio_stream(source, self._path, self._track)
            known = _COPIED.get(container.format.name, frozenset())
            self._first = self._copied_from(source, stream) if stream.codec_context.name in known else None
            if self._first is not None:
                self._stream = container.add_stream_from_template(stream)
                return
            channels = stream.channels if stream.channels in _AAC_LAYOUTS else 2
            self._stream = _add_aac(container, aac_rate_hz(stream.rate, channels), channels)

    def write(self, container: Any, video_seconds: float) -> None:
        """See `SoundTrack`."""
        import av

        try:
            with open_media(self._path) as source:
                stream = audio_stream(source, self._path, self._track)
                if self._first is not None:
                    self._copy(container, source, stream, video_seconds)
                else:
                    samples = round(video_seconds * self._stream.rate)
                    blocks = _cut(self._decoded(source, stream), samples)
                    encode_audio(container, self._stream, blocks, self._stream.rate)
        except av.InvalidDataError as error:
            raise MediaError(f"{self._path} cannot be read as audio: {reason_of(error)}") from error

    def _copied_from(self, source: Any, stream: Any) -> float | None:
        """Seconds of the first sample on the recording's clock; None where the track cannot be copied."""
        import av

        if not 0 <= self._delay <= _LATEST_SECONDS:
            return None
        last, first = None, None
        try:
            for packet in source.demux(stream):
                if packet.size and (
                    packet.pts is None or packet.dts is None or (last is not None and packet.dts <= last)
                ):
                    return None  # its times are none that can be kept
                last = packet.dts if packet.size else last
                for frame in packet.decode() if first is None else ():
                    first = float(frame.time) if first is None and frame.time is not None else first
        except (av.FFmpegError, ValueError):
            return None  # damaged in the middle: decoding goes as far as it can
        return first

    def _copy(self, container: Any, source: Any, stream: Any, video_seconds: float) -> None:
        shift = round((self._delay - (self._first or 0.0)) / stream.time_base)
        end = video_seconds / stream.time_base
        for packet in source.demux(stream):
            if packet.dts is None or not packet.size:
                continue
            packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            if packet.pts >= end:
                break
            packet.stream = self._stream
            container.mux(packet)

    def _decoded(self, source: Any, stream: Any) -> Iterator[np.ndarray]:
        """float32 [channels, samples] blocks from the video's first frame on; gaps are filled with silence."""
        import av

        out, rate_hz = self._stream, self._stream.rate
        channels = out.channels
        resampler = av.AudioResampler(format="fltp", layout=out.layout, rate=rate_hz)
        skipped, sounded = max(0, round(-self._delay * rate_hz)), None
        if self._delay > 0:
            yield np.zeros((channels, round(self._delay * rate_hz)), np.float32)
        for frame in source.decode(stream):
            if frame.time is not None:
                sounded = frame.time if sounded is None else sounded
                if frame.time - sounded > _GAP_SECONDS:
                    yield np.zeros((channels, round((frame.time - sounded) * rate_hz)), np.float32)
                    sounded = frame.time
                sounded += frame.samples / frame.sample_rate
            for converted in resampler.resample(frame):
                block = converted.to_ndarray()
                kept, skipped = block[:, skipped:], max(0, skipped - block.shape[1])
                yield kept
        yield from (converted.to_ndarray() for converted in resampler.resample(None))


def _cut(blocks: Iterator[np.ndarray], samples: int) -> Iterator[np.ndarray]:
    """The blocks in pieces of an AAC frame at most, cut or padded with silence to so many samples."""
    done, channels = 0, 1
    for block in blocks:
        channels = len(block)
        for at in range(0, block.shape[1], _BLOCK_SAMPLES):
            part = block[:, at : min(at + _BLOCK_SAMPLES, at + samples - done)]
            done += part.shape[1]
            if part.shape[1]:
                yield part
        if done >= samples:
            return
    while done < samples:
        part = np.zeros((channels, min(_BLOCK_SAMPLES, samples - done)), np.float32)
        done += part.shape[1]
        yield part


def aac_rate_hz(rate_hz: int, channels: int) -> int:
    """The rate at which a sound is encoded: its own, but of slow ones, such as a telephone's, a multiple.

    A voice at 16 kHz is 38 dB above what the encoder does to it, by way of 48 kHz 47 dB.

    Args:
        rate_hz: of the sound.
        channels: of the sound.

    >>> aac_rate_hz(44_100, 1), aac_rate_hz(16_000, 1), aac_rate_hz(16_000, 2), aac_rate_hz(192_000, 2)
    (44100, 48000, 48000, 96000)
    """
    if rate_hz * channels < _LEAST_SAMPLES:
        return 44_100 if 44_100 % rate_hz == 0 else 48_000
    return min((rate for rate in _AAC_RATES_HZ if rate >= rate_hz), default=_AAC_RATES_HZ[-1])


def _add_aac(container: Any, rate_hz: int, channels: int) -> Any:
    stream = container.add_stream("aac", rate=rate_hz, layout=_AAC_LAYOUTS[channels])
    stream.bit_rate = max(_LEAST_BITS, _CHANNEL_BITS * channels)
    return stream


def encode_audio(container: Any, stream: Any, blocks: Iterator[np.ndarray], rate_hz: int) -> None:
    """Encodes and writes a whole sound track.

    Args:
        container, stream: PyAV's, to write to.
        blocks: float32 [channels, samples]; beyond -1…1 they are clipped.
    """
    import av

    start = 0
    for block in blocks:
        part = np.ascontiguousarray(np.clip(block, -1.0, 1.0), np.float32)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=stream.layout)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
        start += part.shape[1]
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
