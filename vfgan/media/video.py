"""Reads videos as RGB frames with their times; writes them with sound."""

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np

from vfgan.errors import MediaError
from vfgan.media.containers import check_stream
from vfgan.storage.files import atomic_path

VIDEO_SUFFIXES = frozenset({".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".flv", ".wmv"})
MAX_PIXELS = 4096 * 4096
MAX_FPS = 240.0
MAX_SOUND_DELAY_SECONDS = 60.0
#: FFmpeg's names of containers in which not every frame has a time: AVI, and MPEG's program stream.
UNTIMED = frozenset({"avi", "mpeg"})
_TIME_SLACK = 1e-3  #: some containers round time stamps to milliseconds


@dataclasses.dataclass(frozen=True)
class VideoInfo:
    """What a file's header says, or the times of its packets if the header was written before the frames."""

    width: int  #: pixels, after rotation
    height: int  #: pixels, after rotation
    fps: Fraction  #: average frame rate
    seconds: float  #: 0.0 if neither says
    rotation_degrees: int  #: counter-clockwise turn that the player applies: 0, 90, 180 or 270
    has_audio: bool
    has_times: bool  #: whether frames have times; `UNTIMED` containers have a constant rate, from which times follow


def probe_video(path: str | Path) -> VideoInfo:
    """Reads a video's header and its first frame, which holds the rotation.

    The header of a live recording has neither length nor rate. Then its packets are read, too, but not decoded.

    Raises:
        MediaError: the file does not exist, has no video stream or frame, or is larger than `MAX_PIXELS`.
    """
    with _open(path) as container:
        stream = _video_stream(container, path)
        frame = next(_decode(container, stream, path), None)
        if frame is None:
            raise MediaError(f"{path} has a video stream but no frame can be decoded: is the file complete?")
        rotation = int(frame.rotation) % 360
        width, height = (frame.height, frame.width) if rotation % 180 else (frame.width, frame.height)
        seconds = _seconds(stream.duration, stream.time_base) or _seconds(container.duration, Fraction(1, 1_000_000))
        fps, has_audio = _fps(stream), bool(container.streams.audio)
        if not seconds or not _header_fps(stream):
            fps, measured_seconds = _measure(path, fps)
            seconds = seconds or measured_seconds
        return VideoInfo(width, height, fps, seconds, rotation, has_audio, container.format.name not in UNTIMED)


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
            raise MediaError(f"{path} is damaged: {getattr(error, 'strerror', None) or error}") from error
        span = (last - first) * stream.time_base if count > 1 else 0
    if not span:
        return fps, 0.0
    mean = Fraction((count - 1) / span).limit_denominator(60_000)
    if abs(span * fps - (count - 1)) > 1 and 0 < mean <= MAX_FPS:
        fps = mean
    return fps, float(count / fps)


def sound_delay_seconds(path: str | Path) -> float:
    """Time from a video's first frame to its first audio sample, seconds; negative if the sound begins first.

    Raises:
        MediaError: the file does not exist, is damaged, lacks video or sound, or the delay exceeds
            `MAX_SOUND_DELAY_SECONDS` either way.
    """
    with _open(path) as container:
        frame = next(_decode(container, _video_stream(container, path), path), None)
    with _open(path) as container:
        if not container.streams.audio:
            raise MediaError(f"{path} has no audio stream: expected a voice")
        stream = container.streams.audio[0]
        check_stream(path, stream)
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


def read_frames(
    path: str | Path,
    *,
    interval_seconds: float = 0.0,
    max_seconds: float = 3600.0,
    start_seconds: float = 0.0,
    end_seconds: float = math.inf,
    threads: int = 0,
) -> Iterator[tuple[float, np.ndarray]]:
    """Decodes a video or a part of it once, frame by frame, turned upright.

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
    from av.video.reformatter import VideoReformatter

    due = 0
    converter = VideoReformatter()  # one for all frames, because making one takes 2 ms
    with _open(path) as container:
        for time, frame in _timed_frames(container, path, start_seconds, threads):
            seconds = time - start_seconds
            if seconds < -_TIME_SLACK:
                continue
            if time >= end_seconds - _TIME_SLACK:
                return
            if seconds > max_seconds:
                raise MediaError(f"{path} is longer than {max_seconds:.0f} s: cut it into pieces")
            step = math.floor((seconds + _TIME_SLACK) / interval_seconds) if interval_seconds else due
            if step >= due:
                due = step + 1 if interval_seconds else 0
                yield max(0.0, seconds), _upright(_rgb(converter, frame), int(frame.rotation))


def _rgb(converter, frame):
    # sharing a frame among threads takes longer than converting it
    return converter.reformat(frame, format="rgb24", threads=1)


def _timed_frames(container, path: str | Path, start_seconds: float, threads: int) -> Iterator[tuple]:
    """Gives (seconds from the first frame, PyAV's frame) from the last key frame before the start on."""
    stream = _video_stream(container, path)
    stream.codec_context.thread_count = threads
    first = float(stream.start_time * stream.time_base) if stream.start_time is not None and start_seconds else None
    if first is not None:
        container.seek(round((start_seconds + first) / stream.time_base), stream=stream)
    for count, frame in enumerate(_decode(container, stream, path)):
        if frame.width * frame.height > MAX_PIXELS:
            raise MediaError(f"{path} changes to {frame.width}x{frame.height} pixels: at most {MAX_PIXELS}")
        # raw streams have no time stamps: their frames get the average rate
        time = float(frame.time) if frame.time is not None else count / float(_fps(stream))
        first = time if first is None else first
        yield time - first, frame


def _upright(frame, rotation_degrees: int) -> np.ndarray:
    turns = rotation_degrees // 90 % 4
    rgb = frame.to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, turns)) if turns else rgb


def write_video(
    path: str | Path,
    frames: Iterable[np.ndarray],
    fps: float | Fraction,
    *,
    waveform: np.ndarray | Callable[[float], np.ndarray] | None = None,
    sample_rate_hz: int = 16_000,
    metadata: Mapping[str, str] | None = None,
    crf: int = 18,
) -> None:
    """Writes an mp4 with H.264 and AAC, completely or not at all.

    Args:
        frames: uint8 [height, width, 3] RGB, all of one size; an odd last row or column is dropped (4:2:0).
        fps: constant frame rate.
        waveform: float32 [samples], -1…1, mono; or a function from the written seconds of video to that; or None for
            no sound track.
        sample_rate_hz: rate of `waveform`.
        metadata: tags of the container, such as `comment`.
        crf: x264's constant rate factor, 0 (lossless) to 51.
    Raises:
        MediaError: there is no frame.
        OutputError: the file cannot be written.
    """
    import av

    fps = Fraction(fps).limit_denominator(60_000)
    options = {"movflags": "+faststart+use_metadata_tags"}
    with atomic_path(path) as temporary, av.open(str(temporary), "w", options=options) as container:
        container.metadata.update(metadata or {})
        video, audio, count = None, None, 0
        for rgb in frames:
            if video is None:
                video = _add_h264(container, rgb, fps, crf)
                audio = None if waveform is None else container.add_stream("aac", rate=sample_rate_hz, layout="mono")
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb[: video.height, : video.width]), "rgb24")
            frame.pts, frame.time_base = count, 1 / fps
            count += 1
            container.mux(video.encode(frame))
        if video is None:
            raise MediaError(f"{path}: there are no frames to write")
        container.mux(video.encode(None))
        if audio is not None and waveform is not None:
            samples = waveform(float(count / fps)) if callable(waveform) else waveform
            encode_audio(container, audio, samples, sample_rate_hz)


