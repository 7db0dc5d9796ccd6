"""Frames that nobody looks at are not decoded, and those that are looked at are the same."""

import math
from fractions import Fraction

import av
import numpy as np
import pytest

from vfgan.media import video
from vfgan.media.sparing import Due, spared
from vfgan.media.video import read_frames


def written(path, pictures, codec="libx264", options=None, interlaced=False):
    """A video of 25 frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.height, stream.width, stream.pix_fmt = *pictures[0].shape[:2], "yuv420p"
        if interlaced:
            stream.codec_context.flags |= av.codec.context.Flags.interlaced_dct
        for pts, rgb in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
            frame.pts, frame.time_base = pts, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def due_of_all(path, interval, start=0.0, end=math.inf):
    """What is due of all frames, decoded one and all."""
    due, every = Due(interval, start, end), read_frames(path)
    return [(time - start, rgb) for time, rgb in every if due.begun(time) and not due.ended(time) and due.now(time)]


def same(some, others):
    np.testing.assert_allclose([time for time, _ in some], [time for time, _ in others], atol=1e-6)
    for (_, one), (_, other) in zip(some, others, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("suffix", "codec", "options"),
    [
        ("mp4", "libx264", {"bf": "3"}),
        ("mp4", "libx264", {"bf": "3", "x264-params": "open-gop=1:keyint=10"}),
        ("mkv", "libx264", {"bf": "2", "b-pyramid": "normal"}),
        ("mp4", "libx265", {"x265-params": "log-level=none"}),
        ("mp4", "mpeg4", {"bf": "2"}),
        ("mpg", "mpeg2video", {"bf": "2"}),
        ("webm", "libvpx-vp9", {"deadline": "realtime"}),
        ("avi", "mpeg4", {}),
    ],
)
def test_frames_are_those_of_all(tmp_path, moving, suffix, codec, options):
    path = written(tmp_path / f"a.{suffix}", list(moving(60, 64, 64)), codec, options)
    for interval in (0.08, 0.3, 1.0):
        same(list(read_frames(path, interval_seconds=interval)), due_of_all(path, interval))
    part = {"start_seconds": 0.7, "end_seconds": 1.9}
    same(list(read_frames(path, interval_seconds=0.08, **part)), due_of_all(path, 0.08, *part.values()))


def test_fewer_frames_are_decoded(tmp_path, moving, monkeypatch):
    path, decoded = written(tmp_path / "a.mp4", list(moving(60, 64, 64)), options={"bf": "3"}), []

    def counted(*arguments):
        for frame in decode(*arguments):
            decoded.append(frame.pts)
            yield frame

    decode = video._decode
    monkeypatch.setattr(video, "_decode", counted)
    seen = list(read_frames(path, interval_seconds=0.2))
    assert len(seen) == 12
    assert len(seen) < len(decoded) <= 40  # of 60
    assert len(spared(path, Due(0.2, 0.0, math.inf))) == 48


def test_packets_that_mislead_cost_time_alone(tmp_path, moving, monkeypatch):
    """Where another frame comes than the packets say, all are decoded after all, and none comes twice."""
    path = written(tmp_path / "a.mp4", list(moving(60, 64, 64)), options={"bf": "3"})
    stamps = [packet.pts for packet in av.open(str(path)).demux(video=0) if packet.size]
    expected = due_of_all(path, 0.2)
    for wrong in ({sorted(stamps)[30]}, set(stamps), set(sorted(stamps)[1:])):
        monkeypatch.setattr(video, "spared", lambda path, due, wrong=wrong: frozenset(wrong))
        same(list(read_frames(path, interval_seconds=0.2)), expected)


def test_combs_are_taken_out_with_all_frames(tmp_path, moving):
    options = {"bf": "2", "x264-params": "tff=1"}
    path = written(tmp_path / "a.mp4", list(moving(40, 64, 64)), options=options, interlaced=True)
    assert next(av.open(str(path)).decode(video=0)).interlaced_frame
    same(list(read_frames(path, interval_seconds=0.2)), due_of_all(path, 0.2))


def test_a_file_that_breaks_off_is_read_as_far_as_it_goes(tmp_path, moving):
    path = written(tmp_path / "a.mkv", list(moving(60, 64, 64)), options={"bf": "3", "g": "10"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    same(list(read_frames(path, interval_seconds=0.08)), due_of_all(path, 0.08))
