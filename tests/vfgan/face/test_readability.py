"""How well a face can be read: clear ones are, covered and blown-out ones are not, and stay as they are there."""

import cv2
import numpy as np
import pytest

from vfgan.config.data import CropConfig
from vfgan.face.crop import crop_matrix, warp_crop
from vfgan.face.face import Face
from vfgan.face.readability import LIMITS, Readability, Reader, ReadingNotes


@pytest.fixture(scope="module")
def reader():
    return Reader()


def read(reader, finder, rgb):
    return reader.read(rgb, finder.find(rgb)[0])


def sunglasses(rgb, eyes):
    """Dark lenses over both eyes."""
    worn, size = rgb.copy(), round(0.36 * np.linalg.norm(eyes[1] - eyes[0]))
    for eye in eyes:
        cv2.ellipse(worn, tuple(map(int, eye)), (size, round(0.8 * size)), 0, 0, 360, (14, 14, 16), -1)
    return worn


def reading(**measures):
    return Readability(dict.fromkeys(LIMITS, -9.0) | measures, np.zeros((12, 12), np.float32))


@pytest.mark.parametrize("actor", [1, 2, 3, 4, 5])
def test_a_drawn_person_is_clear(reader, finder, portrait, actor):
    assert read(reader, finder, portrait(256, actor)[0]).level == "clear"


@pytest.mark.medium
@pytest.mark.parametrize("actor", [1, 2, 3])
def test_sunglasses_are_seen_where_they_are(reader, finder, portrait, actor):
    rgb, eyes = portrait(512, actor)
    seen = read(reader, finder, sunglasses(rgb, eyes))
    assert seen.level == "doubtful"
    assert seen.reasons == ["parts of it are covered"]
    rows = seen.spoilt.mean(axis=1)
    assert rows[3:5].mean() > 3 * rows[8:].mean()  # the eyes' rows, not the mouth's


def test_a_mask_over_nose_and_mouth_is_seen(reader, finder, portrait):
    rgb, eyes = portrait(512, 2)
    unit, middle = np.linalg.norm(eyes[1] - eyes[0]), eyes.mean(0)
    outline = middle + unit * np.array(
        [[-0.9, 0.45], [0, 0.35], [0.9, 0.45], [0.8, 1.4], [0.3, 1.9], [-0.3, 1.9], [-0.8, 1.4]]
    )
    worn = cv2.fillPoly(rgb.copy(), [outline.astype(np.int32)], (120, 170, 210))
    seen = reader.read(worn, finder.find(rgb)[0])
    assert seen.level != "clear"
    assert seen.spoilt[8:, 4:8].mean() > 0.6
    assert seen.spoilt[3:5].mean() < 0.3


def test_a_blown_out_face_is_hopeless_and_a_dark_one_too(reader, finder, portrait):
    rgb = portrait(256, 2)[0]
    face = finder.find(rgb)[0]
    white, black = np.clip(rgb * 3.0 + 90, 0, 255).astype(np.uint8), (rgb * 0.05).astype(np.uint8)
    assert (reader.read(white, face).level, reader.read(black, face).level) == ("hopeless", "hopeless")
    assert "it is blown out" in reader.read(white, face).reasons
    assert "it is too dark" in reader.read(black, face).reasons


