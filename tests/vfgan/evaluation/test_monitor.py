"""The monitor: its scores of generators that are known to listen, to copy, or to forget the person."""

import numpy as np
import pytest

from vfgan.data.face_set import Faces
from vfgan.evaluation.monitor import MonitorScores, WatchedVoices, balanced_mean


def make_faces(emotion):
    """Stripes of a person each, shifted in light by the emotion."""
    emotion = np.asarray(emotion, np.int32)
    count, rng = len(emotion), np.random.default_rng(1)
    pixels = rng.integers(0, 60, size=(count, 16, 16, 1)) + 20 * emotion[:, None, None, None]
    zeros, names = np.zeros(count, np.int32), np.arange(count).astype(str)
    return Faces(
        pixels.astype(np.uint8), emotion, zeros, zeros, zeros, zeros.astype(np.float32), zeros.astype(np.float32),
        names, names,
    )  # fmt: skip


def classify(pixels):
    """Reads the light."""
    level = pixels.mean(axis=(1, 2, 3))
    label = np.clip(np.rint((level - 29.5) / 20), 0, 6).astype(int)
    return np.eye(7)[label], np.stack([level, pixels.std(axis=(1, 2, 3))], axis=1)


def scores(change):
    voices = WatchedVoices(np.repeat(np.eye(7, dtype=np.float32), 2, axis=0), np.repeat(np.arange(7), 2))
    real = make_faces(np.repeat(np.arange(7), 10))
    return MonitorScores(change, classify, make_faces([0] * 20), real, voices, faces_per_voice=6).scores()


def listens(pixels, z):
    return (pixels + 20 * z.argmax(axis=1)[:, None, None, None]).astype(np.uint8)


def test_who_listens_and_keeps_the_person():
    good, copy = scores(listens), scores(lambda pixels, z: pixels)
    assert good["agreement"] == 1.0
    assert good["shuffled"] == 0.0
    assert good["voice_effect"] == 1.0
    assert good["agreement_error"] == good["voice_effect_error"] == 0.0 < copy["voice_effect_error"] < 0.1
    assert copy["agreement"] == pytest.approx(1 / 7)
    assert copy["identity"] == pytest.approx(1.0)
    assert good["frechet"] < 0.05 * copy["frechet"]
    assert 0 < copy["frechet_error"] < copy["frechet"]


def test_the_score_of_the_best_weights_wants_both():
    good, copy = scores(listens), scores(lambda pixels, z: pixels)

    def forgets(pixels, z):
        return np.broadcast_to(29.5 + 20 * z.argmax(axis=1)[:, None, None, None], pixels.shape).astype(np.uint8)

    forgot = scores(forgets)
    assert forgot["agreement"] == 1.0
    assert good["monitor"] == pytest.approx(good["voice_effect"] * good["identity"])
    assert abs(copy["monitor"]) < 0.1
    assert good["monitor"] > 2 * forgot["monitor"]


def test_the_same_faces_each_time():
    assert scores(listens) == scores(listens)


def test_standard_error_by_hand():
    mean, error = balanced_mean(np.array([0.0, 2.0, 5.0, 5.0]), np.array([0, 0, 1, 1]))
    assert mean == 3.0
    assert error == pytest.approx(np.sqrt(2.0 / 2) / 2)
