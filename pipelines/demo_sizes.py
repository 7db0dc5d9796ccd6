"""What `vfgan demo` trains, and for how long: sizes for two cores and a few minutes."""

import dataclasses

from tfrecords_builder.synthetic.config import SyntheticConfig
from vfgan.config.data import BuildConfig, CropConfig
from vfgan.config.gan import GanConfig, MotionConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig, MouthConfig
from vfgan.config.training import TrainConfig


def _every(steps: int, batch_size: int, seed: int = 1) -> TrainConfig:
    return TrainConfig(
        steps,
        batch_size,
        seed,
        log_every=max(1, steps // 20),
        evaluate_every=max(1, steps // 3),
        save_every=max(1, steps // 3),
    )


@dataclasses.dataclass(frozen=True)
class DemoSize:
    """What the demo trains, and for how long."""

    corpus: SyntheticConfig = SyntheticConfig(
        actors=14, statements=1, intensities=(1, 2), seconds=0.9, silence_seconds=0.15
    )
    build: BuildConfig = BuildConfig(
        face_fps=0.0, test=0.15, validation=0.1, clips_per_shard=24, crop=CropConfig(size_px=128), keep_waveform=True
    )
    extractor: ExtractorConfig = ExtractorConfig(widths=(16, 32, 48, 48), dense=64, towers=1, train=_every(500, 32))
    emotion_cnn: FaceClassifierConfig = FaceClassifierConfig(
        width=16, learning_rate=2e-3, erased_share=0.25, train=_every(400, 32)
    )
    judge: FaceClassifierConfig = FaceClassifierConfig(
        architecture="separable",
        width=24,
        features=96,
        learning_rate=2e-3,
        erased_share=0.25,
        half="second",
        train=_every(1_200, 32, seed=2),
    )
    gan: GanConfig = GanConfig.of(
        head="motion",
        size_px=128,
        own_voice=False,
        average_decay=0.97,
        discriminator_filters=16,
        motion=MotionConfig(
            flow_steps=350,
            paint_steps=250,
            paint_learning_rate=3e-3,
            cycle=0.0,
            calibration_rounds=3,
        ),
        train=_every(600, 8),
    )
    gain: float = 1.25
    mouth: MouthConfig = MouthConfig(train=_every(1_000, 64))
    sources_per_voice: int = 4
    clips: int = 8


FULL = DemoSize()
SHORT = DemoSize(
    corpus=SyntheticConfig(actors=4, statements=1, intensities=(1, 2), seconds=0.8, silence_seconds=0.15),
    build=BuildConfig(
        face_fps=0.0, test=0.25, validation=0.25, clips_per_shard=16, crop=CropConfig(size_px=64), keep_waveform=True
    ),
    extractor=ExtractorConfig(widths=(8, 16, 24, 24), dense=32, towers=1, train=_every(90, 16)),
    emotion_cnn=FaceClassifierConfig(width=8, train=_every(60, 16)),
    judge=FaceClassifierConfig(
        architecture="separable", width=8, features=32, half="second", train=_every(60, 16, seed=2)
    ),
    gan=GanConfig.of(
        head="motion",
        size_px=64,
        own_voice=False,
        discriminator_filters=8,
        motion=MotionConfig(flow_steps=30, paint_steps=10, paint_units=16, cycle=0.0, calibration_rounds=1),
        train=_every(44, 4),
    ),
    mouth=MouthConfig(train=_every(60, 32)),
    sources_per_voice=1,
    clips=2,
)
