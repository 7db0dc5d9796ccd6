"""Reads videos as RGB frames with their times (`vfgan.media.video_writer` writes them)."""

import dataclasses
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from vfgan.errors import MediaError
from vfgan.media.containers import check_stream, no_file, open_media, pictures_of, reason_of
from vfgan.media.display import Display, shown_size
from vfgan.media.sparing import Due, go_to, spared
from vfgan.media.tracks import audio_stream

MAX_PIXELS = 4096 * 4096
MAX_FPS = 240.0
MAX_SOUND_DELAY_SECONDS = 60.0
#: FFmpeg's names of containers in which not every frame has a time: AVI, and MPEG's program stream.
UNTIMED = frozenset({"avi", "mpeg"})
_NOTICED_SECONDS = 0.03  #: a shorter delay of sound is none


@dataclasses.dataclass(frozen=True)
class VideoInfo:
    """What a file's header says, or the times of its packets if the header was written before the frames."""

    width: int  #: square pixels, as a player shows it
    height: int  #: square pixels, as a player shows it
    fps: Fraction  #: average frame rate
    seconds: float  #: 0.0 where neither says
    has_audio: bool
    has_times: bool  #: whether frames have times; `UNTIMED` containers have a constant rate, from which times follow


def probe_video(path: str | Path) -> VideoInfo:
    """Reads a video's header and its first frame (what turns it stands there).

    The header of a live recording has neither length nor rate. Then its packets are read, too, but not decoded.

    Raises:
        MediaError: the file does not exist, has no video stream or frame, or is larger than `MAX_PIXELS`.
    """
    with _open(path) as container:
        stream = _video_stream(container, path)
        frame = next(_decode(container, stream, path), None)
        if frame is None:
            raise MediaError(f"{path} has a video stream but no frame can be decoded: is the file complete?")
        width, height = shown_size(stream, frame)
        seconds = _seconds(stream.duration, stream.time_base) or _seconds(container.duration, Fraction(1, 1_000_000))
        fps, has_audio = _fps(stream), bool(container.streams.audio)
        if not seconds or not _header_fps(stream):
            fps, measured_seconds = _measure(path, fps)
            seconds = seconds or measured_seconds
        return VideoInfo(width, height, fps, seconds, has_audio, container.format.name not in UNTIMED)


def _measure(path: str | Path, fps: Fraction) -> tuple[Fraction, float]:
    """(mean frame rate, seconds) by the times of the packets. The rate is `fps` if that fits to within a frame."""
    import av

    count, first, last = 0, math.inf, -math.inf
    with _open(path) as container:
        stream = _video_stream(container, path)
        try:
            for packet in container.demux(stream):
                if packet.pts is not None:
                    count, first, last = count + 1, min(first, packet.pts), max(last, packet.pts)
        except (av.FFmpegError, ValueError) as error:
            raise MediaError(f"{path} is damaged: {reason_of(error)}") from error
        span = (last - first) * stream.time_base if count > 1 else 0
    if not span:
        return fps, 0.0
    mean = Fraction((count - 1) / span).limit_denominator(60_000)
    if abs(span * fps - (count - 1)) > 1 and 0 < mean <= MAX_FPS:
        fps = mean
    return fps, float(count / fps)


def sound_delay_seconds(path: str | Path, track: int | None = None) -> float:
    """Time from a video's first frame to its first audio sample, seconds; negative where the sound begins first.

    Args:
        track: see `vfgan.media.tracks.choose_track`.
    Raises:
        MediaError: the file does not exist, is damaged, lacks video or sound, or the delay exceeds
            `MAX_SOUND_DELAY_SECONDS` either way.
    """
    with _open(path) as container:
        frame = next(_decode(container, _video_stream(container, path), path), None)
    with _open(path) as container:
        stream = audio_stream(container, path, track)
        samples = next(_decode(container, stream, path), None)
        begin_together = container.format.name == "avi"  # AVI has no times; FFmpeg's guesses begin late
    if begin_together or frame is None or samples is None or frame.time is None or samples.time is None:
        return 0.0
    delay = float(samples.time - frame.time)
    if abs(delay) > MAX_SOUND_DELAY_SECONDS:
        raise MediaError(
            f"{path}: its sound begins {delay:.0f} s after its pictures: expected at most "
            f"{MAX_SOUND_DELAY_SECONDS:.0f} s before or after; cut it"
        )
    return delay


def noticed_delay_seconds(path: str | Path) -> float:
    """`sound_delay_seconds`, or 0 where it is too short to matter: less than 30 ms, an MFSC frame.

    Where the header promises that both begin together, nothing is decoded. Of what cannot be opened it is 0: who reads
    the file says why.
    """
    try:
        with _open(path) as container:
            streams = _video_stream(container, path), audio_stream(container, path, None)
            begins = [float((stream.start_time or 0) * stream.time_base) for stream in streams]
    except MediaError:
        return 0.0
    delay = sound_delay_seconds(path) if abs(begins[1] - begins[0]) >= _NOTICED_SECONDS else 0.0
    return delay if abs(delay) >= _NOTICED_SECONDS else 0.0


