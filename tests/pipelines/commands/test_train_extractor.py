"""Training of the extractor and of the face classifiers: patience, strategies."""

import csv

import numpy as np
import pytest
import soundfile

from pipelines.commands import train_extractor as module
from pipelines.commands.train_extractor import TrainExtractor, train_extractor
from pipelines.commands.train_faces import TrainEmotionCnn, train_faces
from tfrecords_builder.build import build
from vfgan.config.data import BuildConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig
from vfgan.config.training import TrainConfig
from vfgan.storage.files import read_json
from vfgan.training.runs import load_face_classifier, load_voice_reader

pytestmark = pytest.mark.medium


@pytest.mark.slow
def test_patience_keeps_the_best_of_validation_actors(tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    for actor in range(1, 5):
        for emotion in (1, 3):
            tone = np.sin(np.arange(16_000) * 0.05 * emotion) * 0.2 + 0.01 * rng.standard_normal(16_000)
            path = tmp_path / "corpus" / f"Actor_{actor:02d}" / f"03-01-{emotion:02d}-01-01-01-{actor:02d}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, tone, 16_000)
    build([f"ravdess:{tmp_path / 'corpus'}"], tmp_path / "data", BuildConfig(), workers=1)
    scores = iter([0.2, 0.9, 0.5, 0.4, 0.3, 0.1])
    real = module.utterance_uar
    told = []
    monkeypatch.setattr(module, "utterance_uar", lambda reader, voices: next(scores))
    config = ExtractorConfig(
        widths=(2, 2, 2, 2), dense=4, z_size=3, patience=2,
        train=TrainConfig(steps=30, batch_size=2, log_every=2, evaluate_every=2, save_every=2),
    )  # fmt: skip

    def progress(step, values):
        told.append(step)
        if values.get("validation_uar") == 0.4:
            monkeypatch.setattr(module, "utterance_uar", real)  # the finished extractor is scored in earnest

    final = train_extractor(TrainExtractor(tmp_path / "data", tmp_path / "run", config), progress)
    assert told[-1] == 8  # the best came at step 4, and two evaluations passed
    with open(tmp_path / "run" / "log.csv", newline="") as file:
        assert [float(row["validation_uar"]) for row in csv.DictReader(file)] == [0.2, 0.9, 0.5, 0.4]
    assert set(final) == {"train_uar", "validation_uar", "test_uar"}
    assert read_json(tmp_path / "run" / "scores.json") == final


@pytest.mark.slow
def test_under_a_strategy_by_command(small_world, tmp_path):
    """One replica: how two compare is in tests/vfgan/training/test_strategy.py."""
    config = ExtractorConfig(
        widths=(2, 2, 2, 2), dense=4, z_size=3, towers=2,
        train=TrainConfig(steps=2, batch_size=4, log_every=1, evaluate_every=1, save_every=2),
    )  # fmt: skip
    plain = train_extractor(TrainExtractor(small_world.data, tmp_path / "plain", config))
    mirrored = train_extractor(TrainExtractor(small_world.data, tmp_path / "mirrored", config, strategy="mirrored"))
    assert mirrored == plain
    one, two = (load_voice_reader(tmp_path / name).reader.extractor.get_weights() for name in ("plain", "mirrored"))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


@pytest.mark.slow
def test_faces_are_learnt_under_a_strategy_by_command(small_world, tmp_path):
    config = FaceClassifierConfig(
        size_px=32, width=2, features=4, train=TrainConfig(steps=2, batch_size=4, log_every=1, evaluate_every=1)
    )
    for strategy in ("none", "mirrored"):
        train_faces(TrainEmotionCnn((small_world.data,), tmp_path / strategy, config, strategy=strategy))
    one, two = (
        load_face_classifier(tmp_path / name, "emotion-cnn").network.get_weights() for name in ("none", "mirrored")
    )
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)
