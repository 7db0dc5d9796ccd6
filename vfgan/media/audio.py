"""Reads recordings of any container, codec and sample rate as mono float32 at one rate."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vfgan.errors import MediaError
from vfgan.media.containers import check_stream

#: libsndfile reads these faster than FFmpeg; everything else goes through PyAV.
SNDFILE_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3"})
MAX_CHANNELS = 64
MAX_RATE_HZ = 768_000
_BLOCK_SAMPLES = 1 << 18  # samples read at once, so that a wrong length in a header costs no memory
_UNRECOGNISED = 1  # libsndfile's code for unknown formats
#: A gap of at least this length between two packets becomes silence, so that sound and pictures stay together. Gaps
#: come from broken connections and unrecorded pauses. Shorter ones are rounding of times (as in FFmpeg's aresample).
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
) -> np.ndarray:
    """Reads the first audio stream of a recording or video, mixed to mono and resampled.

    Args:
        path: any container and codec that libsndfile or FFmpeg reads.
        sample_rate_hz: rate of the result.
        max_seconds: longest sound accepted; checked against the header before decoding and while decoding.
        start_seconds: start of the wanted part.
        end_seconds: end of the wanted part, at most the recording's end.
    Returns:
        float32 [samples], nominally -1…1 (float files may exceed it; nothing is clipped).
    Raises:
        MediaError: the file does not exist, cannot be read or is too long; it has no audio, no samples, or NaN values.
    """
    path = Path(path)
    rate_hz, blocks = read_blocks(path, max_seconds, start_seconds, end_seconds)
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
    path: Path, max_seconds: float, start_seconds: float = 0.0, end_seconds: float = math.inf
) -> tuple[int, Blocks]:
    """Reads the sound of a recording piece by piece, so that long recordings need little memory.

    Returns:
        (its sample rate in Hz, the blocks).
    Raises:
        MediaError: the file does not exist, has no audio, cannot be read or is too long; also while blocks are read.
    """
    if not path.is_file():
        raise MediaError(f"{path} does not exist or is not a file: expected a recording")
    if path.stat().st_size == 0:
        raise MediaError(f"{path} is empty (0 bytes): expected a recording")
    blocks = _read(path, max_seconds, start_seconds, end_seconds)
    return next(blocks), blocks


def _read(path: Path, max_seconds: float, start: float, end: float) -> Iterator:
    """Gives the rate, then the blocks. The content decides about the format, not the suffix."""
    import soundfile

    if path.suffix.lower() in SNDFILE_SUFFIXES:
        try:
            yield from _read_sndfile(path, max_seconds, start, end)
            return
        except soundfile.LibsndfileError as error:
            if error.code != _UNRECOGNISED:
                raise MediaError(f"{path} cannot be read as audio: {error.error_string.rstrip('.')}") from error
    yield from _read_av(path, max_seconds, start, end)


def _read_sndfile(path: Path, max_seconds: float, start: float, end: float) -> Iterator:
    import soundfile

    with soundfile.SoundFile(path) as file:
        rate_hz = file.samplerate
        _check_form(path, file.channels, rate_hz)
        first = min(round(start * rate_hz), file.frames)
        last = round(min(end * rate_hz, file.frames))
        _check_length(path, (last - first) / rate_hz, max_seconds)
        yield rate_hz
        if first:
            file.seek(first)
        while first < last:
            samples = file.read(min(_BLOCK_SAMPLES, last - first), dtype="float32", always_2d=True)
            if not len(samples):  # fewer than the header says
                break
            first += len(samples)
            yield samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)


def _read_av(path: Path, max_seconds: float, start: float, end: float) -> Iterator:
    import av

    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise MediaError(f"{path} has no audio stream: expected a voice")
            stream = container.streams.audio[0]
            check_stream(path, stream)
            if stream.duration and stream.time_base:
                seconds = float(stream.duration * stream.time_base)
                _check_length(path, min(end, seconds) - start, max_seconds)
            _check_form(path, stream.channels, stream.rate)
            yield stream.rate
            yield from _decode_av(container, stream, path, max_seconds, start, end)
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path} cannot be read as audio: {getattr(error, 'strerror', None) or error}") from error


def _decode_av(container, stream, path: Path, max_seconds: float, start: float, end: float) -> Blocks:
    import av

    rate_hz = stream.rate
    count = 0
    resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=rate_hz)
    if start > _WARM_UP_SECONDS:
        container.seek(int((start - _WARM_UP_SECONDS) / stream.time_base), stream=stream)
    spanned = start > 0 or end < math.inf
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
            block = block.mean(axis=0)
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
