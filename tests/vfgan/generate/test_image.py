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
