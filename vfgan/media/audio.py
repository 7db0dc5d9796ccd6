"""Reads recordings of any container, codec and sample rate as mono float32 at one rate."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vfgan.errors import MediaError
from vfgan.media.containers import no_file, open_media, reason_of
from vfgan.media.tracks import audio_stream, choose_track
from vfgan.voice.mono_mix import MonoMix

#: libsndfile reads these faster than FFmpeg; everything else goes through PyAV.
_SNDFILE_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3"})
MAX_CHANNELS = 64
MAX_RATE_HZ = 768_000
_BLOCK_SAMPLES = 1 << 18  # read at once: what a header promises takes no memory before it is there
#: Sound that is missing between two packets (a connection that broke off, pauses that were not recorded) becomes
#: silence, so that what follows stays with its pictures; less is a matter of rounded times (as FFmpeg's aresample).
_GAP_SECONDS = 0.1
_WARM_UP_SECONDS = 0.2  # decoded before a span: codecs such as AAC overlap their blocks

Blocks = Iterator[np.ndarray]  #: float32 [samples] each, mono


def load_waveform(
    path: str | Path,
    sample_rate_hz: int = 16_000,
    *,
    max_seconds: float = 600.0,
    start_seconds: float = 0.0,
    end_seconds: float = math.inf,
    track: int | None = None,
) -> np.ndarray:
    """Reads the voice of a recording or video, mixed to mono (`vfgan.voice.mono_mix`) and resampled.

    Args:
        path: any container and codec that libsndfile or FFmpeg reads.
        sample_rate_hz: rate of the result.
        max_seconds: longest sound accepted; checked against the header before decoding and while decoding.
        start_seconds: of a long recording, where the sound begins.
        end_seconds: where it ends; the recording's end if that is earlier.
        track: of several audio tracks, 1 is the first; None: `vfgan.media.tracks.choose_track` finds the voice.
    Returns:
        float32 [samples], nominally -1…1 (float files may exceed it; nothing is clipped).
    Raises:
        MediaError: the file does not exist, cannot be read or is too long; it has no audio, no samples, or NaN values.
    """
    path = Path(path)
    rate_hz, blocks = read_blocks(path, max_seconds, start_seconds, end_seconds, track)
    blocks, parts = _finite(blocks, path, rate_hz), [np.zeros(0, np.float32)]
    if rate_hz == sample_rate_hz:
        parts += blocks
        count = sum(map(len, parts))
    else:
        import soxr

        count = 0
        resampler = soxr.ResampleStream(rate_hz, sample_rate_hz, 1, dtype="float32")
        for block in blocks:
            count += len(block)
            parts.append(resampler.resample_chunk(block))
        parts.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    if not count:
        span = "" if not start_seconds else f" from {start_seconds:g} s on"
        raise MediaError(f"{path} has no audio samples{span}: expected speech")
    samples = np.concatenate(parts)
    if not len(samples):
        raise MediaError(f"{path} has too few samples to resample to {sample_rate_hz} Hz: expected speech")
    return np.ascontiguousarray(samples, np.float32)


def _finite(blocks: Blocks, path: Path, rate_hz: int) -> Blocks:
    """Gives the blocks as float32; raises a MediaError at NaN or an infinite value."""
    count = 0
    for block in blocks:
        if not np.isfinite(block).all():
            where = count + int(np.flatnonzero(~np.isfinite(block))[0])
            raise MediaError(f"{path} holds a value that is not finite at {where / rate_hz:.3f} s: export it again")
        count += len(block)
        yield np.ascontiguousarray(block, np.float32)


def read_blocks(
    path: Path,
    max_seconds: float,
    start_seconds: float = 0.0,
    end_seconds: float = math.inf,
    track: int | None = None,
) -> tuple[int, Blocks]:
    """Reads the sound of a recording piece by piece, so that long recordings need little memory.

    Returns:
        (its sample rate in Hz, the blocks).
    Raises:
        MediaError: the file does not exist, has no audio, cannot be read or is too long; also while blocks are read.
    """
    if not path.is_file():
        raise no_file(path, "a recording")
    if path.stat().st_size == 0:
        raise MediaError(f"{path} is empty (0 bytes): expected a recording")
    blocks = _read(path, max_seconds, start_seconds, end_seconds, track)
    return next(blocks), blocks


def track_note(path: str | Path, track: int | None = None) -> str:
    """Which of several audio tracks is heard; empty where there is one."""
    return "" if _sndfile(Path(path)) else choose_track(path, track).note


def _read(path: Path, max_seconds: float, start: float, end: float, track: int | None) -> Iterator:
    """The rate, then the blocks; what libsndfile cannot read, or finds empty, is read by FFmpeg."""
    import soundfile

    file = _sndfile(path) if track in (None, 1) else None
    if file is None:
        yield from _read_av(path, max_seconds, start, end, track)
        return
    try:
        with file:
            yield from _read_sndfile(file, path, max_seconds, start, end)
    except soundfile.LibsndfileError as error:
        raise MediaError(f"{path} cannot be read as audio: {error.error_string.rstrip('.')}") from error


def _sndfile(path: Path):
    """libsndfile's file, or None where it is none, or where a header that was never finished says that it is empty."""
    import soundfile

    if path.suffix.lower() not in _SNDFILE_SUFFIXES:
        return None
    try:
        file = soundfile.SoundFile(path)
    except soundfile.LibsndfileError:
        return None
    return file if file.frames else None