def _add_h264(container, rgb: np.ndarray, fps: Fraction, crf: int):
    video = container.add_stream("libx264", rate=fps)
    video.height, video.width = rgb.shape[0] // 2 * 2, rgb.shape[1] // 2 * 2
    video.pix_fmt = "yuv420p"
    # one thread, and no macroblock tree of x264, make the bytes reproducible. With the tree 15 of 300 encodings of one
    # clip differed, without it 0 of 300.
    video.options = {"crf": str(crf), "preset": "veryfast", "threads": "1", "x264-params": "mbtree=0"}
    return video


def encode_audio(container, stream, waveform: np.ndarray, sample_rate_hz: int) -> None:
    """Encodes and writes a whole sound track.

    Args:
        container, stream: PyAV objects to write to.
        waveform: float32 [samples], mono; clipped to -1…1.
    """
    import av

    samples = np.clip(waveform, -1.0, 1.0).astype(np.float32)
    block = 1024  # samples an AAC frame
    for start in range(0, len(samples), block):
        part = np.ascontiguousarray(samples[None, start : start + block])  # [1, samples]
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = sample_rate_hz, start, Fraction(1, sample_rate_hz)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _open(path: str | Path):
    import av

    path = Path(path)
    if not path.is_file():
        raise MediaError(f"{path} does not exist or is not a file: expected a video")
    try:
        return av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path} cannot be read as video: {getattr(error, 'strerror', None) or error}") from error


def _video_stream(container, path: str | Path):
    if not container.streams.video:
        raise MediaError(f"{path} has no video stream: expected a video of a face")
    stream = container.streams.video[0]
    check_stream(path, stream)
    size = stream.codec_context
    if size.width * size.height > MAX_PIXELS:
        raise MediaError(f"{path} is {size.width}x{size.height} pixels: at most {MAX_PIXELS} pixels are read")
    stream.thread_type = "AUTO"
    return stream


def _decode(container, stream, path: str | Path) -> Iterator:
    import av

    try:
        yield from container.decode(stream)
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path} is damaged: {getattr(error, 'strerror', None) or error}") from error


def _header_fps(stream) -> Fraction | None:
    rate = stream.average_rate or stream.base_rate
    return rate if rate and 0 < rate <= MAX_FPS else None


def _fps(stream) -> Fraction:
    return _header_fps(stream) or Fraction(25)


def _seconds(duration: int | None, time_base: Fraction | None) -> float:
    return float(duration * time_base) if duration and time_base else 0.0
