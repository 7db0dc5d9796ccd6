"""Pictures: size and background stay, and they say that they are synthetic."""

import numpy as np
import pytest

from vfgan.generate.image import generate_image
from vfgan.media.images import read_image, write_image


@pytest.mark.medium
def test_picture_keeps_size_and_background(model, folder, tmp_path):
    report = generate_image(model, folder / "voice.wav", folder / "person.png", tmp_path / "out.png")
    heard = report.heard
    assert report.faces == 1
    before, after = read_image(folder / "person.png").astype(int), read_image(tmp_path / "out.png").astype(int)
    assert before.shape == after.shape
    changed = np.abs(before - after).max(axis=2) > 0
    assert changed[110:160, 110:150].mean() > 0.5  # the face
    assert not changed[:10].any()  # the background above it
    assert not changed[:, :10].any()
    assert heard.probabilities.shape == (8,)
    assert heard.emotion in ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")


def test_picture_says_that_it_is_synthetic(model, folder, tmp_path):
    from PIL import Image

    for name in ("a.png", "a.jpg"):
        generate_image(model, folder / "voice.wav", folder / "person.png", tmp_path / name)
        with Image.open(tmp_path / name) as image:
            note = image.info.get("Comment") or image.info.get("comment").decode()
        assert note.startswith("Synthetic")


def test_of_two_faces_the_largest_is_changed(model, folder, tmp_path):
    import cv2

    person = read_image(folder / "person.png")
    both = np.full((256, 480, 3), person[0, 0], np.uint8)
    both[:, :256] = person
    both[20:212, 272:464] = cv2.resize(person, (192, 192), interpolation=cv2.INTER_AREA)
    write_image(tmp_path / "both.png", both)
    assert generate_image(model, folder / "voice.wav", tmp_path / "both.png", tmp_path / "out.png").faces == 2
    changed = np.abs(both.astype(int) - read_image(tmp_path / "out.png")).max(axis=2) > 0
    assert changed[110:160, 110:150].mean() > 0.5
    assert not changed[:, 272:].any()
    generate_image(model, folder / "voice.wav", tmp_path / "both.png", tmp_path / "out.png", which="1")
    changed = np.abs(both.astype(int) - read_image(tmp_path / "out.png")).max(axis=2) > 0
    assert not changed[:, :256].any()
    assert changed[:, 272:].any()


@pytest.mark.medium
@pytest.mark.parametrize(
    ("which", "index"),
    [
        ("largest", 4),
        ("left", 0),
        pytest.param("right", 4, marks=pytest.mark.slow),
        pytest.param("central", 2, marks=pytest.mark.slow),
        ("1", 3),
    ],
)
def test_the_face_that_is_meant_is_changed_and_no_other(model, folder, crowd, tmp_path, which, index):
    picture, truth = crowd((300, 1000), [(1 + k % 4, 90 + 200 * k, 150, 50 + 10 * k, 0) for k in range(5)])
    write_image(tmp_path / "five.png", picture)
    report = generate_image(model, folder / "voice.wav", tmp_path / "five.png", tmp_path / "out.png", which=which)
    assert (report.faces, report.changed) == (5, True)
    assert report.notes[0].startswith("there are 5 faces: ")
    changed = np.abs(picture.astype(int) - read_image(tmp_path / "out.png")).max(axis=2) > 0
    columns = changed.any(axis=0).nonzero()[0]
    middle = truth[index].eyes[:, 0].mean()
    assert abs(columns.mean() - middle) < 12
    assert np.abs(columns - middle).max() < 100  # the next face is 200 px away


def test_a_face_that_cannot_be_read_stays_and_that_is_said(model, folder, tmp_path):
    white = np.clip(read_image(folder / "person.png") * 3.0 + 90, 0, 255).astype(np.uint8)
    write_image(tmp_path / "white.png", white)
    report = generate_image(model, folder / "voice.wav", tmp_path / "white.png", tmp_path / "out.png")
    assert not report.changed
    assert (read_image(tmp_path / "out.png") == white).all()
    assert "the face is hard to read: it is blown out; it is not changed" in report.notes