def _read_sndfile(file, path: Path, max_seconds: float, start: float, end: float) -> Iterator:
    rate_hz, mix = file.samplerate, MonoMix()
    _check_form(path, file.channels, rate_hz)
    first = min(round(start * rate_hz), file.frames)
    last = round(min(end * rate_hz, file.frames))
    _check_length(path, (last - first) / rate_hz, max_seconds)
    yield rate_hz
    if first:
        file.seek(first)
    while first < last:
        samples = file.read(min(_BLOCK_SAMPLES, last - first), dtype="float32", always_2d=True)
        if not len(samples):  # the header promised more
            break
        first += len(samples)
        yield mix(samples.T)


def _read_av(path: Path, max_seconds: float, start: float, end: float, track: int | None) -> Iterator:
    import av

    try:
        with open_media(path) as container:
            stream = audio_stream(container, path, track)
            if stream.duration and stream.time_base:
                seconds = float(stream.duration * stream.time_base)
                _check_length(path, min(end, seconds) - start, max_seconds)
            _check_form(path, stream.channels, stream.rate)
            yield stream.rate
            yield from _decode_av(container, stream, path, max_seconds, start, end)
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path} cannot be read as audio: {reason_of(error)}") from error


def _decode_av(container, stream, path: Path, max_seconds: float, start: float, end: float) -> Blocks:
    import av

    rate_hz, count, mix = stream.rate, 0, MonoMix()
    resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=rate_hz)
    spanned = start > 0 or end < math.inf
    begin = float((stream.start_time or 0) * stream.time_base)  # MPEG-TS begins at 1.4 s; a span at the first sample
    start, end = start + begin, end + begin
    if start - begin > _WARM_UP_SECONDS:
        container.seek(int((start - _WARM_UP_SECONDS) / stream.time_base), stream=stream)
    sounded = None  # end of the sound so far, seconds on the container's clock
    for frame in container.decode(stream):
        if spanned and frame.time is not None and frame.time >= end:
            return
        if frame.time is not None:
            sounded = frame.time if sounded is None else sounded
            if frame.time - sounded > _GAP_SECONDS:
                gap = max(0, round((frame.time - max(sounded, start)) * rate_hz))
                count, sounded = count + gap, frame.time
                _check_length(path, count / rate_hz, max_seconds)
                yield from (np.zeros(min(_BLOCK_SAMPLES, gap - at), np.float32) for at in range(0, gap, _BLOCK_SAMPLES))
            sounded += frame.samples / frame.sample_rate
        for converted in resampler.resample(frame):
            block = converted.to_ndarray()  # [channels, samples]
            _check_form(path, len(block), rate_hz)
            block = mix(block)
            if spanned and frame.time is not None:
                first = max(0, round((start - frame.time) * rate_hz))
                block = block[first : max(first, round(min((end - frame.time) * rate_hz, len(block))))]
            count += len(block)
            yield block
        _check_length(path, count / rate_hz, max_seconds)


def _check_form(path: Path, channels: int, rate_hz: int) -> None:
    if channels > MAX_CHANNELS:
        raise MediaError(f"{path} has {channels} channels: at most {MAX_CHANNELS} are read")
    if not 0 < rate_hz <= MAX_RATE_HZ:
        raise MediaError(f"{path} has a sample rate of {rate_hz} Hz: at most {MAX_RATE_HZ} Hz are read")


def _check_length(path: Path, seconds: float, max_seconds: float) -> None:
    if seconds > max_seconds:
        raise MediaError(f"{path} is {seconds:.0f} s long: at most {max_seconds:.0f} s are read; cut it into pieces")
