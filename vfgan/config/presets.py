"""Named configurations of the CycleGAN: `vfgan train gan --preset anyone`."""

import dataclasses
from typing import Literal

from vfgan.config.gan import GanConfig, MotionConfig
from vfgan.config.serialise import with_options
from vfgan.config.training import TrainConfig

PresetName = Literal["small", "anyone", "actor01", "paper", "large"]

#: The defaults: 64 px, for two cores.
SMALL = GanConfig()

#: The shipped generator `vfgan`: faces are bent, and mouths that open are painted inside; 128 px in colour.
#:   vfgan train gan --preset anyone --faces data/pairs data/wild --voices data/voices --extractor runs/inside
#:     --emotion-cnn runs/emotion-cnn --run runs/vfgan --voice-actors 17 18 19 1061 … 1080
#: 10,000 steps in 8 minutes on two cores. On held-back people, exported with --gain 1.4, with the voices of actor 20:
#: judge = heard 0.545 (real faces 0.641), motion 0.78 of real people's, identity 0.734 (0.663), Frechet 4.96 (1.71).
#: Nothing competes, so there is nothing to guard.
ANYONE = GanConfig.of(
    head="motion",
    size_px=128,
    corpus_power=1.0,
    own_voice=False,
    average_decay=0.998,
    guard="off",
    motion=MotionConfig(
        flow_steps=6_000,
        paint_steps=4_000,
        paint_learning_rate=2e-3,
        voice=10.0,
        cycle=0.0,
        calibration_rounds=3,
        emphasis=0.7,
    ),
    train=TrainConfig(steps=10_000, batch_size=16, log_every=25, evaluate_every=2_000, save_every=100),
)

#: The shipped generator `actor01`: `anyone`, gone on with the faces of RAVDESS' Actor 01 alone: he moves as he does.
#:   vfgan train gan --preset actor01 --faces data/faces01 --voices data/voices --extractor runs/inside
#:     --emotion-cnn runs/emotion-cnn --run runs/gan01 --start runs/vfgan --voice-actors 17 18 19 1061 … 1080
#: 1,000 steps in 1 minute on two cores. On held-back frames, exported with --gain 1.4, with the voices of actor 20:
#: judge = heard 0.739 (real faces 0.685), motion 0.94 of his own, identity 0.795 (0.614), Frechet 8.54 (3.93).
ACTOR01 = with_options(
    ANYONE,
    motion=dataclasses.replace(ANYONE.motion, flow_steps=300, paint_steps=700, shading=1.6, emphasis=0.0),
    train=dataclasses.replace(ANYONE.train, steps=1_000, evaluate_every=500),
)

#: The paper to the letter, but for colour: its networks, losses and learning rates, 128 px, 200,000 steps of one image.
#: `tests/vfgan/config/test_paper.py` goes through its claims. We did not train it to the end.
PAPER = GanConfig.of(
    size_px=128,
    filters=64,
    blocks=6,
    head="plain",
    condition="concat-all",
    oval=False,
    projection=False,
    discriminator_filters=64,
    discriminator_layers=3,
    spectral_norm=False,
    adversarial="log",
    wrong_voices="generated",
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
)

#: 256 px in float16, for GPUs. We did not train it; `vfgan train gan --preset large --dry-run` prints its cost.
LARGE = GanConfig.of(
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
)

PRESETS: dict[PresetName, GanConfig] = {
    "small": SMALL,
    "anyone": ANYONE,
    "actor01": ACTOR01,
    "paper": PAPER,
    "large": LARGE,
}
