"""Recordings of any container, codec and rate -> mono float32 at one rate."""

from pathlib import Path

import numpy as np

from vfgan.errors import MediaError
from vfgan.media.containers import check_stream

#: libsndfile reads these faster than FFmpeg; everything else goes through PyAV.
SNDFILE_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3"})
MAX_CHANNELS = 64


def load_waveform(path: str | Path, sample_rate_hz: int = 16_000, *, max_seconds: float = 600.0) -> np.ndarray:
    """Reads the first audio stream of a recording or video, mixed to mono and resampled.

    Args:
        path: any container and codec that libsndfile or FFmpeg reads.
        sample_rate_hz: rate of the result.
        max_seconds: longest recording accepted; checked against the header before decoding and while decoding.
    Returns:
        float32 [samples], nominally -1…1 (float files may exceed it; nothing is clipped).
    Raises:
        MediaError: no such file, no audio in it, unreadable, no samples, values that are not finite, too long.
    """
    path = Path(path)
    if not path.is_file():
        raise MediaError(f"{path} does not exist or is no file: expected a recording")
    if path.stat().st_size == 0:
        raise MediaError(f"{path} is empty (0 bytes): expected a recording")
    read = _read_sndfile if path.suffix.lower() in SNDFILE_SUFFIXES else _read_av
    samples, rate_hz = read(path, max_seconds)
    if samples.size == 0:
        raise MediaError(f"{path} has no audio samples: expected speech")
    if not np.isfinite(samples).all():
        where = int(np.flatnonzero(~np.isfinite(samples))[0])
        raise MediaError(f"{path} holds a value that is not finite at {where / rate_hz:.3f} s: export it again")
    if rate_hz != sample_rate_hz:
        import soxr

        samples = soxr.resample(samples, rate_hz, sample_rate_hz)
        if samples.size == 0:
            raise MediaError(f"{path} has too few samples to resample to {sample_rate_hz} Hz: expected speech")
    return np.ascontiguousarray(samples, np.float32)


def _read_sndfile(path: Path, max_seconds: float) -> tuple[np.ndarray, int]:
    """float32 [samples] and its rate, through libsndfile."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            _check_length(path, file.frames / file.samplerate, max_seconds)
            samples = file.read(dtype="float32", always_2d=True)  # [samples, channels]
            return samples.mean(axis=1), file.samplerate
    except soundfile.LibsndfileError as error:
        raise MediaError(f"{path} cannot be read as audio: {error.error_string.rstrip('.')}") from error


def _read_av(path: Path, max_seconds: float) -> tuple[np.ndarray, int]:
    """float32 [samples] and its rate, through FFmpeg."""
    import av

    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise MediaError(f"{path} has no audio stream: expected a voice")
            stream = container.streams.audio[0]
            check_stream(path, stream)
            if stream.duration and stream.time_base:
                _check_length(path, float(stream.duration * stream.time_base), max_seconds)
            rate_hz, blocks, seconds = stream.rate, [], 0.0
            resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=rate_hz)
            for frame in container.decode(stream):
                for converted in resampler.resample(frame):
                    block = converted.to_ndarray()  # [channels, samples]
                    if block.shape[0] > MAX_CHANNELS:
                        raise MediaError(f"{path} has {block.shape[0]} channels: at most {MAX_CHANNELS} are read")
                    blocks.append(block.mean(axis=0))
                    seconds += block.shape[1] / rate_hz
                _check_length(path, seconds, max_seconds)
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path} cannot be read as audio: {getattr(error, 'strerror', None) or error}") from error
    return (np.concatenate(blocks) if blocks else np.zeros(0, np.float32)), rate_hz


def _check_length(path: Path, seconds: float, max_seconds: float) -> None:
    if seconds > max_seconds:
        raise MediaError(f"{path} is {seconds:.0f} s long: at most {max_seconds:.0f} s are read; cut it into pieces")
