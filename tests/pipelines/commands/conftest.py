"""Folds of actors, and models that are hardly trained, for the commands that go on from them."""

import pytest

from pipelines.commands.export import Export, export
from pipelines.commands.train_gan import TrainGan, train_gan
from tests.fixtures.folds import data, finished
from vfgan.config.gan import GanConfig
from vfgan.config.training import TrainConfig

__all__ = ["data", "finished"]

TINY = GanConfig.of(
    size_px=32, filters=4, blocks=1, discriminator_filters=4, discriminator_layers=2, pool_size=3,
    train=TrainConfig(steps=2, batch_size=2, log_every=1, evaluate_every=2, save_every=2),
)  # fmt: skip


@pytest.fixture(scope="module")
def tiny_models(small_world, tmp_path_factory):
    """A folder with vfgan, extractor and emotion_cnn, hardly trained."""
    folder = tmp_path_factory.mktemp("models")
    args = TrainGan(
        faces=(small_world.data,), voices=small_world.data, extractor=small_world.extractor, run=folder / "run",
        emotion_cnn=small_world.emotion_cnn, voice_actors=("03", "04"), config=TINY,
    )  # fmt: skip
    train_gan(args)
    world = {"extractor": small_world.extractor, "emotion_cnn": small_world.emotion_cnn}
    export(Export(out=folder / "models", gan=folder / "run", video=False, **world))
    return folder / "models"
