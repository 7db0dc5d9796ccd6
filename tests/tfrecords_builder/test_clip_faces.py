"""The face part of a record: which face, what is measured of it, and what is noted."""

import dataclasses

import cv2
import numpy as np
import pytest

from tfrecords_builder.clip import Clip
from tfrecords_builder.clip_faces import face_fields
from vfgan.config.data import BuildConfig
from vfgan.errors import ConfigError, NoFaceError
from vfgan.face.crop import sharpness
from vfgan.media.video import read_frames
from vfgan.media.video_writer import write_video

pytestmark = pytest.mark.medium

CONFIG = BuildConfig(face_fps=12.5, jpeg_quality=0)


@pytest.fixture(scope="module")
def head(heads):
    """A face: uint8 [160, 160, 3]."""
    return next(read_frames(sorted(heads.rglob("01-01-01*.mp4"))[1]))[1]


@pytest.fixture
def film(tmp_path):
    """film(frames) -> a clip of them at 12.5 frames a second."""

    def make(frames):
        write_video(tmp_path / "film.mp4", frames, 12.5)
        return Clip("own", "film", 0, video=str(tmp_path / "film.mp4"))

    return make


def on_wall(head, left, top=40, width=480, height=240):
    """A picture with the head at a place, also where only a part of it is inside."""
    matrix = np.array([[1.0, 0, left], [0, 1.0, top]])
    wall = np.full((height, width, 3), 140, np.uint8)
    return cv2.warpAffine(head, matrix, (width, height), dst=wall, borderMode=cv2.BORDER_TRANSPARENT)


def test_fields_have_a_value_for_every_frame(film, head):
    notes = []
    fields = face_fields(film([on_wall(head, 100 + 4 * index) for index in range(6)]), CONFIG, notes)
    assert notes == []
    assert fields["frames_seen"] == len(fields["faces"]) == 6
    np.testing.assert_allclose(fields["face_times"], np.arange(6) * 0.08, atol=1e-3)
    moved = fields["eye_centres"] - fields["eye_centres"][0]
    np.testing.assert_allclose(moved[:, 0], 4 * np.arange(6), atol=1.5)
    assert fields["head_pose"].shape == (6, 3)
    assert np.abs(fields["head_pose"]).max() < 15
    assert fields["face_confidence"].min() > 0.95
    crops = [cv2.imdecode(np.frombuffer(face, np.uint8), cv2.IMREAD_COLOR)[..., ::-1] for face in fields["faces"]]
    np.testing.assert_allclose(fields["sharpness"], [sharpness(crop) for crop in crops], rtol=1e-5)
    assert all(value.dtype == np.float32 for value in fields.values() if isinstance(value, np.ndarray))


def test_a_face_is_left_out_before_an_eye_leaves_the_picture(film, head):
    notes, places = [], np.arange(30, -120, -5)
    fields = face_fields(film([on_wall(head, int(place)) for place in places]), CONFIG, notes)
    assert fields["frames_seen"] == len(places)
    counts = {note.partition(" in ")[0]: int(note.partition(" in ")[2].split()[0]) for note in notes}
    assert set(counts) == {"no face", "face leaving the picture", "face cut by the picture's edge"}
    assert min(counts.values()) >= 2
    assert len(fields["faces"]) == len(places) - counts["no face"] - counts["face leaving the picture"]
    assert fields["eye_centres"][:, 0].min() > 0  # the eye at the edge can still be seen


def test_a_face_that_is_never_whole_is_rejected_with_the_reason(film, head):
    with pytest.raises(NoFaceError, match=r"no face found in any of 3 frames \(leaving the picture in 3\)"):
        face_fields(film([on_wall(head, -80)] * 3), CONFIG, [])


@pytest.mark.parametrize(("face", "place", "word"), [("largest", 20, "largest"), ("central", 240, "most central")])
def test_of_two_faces_the_one_asked_for_is_taken(film, head, face, place, word):
    notes, small = [], cv2.resize(head, (110, 110), interpolation=cv2.INTER_AREA)
    picture = on_wall(head, 20)
    picture[60:170, 240:350] = small
    fields = face_fields(film([picture] * 4), dataclasses.replace(CONFIG, face=face), notes)
    assert notes == [f"several faces in 4 of 4 frames: the {word} was taken"]
    assert (np.abs(fields["eye_centres"][:, [0, 2]].mean(axis=1) - place - (80 if place == 20 else 55)) < 12).all()


def test_a_part_of_a_video_has_times_of_its_own(film, head):
    clip = film([on_wall(head, 10 * index) for index in range(25)])
    whole = face_fields(clip, CONFIG, [])
    part = face_fields(dataclasses.replace(clip, start_seconds=0.8, end_seconds=1.2), CONFIG, [])
    assert part["frames_seen"] == 5
    np.testing.assert_allclose(part["face_times"], np.arange(5) * 0.08, atol=1e-3)
    np.testing.assert_allclose(part["eye_centres"], whole["eye_centres"][10:15], atol=3)


def test_a_picture_says_of_its_face_what_is_to_be_known(tmp_path, head):
    notes = []
    two = np.hstack([head, head])
    cv2.imwrite(str(tmp_path / "two.png"), two[..., ::-1])
    fields = face_fields(Clip("own", "two", 0, image=str(tmp_path / "two.png")), CONFIG, notes)
    assert notes == ["there are 2 faces: the largest is taken"]
    assert (fields["frames_seen"], len(fields["faces"])) == (1, 1)
    noise = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "noise.png"), noise)
    whole = face_fields(Clip("own", "noise", 0, image=str(tmp_path / "noise.png")), CONFIG, [])
    for name in ("head_pose", "face_confidence", "mouth_opening", "eye_centres", "landmarks"):
        assert np.isnan(whole[name]).all(), name
    assert whole["sharpness"][0] > 0


def test_a_face_that_is_hard_to_read_is_noted(film, tmp_path, head):
    white, notes, of_picture = np.clip(head * 3.0 + 90, 0, 255).astype(np.uint8), [], []
    face_fields(film([on_wall(white, 100)] * 6), CONFIG, notes)
    assert notes[-1].startswith("the face is hard to read in 2 of 2 frames: ")
    assert "it is blown out" in notes[-1]
    cv2.imwrite(str(tmp_path / "white.png"), white[..., ::-1])
    face_fields(Clip("own", "white", 0, image=str(tmp_path / "white.png")), CONFIG, of_picture)
    assert of_picture[-1].startswith("the face is hard to read: ")
    assert "it is blown out" in of_picture[-1]


@pytest.mark.parametrize(("face", "place"), [("left", 20), ("right", 240)])
def test_left_and_right_are_as_the_picture_is_shown(film, head, face, place):
    picture = on_wall(head, 20)
    picture[60:170, 240:350] = cv2.resize(head, (110, 110), interpolation=cv2.INTER_AREA)
    fields = face_fields(film([picture] * 3), dataclasses.replace(CONFIG, face=face), [])
    assert (np.abs(fields["eye_centres"][:, [0, 2]].mean(axis=1) - place - (80 if place == 20 else 55)) < 12).all()


def test_the_order_of_clips_changes_nothing(film, head):
    moving = film([on_wall(head, 100 + 10 * index) for index in range(4)])
    first = face_fields(moving, CONFIG, [])
    face_fields(dataclasses.replace(moving, start_seconds=0.2), CONFIG, [])
    again = face_fields(moving, CONFIG, [])
    assert first["faces"] == again["faces"]


def test_an_unknown_choice_of_face_is_refused():
    with pytest.raises(ConfigError, match="face"):
        BuildConfig(face="prettiest")
