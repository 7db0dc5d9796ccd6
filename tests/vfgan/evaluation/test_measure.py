"""Agreement, shares and figures by emotion against values worked out by hand."""

import numpy as np
import pytest

from vfgan.data.face_set import Faces
from vfgan.emotions import EMOTIONS, FACE_EMOTIONS
from vfgan.evaluation.measure import PredictedVoices, agreement, face_probabilities, measure, shares
from vfgan.evaluation.scores import unweighted_average_recall


def test_agreement_counts_every_true_emotion_the_same():
    true, heard, seen = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), np.array([0, 1, 0, 0])
    assert agreement(seen, heard, true) == pytest.approx((2 / 3 + 0) / 2)
    assert agreement(seen, true, true) == unweighted_average_recall(true, seen, 2)


def test_calm_is_added_to_neutral():
    voices = np.eye(8, dtype=np.float32)
    faces = face_probabilities(voices)
    assert faces.shape == (8, 7)
    for label, name in enumerate(EMOTIONS):
        assert FACE_EMOTIONS[faces[label].argmax()] == ("neutral" if name == "calm" else name)


def world(change):
    """Faces whose grey level is their emotion, voices whose z is theirs, and a judge that reads the grey level."""
    labels = np.repeat(np.arange(7), 12).astype(np.int32)
    pixels = np.broadcast_to((labels * 30 + 20).astype(np.uint8)[:, None, None, None], (84, 8, 8, 1))
    clips = np.array([f"c/{label}-{index % 4}" for index, label in enumerate(labels)])
    blank = np.zeros(84, np.int32)
    strength = np.tile([1, 2], 42).astype(np.int32)
    faces = Faces(
        pixels, labels, strength, blank, blank, np.zeros(84, np.float32), np.zeros(84, np.float32), clips, clips
    )
    emotion = np.arange(70) % 7
    voices = PredictedVoices(np.eye(7, dtype=np.float32)[emotion], emotion, emotion, np.arange(70) // 7 % 2 + 1)

    def judge(faces_uint8):
        level = faces_uint8.mean(axis=(1, 2, 3))
        label = np.clip(np.rint((level - 20) / 30), 0, 6).astype(int)
        features = np.stack([level, np.random.default_rng(0).standard_normal(len(level))], axis=1)
        return np.eye(7)[label], features

    neutral = faces.where(faces.emotion == 0)
    return measure(change, judge, neutral, faces, voices, landmarks=landmarks, sources_per_voice=3)


def landmarks(pixels):
    """A square of landmarks that grows to one side with the grey level; none in the lightest faces."""
    points = np.random.default_rng(3).uniform(size=(1, 468, 2)) * np.ones((len(pixels), 1, 1))
    level = pixels.mean(axis=(1, 2, 3))
    points[:, :, 0] *= 1 + level[:, None] / 100
    points[level > 190] = np.nan
    return points


def test_by_emotion_and_shape():
    """Of seven emotions the generator shows all but the last; a copy has its source's shape."""

    def listens(pixels, z):
        return np.broadcast_to((z.argmax(1) % 6 * 30 + 20).astype(np.uint8)[:, None, None, None], pixels.shape)

    result = world(listens)
    assert result.by_emotion["happy"] == {"generated": 1.0, "real faces": 1.0}
    assert result.by_emotion[FACE_EMOTIONS[6]] == {"generated": 0.0, "real faces": 1.0}
    assert result.rows["generated"]["shape"] > 0.05
    copy = world(lambda pixels, z: pixels)
    assert copy.rows["generated"]["shape"] == pytest.approx(0, abs=1e-6)
    assert "shape" not in copy.rows["real faces"]  # every clip here is another person's


def test_a_generator_that_listens_and_one_that_copies():
    def listens(pixels, z):
        return np.broadcast_to((z.argmax(1) * 30 + 20).astype(np.uint8)[:, None, None, None], pixels.shape)

    good, copy = world(listens).rows, world(lambda pixels, z: pixels).rows
    assert good["generated"]["judge = heard"] == good["generated"]["judge = true"] == 1.0
    assert good["real faces"]["judge = true"] == 1.0
    assert good["shuffled voice"]["judge = heard"] < 0.35
    assert copy["generated"]["judge = heard"] == pytest.approx(1 / 7)
    assert good["unchanged input"]["judge = heard"] == pytest.approx(1 / 7)
    assert copy["generated"]["Frechet"] > 10 * good["generated"]["Frechet"]
    assert world(listens).confusion.trace() == 210


def test_shares_of_real_faces_and_where_the_voices_effect_lies():
    def listens(pixels, z):
        return np.broadcast_to((z.argmax(1) * 30 + 20).astype(np.uint8)[:, None, None, None], pixels.shape)

    result = world(listens)
    found = shares(result)
    assert result.by_corpus == {"c": {"accuracy": 1.0, "UAR": 1.0, "faces": 84}}
    assert found["judge = heard / real faces"] == found["happy, sad, angry, surprised / real faces"] == 1.0
    gain, low, high = result.effect
    rows = result.rows
    assert gain == pytest.approx(rows["generated"]["of heard right"] - rows["shuffled voice"]["of heard right"])
    assert 0.5 < low < gain < high <= 1.0
    assert found["of heard right, matched - shuffled"] == gain
    copies = world(lambda pixels, z: pixels)
    assert abs(copies.effect[0]) < 0.1
    assert copies.effect[1] < 0.05
    assert shares(copies)["judge = heard / real faces"] == pytest.approx(1 / 7)
