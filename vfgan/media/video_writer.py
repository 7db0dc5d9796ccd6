"""Writes RGB frames with sound as H.264."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np

from vfgan.errors import ConfigError, MediaError
from vfgan.media.containers import open_media
from vfgan.media.sound_track import SoundTrack, WaveformTrack
from vfgan.storage.files import atomic_path

WRITTEN_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv")
_BT709, _LIMITED_RANGE = 1, 1  # FFmpeg's numbers, for the tags


def check_written(path: str | Path) -> None:
    """Checks that a video of this name can be written.

    Raises:
        ConfigError: its suffix names no format that can be.
    """
    if Path(path).suffix.lower() not in WRITTEN_SUFFIXES:
        raise ConfigError(f"{path}: expected a video's name that ends in {', '.join(WRITTEN_SUFFIXES)}")


def write_video(
    path: str | Path,
    frames: Iterable[np.ndarray],
    fps: float | Fraction,
    *,
    waveform: np.ndarray | Callable[[float], np.ndarray] | None = None,
    sample_rate_hz: int = 16_000,
    sound: SoundTrack | None = None,
    metadata: Mapping[str, str] | None = None,
    crf: int = 18,
) -> None:
    """Writes H.264 in BT.709, limited range, tagged so; with sound; whole or not at all.

    Args:
        frames: uint8 [height, width, 3] RGB, all of one size; an odd last row or column is dropped (4:2:0).
        fps: constant frame rate.
        waveform: float32 [samples], -1…1, mono; or a function from the written seconds of video to that; or None for
            no sound track.
        sample_rate_hz: rate of `waveform`.
        sound: in place of a waveform, such as a recording's own sound (`vfgan.media.sound_track.RecordingTrack`).
        metadata: tags of the container, such as `comment`.
        crf: x264's constant rate factor, 0 (lossless) to 51.
    Raises:
        MediaError: there is no frame.
        OutputError: the file cannot be written.
    """
    import av
    from av.video.reformatter import VideoReformatter

    fps = Fraction(fps).limit_denominator(60_000)
    if waveform is not None:
        sound = WaveformTrack(waveform, sample_rate_hz)
    options = {"movflags": "+faststart+use_metadata_tags"} if Path(path).suffix.lower() != ".mkv" else {}
    with atomic_path(path) as temporary, open_media(temporary, "w", options=options) as container:
        container.metadata.update(metadata or {})
        video, count, converter = None, 0, VideoReformatter()
        for rgb in frames:
            if video is None:
                video = _add_h264(container, rgb, fps, crf)
                if sound:
                    sound.begin(container)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb[: video.height, : video.width]), "rgb24")
            frame = converter.reformat(
                frame,
                format="yuv420p",
                dst_colorspace="ITU709",  # type: ignore[arg-type]
                dst_color_range="MPEG",
                threads=1,
            )
            frame.pts, frame.time_base = count, 1 / fps
            count += 1
            container.mux(video.encode(frame))
        if video is None:
            raise MediaError(f"{path}: there are no frames to write")
        container.mux(video.encode(None))
        if sound:
            sound.write(container, float(count / fps))


def _add_h264(container, rgb: np.ndarray, fps: Fraction, crf: int):
    video = container.add_stream("libx264", rate=fps)
    video.height, video.width = rgb.shape[0] // 2 * 2, rgb.shape[1] // 2 * 2
    video.pix_fmt = "yuv420p"
    context = video.codec_context
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    context.color_range = _LIMITED_RANGE
    # the same frames give the same bytes only with one thread, and without x264's macroblock tree: its assembly gave
    # another stream in 15 of 300 encodings of one clip, without it 0 of 300
    video.options = {"crf": str(crf), "preset": "veryfast", "threads": "1", "x264-params": "mbtree=0"}
    return video
