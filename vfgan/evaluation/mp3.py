"""What a lossy codec leaves of a waveform."""

import io
from typing import Any

import numpy as np


def through_mp3(waveform: np.ndarray, sample_rate_hz: int, bit_rate: int = 64_000) -> np.ndarray:
    """Encodes as MP3 and decodes again.

    Args:
        waveform: float32 [samples], mono, -1…1.
        sample_rate_hz: one that MP3 knows, such as 16,000.
        bit_rate: bits a second.
    Returns:
        float32 [samples]: of the same length; the encoder's delay is left in.
    """
    return _through(waveform, sample_rate_hz, "mp3", "libmp3lame", "fltp", bit_rate)


def through_opus(waveform: np.ndarray, sample_rate_hz: int, bit_rate: int = 24_000) -> np.ndarray:
    """Encodes as Opus in Ogg and decodes again; arguments as above, at 8, 12, 16, 24 or 48 kHz."""
    return _through(waveform, sample_rate_hz, "ogg", "libopus", "flt", bit_rate)


def _through(waveform, sample_rate_hz: int, container_name: str, codec: str, sample_format: str, bit_rate: int):
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=container_name) as container:
        stream: Any = container.add_stream(codec, rate=sample_rate_hz, layout="mono", bit_rate=bit_rate)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(waveform[None], np.float32), sample_format, "mono")
        frame.sample_rate = sample_rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    file.seek(0)
    with av.open(file, "r", format=container_name) as container:
        resampler = av.AudioResampler("flt", "mono", sample_rate_hz)  # Opus always comes out at 48 kHz
        frames = [one for frame in container.decode(audio=0) for one in resampler.resample(frame)]
        parts = [frame.to_ndarray().reshape(-1) for frame in [*frames, *resampler.resample(None)]]
    decoded = np.concatenate(parts).astype(np.float32)[: len(waveform)]
    return np.pad(decoded, (0, len(waveform) - len(decoded)))
