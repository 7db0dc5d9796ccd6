"""`vfgan train mouth`: from a data set of talking heads to a generator whose mouth moves."""

import dataclasses

import numpy as np
import pytest

from pipelines.commands.export import Export, export
from pipelines.commands.train_mouth import TrainMouth, train_mouth
from vfgan.config.data import BuildConfig
from vfgan.config.networks import MouthConfig
from vfgan.config.training import TrainConfig
from vfgan.errors import ConfigError
from vfgan.training.runs import load_mouth

CONFIG = MouthConfig(components=2, context=2, units=(8, 8), train=TrainConfig(steps=6, batch_size=8, save_every=3))


@pytest.fixture(scope="module")
def talking(tmp_path_factory, heads):
    """`heads` at every frame, split by recording."""
    from tfrecords_builder.build import build

    folder = tmp_path_factory.mktemp("talking") / "data"
    build([f"ravdess:{heads}"], folder, BuildConfig(face_fps=0.0, split="recording"), workers=1)
    return folder


@pytest.mark.medium
def test_a_mouth_is_trained_kept_and_resumed(talking, tmp_path):
    scores = train_mouth(TrainMouth(talking, tmp_path / "run", CONFIG))
    assert {"validation_correlation", "validation_other_clips", "test_range"} <= set(scores)
    trained = load_mouth(tmp_path / "run")
    assert 1 <= float(trained.network.range) <= CONFIG.most_range
    assert np.abs(np.asarray(trained.network.basis)).max() > 0.001
    assert train_mouth(TrainMouth(talking, tmp_path / "run", CONFIG)) == scores  # nothing is done twice


@pytest.mark.medium
def test_a_mouth_needs_a_generator_that_bends(gan_run, tmp_path, talking):
    train_mouth(TrainMouth(talking, tmp_path / "run", dataclasses.replace(CONFIG, train=TrainConfig(1, 4))))
    with pytest.raises(ConfigError, match="--gan of the head motion, got residual"):
        export(Export(out=tmp_path / "models", gan=gan_run, mouth=tmp_path / "run"))
    with pytest.raises(ConfigError, match="expected --gan, too"):
        export(Export(out=tmp_path / "models", mouth=tmp_path / "run"))
