"""How often utterances are drawn, and what they may be taken for."""

import numpy as np
import pytest

from vfgan.data.chances import ABSENT, clip_chances, clip_labels
from vfgan.data.voice_set import Voices
from vfgan.emotions import EMOTIONS


def voices_of(rows):
    """Voices of (corpus, actor, emotion, channel) rows; a frame each."""
    corpus, actor, emotion, channel = zip(*rows)
    count = len(rows)
    return Voices(
        planes=np.zeros((count, 2, 3), np.float32), starts=np.arange(count + 1, dtype=np.int32),
        active=np.ones(count, bool), emotion=np.array(emotion, np.int32), intensity=np.ones(count, np.int32),
        actor=np.array(actor), clip_id=np.array([f"{c}/{i}" for i, c in enumerate(corpus)]), channel=np.array(channel),
    )  # fmt: skip


def test_people_of_two_corpora_are_told_apart():
    voices = voices_of([("ravdess", "01", 0, "speech"), ("ravdess", "01", 0, "song"), ("nemo", "01", 0, "speech")])
    assert voices.person.tolist() == ["ravdess/01", "ravdess/01", "nemo/01"]
    assert voices.domain.tolist() == ["ravdess", "ravdess song", "nemo"]
    assert voices.where(np.array([False, True, True])).domain.tolist() == ["ravdess song", "nemo"]


def test_a_corpus_then_an_emotion_then_a_person_then_a_clip():
    rows = [("a", "01", 2, "")] * 6 + [("a", "02", 2, "")] * 2 + [("a", "01", 4, "")] + [("b", "01", 0, "")] * 5
    voices = voices_of(rows)
    even = clip_chances(voices, 0.0)
    assert even.sum() == pytest.approx(1.0)
    # corpus 1/2, emotion 1/2, person 1/2, clip 1/6 or 1/2; the other emotion has one clip
    np.testing.assert_allclose(even[:9], [1 / 48] * 6 + [1 / 16] * 2 + [1 / 4])
    np.testing.assert_allclose(even[9:], 1 / 10)
    by_people = clip_chances(voices, 1.0)  # corpus a has two people, b one
    assert by_people[:9].sum() == pytest.approx(2 / 3)


def test_absent_emotions_are_marked_and_neutral_may_be_calm():
    voices = voices_of([("a", "1", 0, ""), ("a", "1", 2, ""), ("b", "1", 0, ""), ("b", "1", 1, ""), ("c", "1", 4, "")])
    labels = clip_labels(voices)
    neutral, calm, happy, angry = (EMOTIONS.index(name) for name in ("neutral", "calm", "happy", "angry"))
    assert labels[0, [neutral, calm, happy, angry]].tolist() == [1, 1, 0, ABSENT]
    assert labels[1, [neutral, calm, happy, angry]].tolist() == [0, 0, 1, ABSENT]
    assert labels[2, [neutral, calm, happy, angry]].tolist() == [1, 0, ABSENT, ABSENT]
    assert labels[3, [neutral, calm]].tolist() == [0, 1]
    assert (labels[4] >= 0).nonzero()[0].tolist() == [angry]
