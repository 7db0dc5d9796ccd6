"""Effects of emotions, on people and corpora whose parts are known."""

import numpy as np
import pytest

from vfgan.data.emotion_effects import effect_errors, effect_weights, emotion_effects, evenly_chosen
from vfgan.data.face_set import Faces

RANDOM = np.random.default_rng(8)
EFFECT = RANDOM.normal(size=(6, 9))


def seen(people, emotions, corpus, noise=0.05, manner=0.0):
    """Everybody with each of the emotions: rows of (value, emotion, corpus, person)."""
    room = RANDOM.normal(0, 5, 9)
    rows = []
    for who in range(people):
        own = RANDOM.normal(0, 1, 9)
        for emotion in emotions:
            change = 0.0 if emotion == 0 else EFFECT[emotion - 1] + manner
            rows.append((room + own + change + RANDOM.normal(0, noise, 9), emotion, corpus, f"{corpus}/{who}"))
    return rows


def effects(rows):
    values, emotion, corpus, person = zip(*rows)
    return emotion_effects(np.array(values), np.array(emotion), np.array(corpus), np.array(person))


def test_people_rooms_and_emotions_are_told_apart():
    found = effects(seen(8, [0, 1, 3], "a") + seen(4, [0, 2, 3], "b"))
    np.testing.assert_allclose(found[:3], EFFECT[:3], atol=0.15)
    assert not found[3:].any()


def test_peaks_without_neutral_faces_tell_what_they_can():
    found = effects(seen(8, [0, 1, 2, 3], "a") + seen(30, [1, 2, 3, 5], "peaks"))
    np.testing.assert_allclose(found[4], EFFECT[4], atol=0.4)  # nobody is seen with it and neutral


def test_people_outvote_a_few_with_a_manner_of_their_own():
    """As CK+'s disgust, of 37 people, does JAFFE's, of four; two corpora would count the same if manners were large."""
    rows = seen(4, [0, 1], "few", manner=3.0) + seen(37, [0, 1], "many")
    off = (effects(rows)[0] - EFFECT[0]).mean()
    assert off == pytest.approx(3.0 / (1 + _votes(37) / _votes(4)), abs=0.1)
    assert off < 0.8


def _votes(people):
    """Of a corpus: 1 over the variance of its mean change, of which manners are 1/16 and each person's two 1."""
    return 1.0 / (1.0 / 16.0 + 2.0 / people)


def test_strangers_count_as_somebody_seen_once():
    """Against generalised least squares with the covariance written out."""
    rows = seen(6, [0, 1, 2], "a") + seen(5, [0, 2], "b")
    rows += [(value, emotion, "a", "") for value, emotion, *_ in seen(9, [1], "a")]
    values, emotion, corpus, person = (np.array(column) for column in zip(*rows))
    own = np.array([name or f"stranger {index}" for index, name in enumerate(person)])
    manner = np.array([f"{c}{e}" if e else f"neutral {index}" for index, (c, e) in enumerate(zip(corpus, emotion))])
    covariance = np.eye(len(rows)) + 10.0 * (own[:, None] == own) + (manner[:, None] == manner) * (emotion > 0) / 16.0
    fixed = np.stack([emotion == 1, emotion == 2, corpus == "a", corpus == "b"], axis=1).astype(float)
    inverse = np.linalg.inv(covariance)
    expected = np.linalg.solve(fixed.T @ inverse @ fixed, fixed.T @ inverse @ values)[:2]
    np.testing.assert_allclose(emotion_effects(values, emotion, corpus, person)[:2], expected, atol=0.02)


def test_an_emotion_without_a_link_to_neutral_has_no_effect():
    rows = seen(8, [0, 1, 3], "a") + seen(8, [5], "elsewhere") + seen(8, [3, 4], "linked")
    found = effects(rows)
    assert not found[4].any()
    assert np.abs(found[3]).min() > 0


def test_much_footage_of_one_person_is_thinned_evenly():
    count = 700
    emotion = np.repeat(np.arange(7), 100).astype(np.int32)
    zeros = np.zeros(count, np.int32)
    faces = Faces(
        pixels=np.zeros((count, 4, 4, 3), np.uint8), emotion=emotion, intensity=zeros, statement=zeros,
        voice_phase=np.where(np.arange(count) % 10 == 9, 1, 0), time=np.zeros(count, np.float32),
        mouth_opening=np.zeros(count, np.float32), actor=np.full(count, "01"), clip_id=np.full(count, "a/1"),
    )  # fmt: skip
    chosen = evenly_chosen(faces)
    np.testing.assert_array_equal(np.bincount(chosen.emotion), 20)
    assert not chosen.voice_phase.any()


def test_strangers_do_not_crowd_out_people():
    count = 9_000
    zeros = np.zeros(count, np.int32)
    actor = np.array([""] * 8_000 + [str(index // 10) for index in range(1_000)])
    faces = Faces(
        pixels=np.zeros((count, 1, 1, 3), np.uint8), emotion=np.arange(count, dtype=np.int32) % 7, intensity=zeros,
        statement=zeros, voice_phase=zeros, time=np.zeros(count, np.float32), mouth_opening=np.zeros(count, np.float32),
        actor=actor, clip_id=np.full(count, "a/1"),
    )  # fmt: skip
    chosen = evenly_chosen(faces)
    assert len(chosen) == 4_000
    assert (chosen.actor != "").sum() == 1_000


def test_errors_are_those_of_repeated_surveys():
    """People differ in how they show an emotion: against the deviation of the effects of 200 surveys."""
    found, errors = [], []
    for _ in range(200):
        rows = []
        for corpus, people in (("a", 12), ("b", 30)):
            for who in range(people):
                way = RANDOM.normal(0, 1, 9)
                for emotion in (0, 1, 1):
                    value = emotion * way + RANDOM.normal(0, 0.1, 9)
                    rows.append((value, emotion, corpus, f"{corpus}/{who}"))
        values, *kinds = (np.array(column) for column in zip(*rows))
        weights = effect_weights(*kinds)
        found.append(weights[0] @ values)
        errors.append(effect_errors(weights, values.copy(), *kinds)[0])
    np.testing.assert_allclose(np.mean(errors), np.std(found), rtol=0.15)


def test_one_persons_faces_stand_for_themselves():
    emotion, corpus = np.array([0, 0, 1, 1] * 5), np.array(["a"] * 20)
    weights = effect_weights(emotion, corpus, corpus)
    values = RANDOM.normal(size=(20, 3))
    assert (effect_errors(weights, values.copy(), emotion, corpus, corpus)[0] > 0.1).all()
