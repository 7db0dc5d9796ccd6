"""What a lossy codec leaves of a waveform."""

import io

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
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=sample_rate_hz, layout="mono", bit_rate=bit_rate)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(waveform[None], np.float32), "fltp", "mono")
        frame.sample_rate = sample_rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    file.seek(0)
    with av.open(file, "r", format="mp3") as container:
        parts = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    decoded = np.concatenate(parts).astype(np.float32)[: len(waveform)]
    return np.pad(decoded, (0, len(waveform) - len(decoded)))