def read_frames(
    path: str | Path,
    *,
    interval_seconds: float = 0.0,
    max_seconds: float = 3600.0,
    start_seconds: float = 0.0,
    end_seconds: float = math.inf,
    threads: int = 0,
) -> Iterator[tuple[float, np.ndarray]]:
    """Decodes a video or a part of it once, frame by frame, as a player shows it (`vfgan.media.display`).

    Args:
        path: any container and codec that FFmpeg reads.
        interval_seconds: 0 gives every frame. Otherwise the first frame at or after each n x interval_seconds, so that
            the mean rate is 1 / interval_seconds at any frame rate.
        max_seconds: longest video, or part, accepted.
        start_seconds: start of the part, from the first frame. Decoding starts at the key frame before it.
        end_seconds: end of the part, exclusive.
        threads: threads of the decoder; 0 uses one for each processor.
    Yields:
        (time in seconds from `start_seconds`, uint8 [height, width, 3] RGB).
    Raises:
        MediaError: the file does not exist, has no video, is damaged, or is longer or larger than allowed.
    """
    due, last = Due(interval_seconds, start_seconds, end_seconds), -math.inf
    unseen = spared(path, due) if interval_seconds else frozenset()
    try:
        for time, rgb in _shown(path, due, max_seconds, threads, unseen):
            last = time
            yield time, rgb
    except _Misjudged:  # its packets do not tell which frames come
        yield from (seen for seen in _shown(path, due.again(), max_seconds, threads, frozenset()) if seen[0] > last)


def _shown(path: str | Path, due: Due, max_seconds: float, threads: int, unseen: frozenset[int]) -> Iterator[tuple]:
    """As `read_frames`; frames of the time stamps `unseen` are not decoded if none needs them."""
    with _open(path) as container:
        display = Display(_video_stream(container, path))
        for time, frame in _timed_frames(container, path, due.start_seconds, threads, unseen):
            seconds = time - due.start_seconds
            if not due.begun(time):
                continue
            if due.ended(time):
                break
            if seconds > max_seconds:
                raise MediaError(f"{path} is longer than {max_seconds:.0f} s: cut it into pieces")
            is_due = due.now(time)
            if unseen and is_due == (frame.pts in unseen):
                raise _Misjudged
            if is_due or display.needs_all:
                yield from _wanted(display.show((max(0.0, seconds), is_due), frame))
            if unseen and display.needs_all:
                raise _Misjudged
        yield from _wanted(display.rest())


class _Misjudged(Exception):
    """Another frame is due than the packets say, or frames are made from their neighbours."""


def _wanted(pictures: Iterator[tuple]) -> Iterator[tuple[float, np.ndarray]]:
    """(seconds, picture) of those that are due."""
    return ((seconds, rgb) for (seconds, is_due), rgb in pictures if is_due)


def _timed_frames(
    container, path: str | Path, start_seconds: float, threads: int, unseen: frozenset[int]
) -> Iterator[tuple]:
    """Gives (seconds from the first frame, PyAV's frame) from the last key frame before the start on."""
    stream = _video_stream(container, path)
    stream.codec_context.thread_count = threads
    first = go_to(container, stream, start_seconds)
    for count, frame in enumerate(_decode(container, stream, path, unseen)):
        if frame.width * frame.height > MAX_PIXELS:
            raise MediaError(f"{path} changes to {frame.width}x{frame.height} pixels: at most {MAX_PIXELS}")
        # raw streams have no time stamps: their frames get the average rate
        time = float(frame.time) if frame.time is not None else count / float(_fps(stream))
        first = time if first is None else first
        yield time - first, frame


def _open(path: str | Path):
    import av

    path = Path(path)
    if not path.is_file():
        raise no_file(path, "a video")
    try:
        return open_media(path)
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path} cannot be read as video: {reason_of(error)}") from error


def _video_stream(container, path: str | Path):
    streams = pictures_of(container)
    if not streams:
        raise MediaError(f"{path} has no video stream: expected a video of a face")
    stream = streams[0]
    check_stream(path, stream)
    size = stream.codec_context
    if size.width * size.height > MAX_PIXELS:
        raise MediaError(f"{path} is {size.width}x{size.height} pixels: at most {MAX_PIXELS} pixels are read")
    stream.thread_type = "AUTO"
    return stream


def _decode(container, stream, path: str | Path, unseen: frozenset[int] = frozenset()) -> Iterator:
    import av

    try:
        for packet in container.demux(stream):
            if unseen:
                stream.codec_context.skip_frame = "NONREF" if packet.pts in unseen else "DEFAULT"
            yield from packet.decode()
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path} is damaged: {reason_of(error)}") from error


def _header_fps(stream) -> Fraction | None:
    rate = stream.average_rate or stream.base_rate
    return rate if rate and 0 < rate <= MAX_FPS else None


def _fps(stream) -> Fraction:
    return _header_fps(stream) or Fraction(25)


def _seconds(duration: int | None, time_base: Fraction | None) -> float:
    return float(duration * time_base) if duration and time_base else 0.0
