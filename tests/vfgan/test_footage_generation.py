"""Footage forth and back, in bounded memory."""

import itertools

import numpy as np
import pytest

from vfgan import footage
from vfgan.errors import MediaError
from vfgan.footage import Footage, Photo
from vfgan.media.images import write_image
from vfgan.media.video import write_video

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

    decode = Footage.once

    def counted(self):
        for rgb in decode(self):
            frame = rgb.view(Frame)
            living.add(frame)
            yield frame

    monkeypatch.setattr(Footage, "once", counted)
    monkeypatch.setattr(footage, "HELD_BYTES", 3 * 48 * 64 * 3)
    for _ in itertools.islice(Footage(film).forth_and_back(), 3 * COUNT):
        most.append(len(living))
    assert max(most) <= 3 + 2  # and the one in hand, and the one before it


def test_what_a_header_says(film):
    film = Footage(film)
    assert (film.count, film.fps) == (COUNT, 10)
    assert shown(film.once()) == list(range(COUNT))


def test_one_frame(tmp_path):
    write_video(tmp_path / "one.mp4", [np.full((48, 64, 3), 90, np.uint8)], 10)
    assert shown(itertools.islice(Footage(tmp_path / "one.mp4").forth_and_back(), 3)) == [4, 4, 4]


def test_a_photo_is_the_same_array_again(tmp_path):
    write_image(tmp_path / "a.png", np.full((48, 64, 3), 90, np.uint8))
    frames = list(itertools.islice(Photo(tmp_path / "a.png").forth_and_back(), 3))
    assert frames[0] is frames[2]
    with pytest.raises(MediaError, match="does not exist"):
        Photo(tmp_path / "b.png")
