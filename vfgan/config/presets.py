"""Configurations of the CycleGAN with a name: `vfgan train gan --preset paper`."""

from typing import Literal

from vfgan.config.gan import GanConfig, MotionConfig
from vfgan.config.training import TrainConfig

PresetName = Literal["small", "motion", "paper", "large"]

#: small: 64 px, for two cores. motion: faces that are bent, 128 px in colour, for two cores. paper: the paper's
#: networks, losses and rates. large: 256 px, for GPUs.
PRESETS: dict[PresetName, GanConfig] = {
    "small": GanConfig(),
    "motion": GanConfig(
        head="motion",
        size_px=128,
        corpus_power=0.5,
        own_voice=False,
        average_decay=0.99,
        motion=MotionConfig(cycle=0.0),
        train=TrainConfig(steps=1_600, batch_size=8, log_every=25, evaluate_every=400, save_every=100),
    ),
    "paper": GanConfig(
        size_px=128,
        filters=64,
        blocks=6,
        head="plain",
        oval=False,
        projection=False,
        discriminator_filters=64,
        discriminator_layers=3,
        spectral_norm=False,
        adversarial="log",
        wrong_voices="real",
        lambda_cycle=10.0,
        verification_ratio=1.0,
        verification_target="face",
        verification_change=0.0,
        pool_size=50,
        clear_faces=False,
        generator_learning_rate=2e-4,
        discriminator_learning_rate=1e-4,
        beta_1=0.5,
        train=TrainConfig(steps=200_000, batch_size=1, log_every=100, evaluate_every=2_000, save_every=1_000),
    ),
    "large": GanConfig(
        size_px=256,
        filters=64,
        blocks=9,
        head="attention",
        discriminator_filters=64,
        discriminator_layers=5,
        discriminator_change=0.3,
        average_decay=0.999,
        precision="float16",
        train=TrainConfig(steps=200_000, batch_size=16, log_every=100, evaluate_every=2_000, save_every=1_000),
    ),
}