def test_a_drawing_is_noticed(reader, finder, portrait):
    rgb = portrait(256, 2)[0]
    seen = reader.read((rgb // 48 * 48 + 24).astype(np.uint8), finder.find(rgb)[0])
    assert seen.level == "doubtful"
    assert seen.reasons == ["it seems to be drawn"]


def test_a_face_at_the_edge_is_doubtful(reader, finder, portrait):
    rgb, eyes = portrait(256, 1)
    cut = np.ascontiguousarray(rgb[:, int(eyes[0, 0]) - 8 :])
    assert "the picture's edge cuts it" in reader.read(cut, finder.find(cut)[0]).reasons


def test_levels_by_hand():
    assert reading().level == "clear"
    assert reading(turned=45.0).level == "doubtful"
    assert reading(turned=65.0).level == "hopeless"
    assert reading(unsure=-4.0, dark=0.5).reasons == ["it is too dark", "it hardly looks like a face"]
    assert reading(turned=45.0).note() == ["the face is hard to read: it is turned away"]
    assert reading(turned=65.0).note() == ["the face is hard to read: it is turned away; it is not changed"]
    assert reading().note() == []


def test_over_time_it_is_smoothed():
    mixed = reading(turned=40.0).after(reading(turned=0.0), 0.75)
    assert mixed.measures["turned"] == pytest.approx(10.0)
    assert reading(turned=40.0).after(None, 0.75).measures["turned"] == 40.0


def test_frames_are_counted():
    notes = ReadingNotes()
    assert notes.said() == []
    for degrees in (0, 45, 70, 0):
        notes.add(reading(turned=float(degrees)))
    assert notes.said() == ["the face is hard to read in 2 of 4 frames: it is turned away; it is not changed in 1"]


def test_what_is_covered_stays_and_the_rest_is_changed():
    before, after = np.full((240, 240, 3), 100, np.uint8), np.full((240, 240, 3), 160, np.uint8)
    covered = reading()
    covered.spoilt[3:5] = 1.0  # rows of 20 px
    kept = covered.without_spoilt(before, after)
    assert (kept[62:98] == 100).all()
    assert (kept[140:] == 160).all()
    np.testing.assert_array_equal(reading().without_spoilt(before, after), after)
    np.testing.assert_array_equal(reading(turned=70.0).without_spoilt(before, after), before)


@pytest.mark.real
def test_shared_cases(real_data, finder, reader):
    from vfgan.media.images import read_image

    cases = real_data.parent / "cases"
    if not cases.is_dir():
        pytest.skip(f"no files that people have in {cases}")
    five = finder.find(read_image(cases / "group5.jpg"))
    assert len(five) == 5
    assert all(reader.read(read_image(cases / "group5.jpg"), face).level == "clear" for face in five)
    assert read(reader, finder, read_image(cases / "over.jpg")).level == "hopeless"
    worn = read_image(cases / "sunglasses.jpg")
    seen, face = read(reader, finder, worn), finder.find(worn)[0]
    assert (seen.level, seen.reasons) == ("doubtful", ["parts of it are covered"])
    crop = warp_crop(worn, crop_matrix(face, CropConfig(), 240), 240)
    kept = seen.without_spoilt(crop, 255 - crop)
    lenses = crop.max(axis=2) < 40
    lenses[:50] = lenses[120:] = False  # not the hair
    assert (kept == crop)[cv2.erode(lenses.astype(np.uint8), np.ones((9, 9))) > 0].mean() > 0.9
    assert (kept == 255 - crop)[150:200, 80:160].all()  # the mouth


@pytest.mark.medium
@pytest.mark.real
@pytest.mark.parametrize(
    ("folder", "most"), [("london", 0.0), ("people/kdef", 0.02), ("people/nimstim", 0.02), ("wild", 0.1)]
)
def test_photos_are_seldom_called_hard_to_read(real_data, finder, reader, folder, most):
    """Of the web photos some are covered indeed: masks, hair over the eyes, a notebook."""
    from vfgan.media.images import read_image

    paths = sorted((real_data / folder).rglob("*.jpg"))
    pictures = [read_image(path) for path in paths[:: max(1, len(paths) // 60)]]
    hard = [read(reader, finder, rgb).level != "clear" for rgb in pictures if finder.find(rgb)]
    assert np.mean(hard) <= most


def test_a_face_without_a_picture_around_it_is_no_error(reader):
    points = np.random.default_rng(0).uniform(-900, -300, (468, 2)).astype(np.float32)
    assert reader.read(np.full((20, 30, 3), 90, np.uint8), Face(points)).level == "hopeless"
