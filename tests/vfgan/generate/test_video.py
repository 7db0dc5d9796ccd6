"""Footage forth and back, in bounded memory, and in time."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from vfgan.generate import frames as footage
from vfgan.generate.frames import Footage, Photo, evenly_timed
from vfgan.media.images import Picture
from vfgan.media.video import read_frames
from vfgan.media.video_writer import write_video

COUNT = 11


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Frame n is of the grey level 20 n + 10."""
    path = tmp_path_factory.mktemp("footage") / "film.mp4"
    write_video(path, [np.full((48, 64, 3), 20 * index + 10, np.uint8) for index in range(COUNT)], 10)
    return path


def shown(frames):
    return [round((float(rgb.mean()) - 10) / 20) for rgb in frames]


@pytest.mark.parametrize("held", [1, 3, 10, 100])
def test_order_does_not_depend_on_what_is_held(film, monkeypatch, held):
    monkeypatch.setattr(footage, "HELD_BYTES", held * 48 * 64 * 3)
    there, back = list(range(COUNT)), list(range(COUNT - 2, -1, -1))
    expected = there + back + there[1:] + back
    assert shown(itertools.islice(Footage(film).forth_and_back(), len(expected))) == expected


def test_no_more_is_held_than_allowed(film, monkeypatch):
    """While it plays backwards, the frames decoded and not yet given are `HELD_BYTES` at most."""
    import weakref

    living, most = weakref.WeakSet(), []

    class Frame(np.ndarray):  # plain arrays cannot be put into a weak set
        __hash__ = object.__hash__
        __eq__ = object.__eq__

    decode = Footage._frames

    def counted(self, start_seconds):
        for rgb in decode(self, start_seconds):
            frame = rgb.view(Frame)
            living.add(frame)
            yield frame

    monkeypatch.setattr(Footage, "_frames", counted)
    monkeypatch.setattr(footage, "HELD_BYTES", 3 * 48 * 64 * 3)
    for _ in itertools.islice(Footage(film).forth_and_back(), 3 * COUNT):
        most.append(len(living))
    assert max(most) <= 3 + 2  # and the one in hand, and the one before it


BITS = 8  #: of a frame's number, each 16 px wide


def write_timed(path, times, options=None):
    """Frame n bears its number and is shown at times[n] seconds, rounded to milliseconds."""
    import av

    codec = "libvpx" if path.suffix == ".webm" else "libx264"
    with av.open(str(path), "w", options=options or {}) as container:
        video = container.add_stream(codec, rate=30)
        video.width, video.height, video.pix_fmt = 16 * BITS, 32, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        for index, time in enumerate(times):
            bits = np.repeat([235 if index >> bit & 1 else 20 for bit in range(BITS)], 16)
            rgb = np.tile(bits[None, :, None], (32, 1, 3)).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
            frame.pts, frame.time_base = round(1000 * time), Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))


def number(rgb):
    middles = rgb[8:24].reshape(16, BITS, 16, 3)[:, :, 4:12].mean(axis=(0, 2, 3))
    return int(sum(1 << bit for bit in range(BITS) if middles[bit] > 128))


FAST_THEN_SLOW = [*(np.arange(150) / 30), *(5 + np.arange(75) / 15)]
SLOW_THEN_FAST = [*(np.arange(75) / 15), *(5 + np.arange(150) / 30)]


@pytest.mark.parametrize("times", [FAST_THEN_SLOW, SLOW_THEN_FAST])
@pytest.mark.parametrize(("name", "options"), [("a.mp4", {}), ("a.mkv", {}), ("live.webm", {"live": "1"})])
def test_a_variable_rate_stays_in_time(tmp_path, times, name, options):
    write_timed(tmp_path / name, times, options)
    film = Footage(tmp_path / name)
    numbers = [number(rgb) for rgb in film.once()]
    assert numbers == sorted(numbers)
    assert numbers[0] == 0
    assert abs(len(numbers) - 10 * film.fps) <= 2
    assert abs(len(numbers) - film.count) <= 2
    late = [index / float(film.fps) - times[shown] for index, shown in enumerate(numbers)]
    assert min(late) > -1.01 / film.fps
    assert max(late) < 1.01 / film.fps + 1 / 15  # a frame stays until the next one
    there_and_back = [number(rgb) for rgb in itertools.islice(film.forth_and_back(), 2 * len(numbers) - 1)]
    assert there_and_back == numbers + numbers[-2::-1]


