"""Films made for the cases: of known colours, shapes, matrices, tracks."""

import struct
from fractions import Fraction

import av
import numpy as np


def film(path, frames, *, codec="libx264", pixels="yuv420p", tags=None, aspect=None, options=None, rate=25):
    """Writes frames as they are, with nothing converted but RGB.

    Args:
        frames: PyAV's frames in `pixels`, or uint8 [height, width, 3] in RGB, which become BT.601, limited.
        tags: FFmpeg's numbers of colorspace, color_range, color_trc, color_primaries.
        aspect: of a pixel.
    """
    first = frames[0]
    height, width = first.shape[:2] if isinstance(first, np.ndarray) else (first.height, first.width)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.options = {"crf": "4", "preset": "ultrafast"} | (options or {})
        for name, value in (tags or {}).items():
            setattr(stream.codec_context, name, value)
        if aspect:
            stream.codec_context.sample_aspect_ratio = Fraction(aspect)
        for index, frame in enumerate(frames):
            if isinstance(frame, np.ndarray):
                frame = av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = index, Fraction(1, rate)
            for name, value in (tags or {}).items():
                setattr(frame, name, value)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def flat(y, u, v, width=64, height=48, pixels="yuv420p"):
    """A frame of one colour, by its own numbers."""
    frame = av.VideoFrame(width, height, pixels)
    for plane, value in zip(frame.planes, (y, u, v)):
        dtype = np.uint16 if "10le" in pixels else np.uint8
        plane.update(np.full(plane.buffer_size // dtype().nbytes, value, dtype))
    return frame


def set_matrix(path, matrix):
    """Writes a display matrix (a, b, c, d) into the header of an mp4's video track."""
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4
    place += 4 + (32 if content[place] == 1 else 20) + 16
    a, b, c, d = (value << 16 for value in matrix)
    content[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)


def turned(rgb, matrix):
    """A picture as the matrix shows it: x' = a x + c y, y' = b x + d y, moved to begin at 0."""
    a, b, c, d = matrix
    y, x = np.mgrid[: rgb.shape[0], : rgb.shape[1]]
    right, down = a * x + c * y, b * x + d * y
    shown = np.zeros((np.ptp(down) + 1, np.ptp(right) + 1, 3), np.uint8)
    shown[down - down.min(), right - right.min()] = rgb
    return shown


def rgb_of(y, u, v, kr, kb, full):
    """Y'CbCr -> R'G'B' by the standards' equations, 0 to 255."""
    luma = y / 255 if full else (y - 16) / 219
    cb, cr = ((value - 128) / (255 if full else 224) for value in (u, v))
    red, blue = luma + 2 * (1 - kr) * cr, luma + 2 * (1 - kb) * cb
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    return 255 * np.clip([red, green, blue], 0, 1)


def sine(hz, seconds=1.0, rate=48_000, level=0.3):
    """float32 [samples]."""
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def recording(path, tracks, *, codec="aac", rate=48_000, layout="mono"):
    """A recording with several tracks.

    Args:
        tracks: (float32 [channels, samples], whether it has the default flag) of each.
    """
    from av.stream import Disposition

    with av.open(str(path), "w") as container:
        streams = []
        for _, is_default in tracks:
            stream = container.add_stream(codec, rate=rate, layout=layout)
            stream.disposition = Disposition.default if is_default else Disposition(0)
            streams.append(stream)
        for stream, (samples, _) in zip(streams, tracks):
            for start in range(0, samples.shape[1], 1024):
                part = np.ascontiguousarray(samples[:, start : start + 1024])
                frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
                frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
                container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode(None))


def pitch(samples, rate=16_000):
    """The strongest frequency in the middle of a sound, Hz."""
    middle = samples[len(samples) // 4 : 3 * len(samples) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 16))
    return float(spectrum.argmax() * rate / (1 << 16))
