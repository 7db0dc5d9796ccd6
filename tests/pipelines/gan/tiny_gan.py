"""`vfgan train gan` with networks that train in seconds."""

from pipelines.commands.train_gan import TrainGan
from vfgan.config.gan import GanConfig
from vfgan.config.training import TrainConfig

TINY = {
    "size_px": 32, "filters": 4, "blocks": 1, "discriminator_filters": 4, "discriminator_layers": 2, "pool_size": 3,
}  # fmt: skip

TRAIN = TrainConfig(steps=6, batch_size=4, log_every=2, evaluate_every=2, save_every=3)


def command(world, run, *, emotion_cnn=True, **options):
    config = GanConfig.of(**(TINY | {"train": TRAIN} | options))
    return TrainGan(
        faces=(world.data,), voices=world.data, extractor=world.extractor, run=run, config=config,
        emotion_cnn=world.emotion_cnn if emotion_cnn else None, voice_actors=("03", "04"),
    )  # fmt: skip
