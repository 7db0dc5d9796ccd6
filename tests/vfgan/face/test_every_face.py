"""Every face of a picture is found where it is known to be: any size, any turn, any number."""

import itertools

import cv2
import numpy as np
import pytest

from vfgan.face.finder import FaceFinder
from vfgan.face.pyramid import _SHARED, _TILE_PX, FacePyramid, _starts
from vfgan.face.selection import WhichFace


def errors(faces, truth):
    """Of each drawn face, how far the nearest found one's eyes are off, in eye distances: each eye at its own place."""
    off = []
    for placed in truth:
        distance = np.linalg.norm(placed.eyes[1] - placed.eyes[0])
        off.append(min((np.abs(face.eye_centres - placed.eyes).max() / distance for face in faces), default=np.inf))
    return np.array(off)


@pytest.mark.medium
@pytest.mark.parametrize("degrees", [0, 30, 60, 90, 135, 180, -45, -90, -150])
@pytest.mark.parametrize("size_px", [40, pytest.param(90, marks=pytest.mark.slow), 250])
def test_a_turned_face(finder, crowd, size_px, degrees):
    picture, truth = crowd((720, 1280), [(2, 640, 360, size_px, degrees)])
    faces = finder.find(picture)
    assert len(faces) == 1
    assert errors(faces, truth).max() < 0.2


@pytest.mark.medium
@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_any_number_of_faces(finder, crowd, count):
    places = [
        (1 + k % 4, 110 + 200 * (k % 6), 150 + 360 * (k // 6), 44 + 6 * k, 12 * (k % 3) - 12) for k in range(count)
    ]
    picture, truth = crowd((720, 1280), places)
    faces = finder.find(picture)
    assert len(faces) == count
    assert errors(faces, truth).max() < 0.2
    sizes = [face.eye_distance for face in faces]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.slow
def test_faces_of_40_to_1000_px_in_8k(finder, crowd):
    places = [(1, 1200, 1500, 1000, 0), (2, 3700, 900, 400, 20), (3, 5500, 700, 120, -30), (4, 7300, 400, 60, 90),
              (2, 4000, 3500, 40, 0), (1, 6500, 3500, 46, 180)]  # fmt: skip
    picture, truth = crowd((4320, 7680), places)
    faces = finder.find(picture)
    assert len(faces) == len(places)
    assert errors(faces, truth).max() < 0.25


@pytest.mark.medium
@pytest.mark.parametrize(
    ("which", "index"),
    [
        ("largest", 4),
        ("left", 0),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in (("right", 4), ("1", 3), ("4", 0))),
        ("central", 2),
    ],
)
def test_the_same_face_is_meant_in_a_picture_and_in_a_video(crowd, which, index):
    picture, truth = crowd((620, 2000), [(1 + k % 4, 130 + 390 * k, 320, 70 + 18 * k, 0) for k in range(5)])
    with FaceFinder() as alone, FaceFinder(tracking=True) as following:
        in_picture = WhichFace(which).first(alone.find(picture), picture.shape)
        choice, before = WhichFace(which), None
        for _ in range(3):
            before = choice.next(following.find(picture, before), picture.shape, before)
    for face in (in_picture, before):
        assert errors([face], [truth[index]]).max() < 0.2


@pytest.mark.medium
def test_far_faces_are_searched_for_now_and_then_in_a_video(crowd, monkeypatch):
    picture, _ = crowd((720, 1280), [(1, 400, 360, 220, 0), (2, 1000, 300, 44, 0)])
    searches, search = [], FacePyramid.search
    monkeypatch.setattr(FacePyramid, "search", lambda *given: searches.append(1) or search(*given))
    with FaceFinder(tracking=True) as finder:
        counts = [len(finder.find(picture)) for _ in range(50)]
    assert counts == [2] * 50  # what a search has found is followed
    assert len(searches) == 1


def test_a_video_without_a_face_is_searched_now_and_then(monkeypatch):
    searches, search = [], FacePyramid.search
    monkeypatch.setattr(FacePyramid, "search", lambda *given: searches.append(1) or search(*given))
    with FaceFinder(tracking=True) as finder:
        assert not any(finder.find(np.full((360, 640, 3), 130, np.uint8)) for _ in range(25))
    assert len(searches) == 3


@pytest.mark.parametrize("side", [1, 100, 192, 193, 320, 321, 1000, 4224])
def test_tiles_leave_nothing_out(side):
    starts = _starts(side)
    assert starts[0] == 0
    assert starts[-1] + _TILE_PX >= side
    assert all(later - start <= _TILE_PX - _SHARED for start, later in itertools.pairwise(starts))


def test_clouds_and_letters_are_no_faces(finder):
    rng = np.random.default_rng(4)
    clouds = cv2.resize(rng.integers(0, 256, (30, 50, 3), dtype=np.uint8), (1000, 600), interpolation=cv2.INTER_CUBIC)
    page = np.full((600, 1000, 3), 245, np.uint8)
    for row in range(18):
        cv2.putText(page, "(o o) 8:8 face B-) 0_0 @ @", (10, 30 + 32 * row), 1, 2, (20, 20, 20), 2)
    for picture in (clouds, page):
        assert finder.find(picture) == []