@pytest.mark.parametrize(("times", "most"), [(np.arange(150) / 29.97, 0), (FAST_THEN_SLOW, 2), (SLOW_THEN_FAST, 2)])
def test_backwards_in_pieces_is_the_way_back(tmp_path, monkeypatch, times, most):
    """Pieces are found by their time: at a variable rate they are within a frame of where they are."""
    write_timed(tmp_path / "a.mp4", times)
    film = Footage(tmp_path / "a.mp4")
    forth = [number(rgb) for rgb in film.once()]
    monkeypatch.setattr(footage, "HELD_BYTES", 40 * 32 * 16 * BITS * 3)
    starts, read = [], footage.read_frames
    monkeypatch.setattr(footage, "read_frames", lambda *a, **k: starts.append(k["start_seconds"]) or read(*a, **k))
    back = [number(rgb) for rgb in itertools.islice(film.forth_and_back(), len(forth), 2 * len(forth) - 1)]
    assert len([start for start in starts if start > 0]) >= 3  # they are not all read from the beginning
    assert np.abs(np.array(back) - forth[-2::-1]).max() <= most


@pytest.mark.parametrize("fps", [Fraction(30_000, 1001), Fraction(25), Fraction(25, 2)])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_a_constant_rate_stays_as_it_is(tmp_path, fps, suffix):
    path = tmp_path / f"a{suffix}"
    write_video(path, [np.full((48, 64, 3), 3 * index, np.uint8) for index in range(60)], fps)
    frames, film = [rgb for _, rgb in read_frames(path)], Footage(path)
    assert film.fps == fps
    np.testing.assert_array_equal(np.stack(list(film.once())), frames)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0, 1, 2, 3], [0, 1, 2, 3]),
        ([0, 1.4, 1.7, 3.3], [0, 1, 2, 3]),  # they tremble
        ([0, 1, 4, 5], [0, 1, 1, 1, 2, 3]),  # a pause
        ([0, 0.2, 0.4, 0.6, 1, 2], [0, 1, 4, 5]),  # a burst
        ([0, 1, 1000, 1001], [0, 1, 2, 3]),  # joined: a leap of more than a minute
        ([0, 1, 2, 3, 0, 1], [0, 1, 2, 3, 4, 5]),  # joined: back to the start
    ],
)
def test_frames_are_repeated_and_left_out(times, expected):
    assert list(evenly_timed(((time, index) for index, time in enumerate(times)), Fraction(1))) == expected


def test_footage_of_more_than_an_hour(tmp_path):
    write_video(tmp_path / "long.mp4", [np.full((48, 64, 3), 90, np.uint8)] * 50, Fraction(1, 100))
    assert len(list(Footage(tmp_path / "long.mp4").once())) == 50


def test_what_a_header_says(film):
    film = Footage(film)
    assert (film.count, film.fps) == (COUNT, 10)
    assert shown(film.once()) == list(range(COUNT))


def test_one_frame(tmp_path):
    write_video(tmp_path / "one.mp4", [np.full((48, 64, 3), 90, np.uint8)], 10)
    assert shown(itertools.islice(Footage(tmp_path / "one.mp4").forth_and_back(), 3)) == [4, 4, 4]


@pytest.mark.parametrize(
    ("size", "expected"),
    [((3001, 4000), (1440, 1920)), ((4000, 999), (1920, 480)), ((1920, 1081), (1920, 1081)), ((3, 5000), (2, 1920))],
)
def test_a_large_photo_is_made_smaller(size, expected):
    (rgb,) = Photo(Picture(np.full((*size, 3), (10, 100, 200), np.uint8))).once()
    assert rgb.shape == (*expected, 3)
    assert (rgb == (10, 100, 200)).all()


def test_a_photo_is_the_same_array_again():
    frames = list(itertools.islice(Photo(Picture(np.full((48, 64, 3), 90, np.uint8))).forth_and_back(), 3))
    assert frames[0] is frames[2]
