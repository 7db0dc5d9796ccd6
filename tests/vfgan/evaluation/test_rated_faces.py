"""Faces for people: real and made ones differ in nothing but that."""

import collections

import numpy as np
import pytest

from vfgan.data.face_set import Faces
from vfgan.emotions import FACE_EMOTIONS
from vfgan.evaluation.measure import PredictedVoices
from vfgan.evaluation.rated_faces import draw_faces

HAPPY, SAD = 1, 2


def faces_of(rows):
    """Of (corpus, clip, emotion, intensity): two faces each, whose pixels are the number of the clip."""
    rows = [row for row in rows for _ in range(2)]
    count = len(rows)
    number = np.array([clip for _, clip, _, _ in rows])
    return Faces(
        pixels=np.tile(number[:, None, None, None], (1, 4, 4, 3)).astype(np.uint8),
        emotion=np.array([emotion for *_, emotion, _ in rows], np.int32),
        intensity=np.array([intensity for *_, intensity in rows], np.int32),
        statement=np.zeros(count, np.int32), voice_phase=np.zeros(count, np.int32),
        time=np.tile([0.0, 1.0], count // 2).astype(np.float32), mouth_opening=np.zeros(count, np.float32),
        actor=np.array([f"{clip % 3}" for _, clip, _, _ in rows]),
        clip_id=np.array([f"{corpus}/{clip}" for corpus, clip, _, _ in rows]),
    )  # fmt: skip


SOURCES = faces_of([("photos", clip, 0, 1) for clip in range(10)] + [("films", clip, 0, 1) for clip in range(10, 14)])
REAL = faces_of(
    [("photos", clip, HAPPY, 1) for clip in range(20, 26)] + [("films", clip, SAD, 2) for clip in range(30, 33)]
    + [("elsewhere", clip, SAD, 2) for clip in range(40, 60)]
)  # fmt: skip
VOICES = PredictedVoices(
    z=np.array([[100.0], [110.0], [120.0]], np.float32), predicted=np.array([HAPPY, HAPPY, SAD]),
    true=np.array([HAPPY, SAD, SAD]), intensity=np.array([1, 2, 2]),
)  # fmt: skip


def edit(pixels, z):
    """Red becomes the voice; the rest stays the source's clip."""
    made = pixels.copy()
    made[..., 0] = z[:, :1, None]
    return made


@pytest.fixture(scope="module")
def drawn():
    return draw_faces(edit, SOURCES, REAL, VOICES, 12, seed=2)


def test_half_are_made_and_emotions_are_the_same_on_both_sides(drawn):
    counts = collections.Counter((face.emotion, face.made) for face in drawn)
    assert counts == {(emotion, made): 3 for emotion in ("happy", "sad") for made in (True, False)}
    assert sorted({face.made for face in drawn[:6]}) == [False, True]


def test_made_faces_have_their_voice_and_real_ones_corpora(drawn):
    clips = {("happy", False): set(range(20, 26)), ("sad", False): set(range(30, 33)),
             ("happy", True): set(range(10)), ("sad", True): set(range(10, 14))}  # fmt: skip
    for face in drawn:
        red, clip, _ = face.pixels[0, 0].tolist()
        assert clip in clips[face.emotion, face.made]
        assert face.person == f"{'photos' if face.emotion == 'happy' else 'films'}/{clip % 3}"
        if face.made:
            voice = [100, 110, 120].index(red)
            assert face.emotion == FACE_EMOTIONS[VOICES.predicted[voice]]
            assert face.intensity == VOICES.intensity[voice]
        else:
            assert face.intensity == {"happy": 1, "sad": 2}[face.emotion]


def test_no_picture_is_shown_twice_and_clips_take_turns():
    faces = draw_faces(edit, SOURCES, REAL, VOICES, 12, seed=5)
    real = [int(face.pixels[0, 0, 1]) for face in faces if not face.made]
    assert len(set(real)) == len(real)
    more = draw_faces(edit, SOURCES, REAL, VOICES, 100, seed=5)
    sad = [int(face.pixels[0, 0, 1]) for face in more if not face.made and face.emotion == "sad"]
    assert collections.Counter(sad) == {30: 2, 31: 2, 32: 2}


def test_no_picture_is_a_source_and_real_at_once():
    neutral = faces_of([("photos", clip, 0, 1) for clip in range(8)])
    voices = PredictedVoices(np.zeros((1, 1), np.float32), np.array([0]), np.array([0]), np.array([1]))
    faces = draw_faces(edit, neutral, neutral, voices, 40, seed=1)
    clips = {made: {int(face.pixels[0, 0, 1]) for face in faces if face.made is made} for made in (True, False)}
    assert not clips[True] & clips[False]
    assert [len(clips[True]), len(clips[False]), len(faces)] == [4, 4, 16]  # half of the clips, both faces of each


def test_a_source_becomes_a_face_of_each_emotion_at_most_once():
    few = faces_of([("photos", 0, 0, 1), ("photos", 1, 0, 1)])
    real = faces_of([("photos", clip, emotion, 1) for clip, emotion in enumerate([HAPPY, SAD] * 5, start=20)])
    faces = draw_faces(edit, few, real, VOICES, 40, seed=1)
    made = collections.Counter((face.emotion, int(face.pixels[0, 0, 1])) for face in faces if face.made)
    assert made == {(emotion, clip): 2 for emotion in ("happy", "sad") for clip in (0, 1)}  # the clips' two faces
    assert len(faces) == 16


def test_the_draw_is_the_seed_s(drawn):
    again = draw_faces(edit, SOURCES, REAL, VOICES, 12, seed=2)
    assert [(a.emotion, a.made, a.pixels.tobytes()) for a in again] == [
        (a.emotion, a.made, a.pixels.tobytes()) for a in drawn
    ]
