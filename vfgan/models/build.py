"""Configurations -> untrained networks, and their optimizers."""

import functools

import keras

from vfgan.config.data import MfscConfig
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig
from vfgan.models.cyclegan import CycleGan
from vfgan.models.discriminator import build_discriminator
from vfgan.models.emotion_critic import build_critic
from vfgan.models.extractor import build_extractor
from vfgan.models.face_classifier import FaceClassifier, build_face_classifier
from vfgan.models.generator import build_generator
from vfgan.models.gradients import keep_pairs
from vfgan.models.motion_gan import MotionGan
from vfgan.models.motion_generator import build_motion_generator


def make_extractor(config: ExtractorConfig, mfsc: MfscConfig):
    """An untrained extractor of a configuration."""
    return build_extractor(
        mfsc.window_frames, widths=config.widths, dense=config.dense, z_size=config.z_size, dropout=config.dropout,
        bands=mfsc.mel_bands,
    )  # fmt: skip


def make_face_classifier(config: FaceClassifierConfig) -> FaceClassifier:
    """An untrained face classifier of a configuration."""
    return build_face_classifier(
        config.size_px, architecture=config.architecture, width=config.width, features=config.features,
        dropout=config.dropout,
    )  # fmt: skip


def make_cyclegan(config: GanConfig, z_size: int, phi: FaceClassifier | None) -> CycleGan:
    """An untrained CycleGAN of a configuration."""
    channels = config.channels
    generator = {
        "filters": config.filters, "blocks": config.blocks, "head": config.head, "oval": config.oval,
        "equal_contrast": config.equal_contrast, "z_size": z_size,
    }  # fmt: skip
    discriminator = {
        "filters": config.discriminator_filters, "depth": config.discriminator_layers,
        "spectral": config.spectral_norm, "z_size": z_size,
    }  # fmt: skip
    size, before = config.size_px, keras.config.dtype_policy()
    keras.config.set_dtype_policy(config.precision if config.precision == "float32" else f"mixed_{config.precision}")
    try:
        if config.head == "motion":
            bends = {
                name: getattr(config.motion, name) for name in ("grid", "components", "corrections", "paint_filters")
            }
            g = build_motion_generator(size, channels=channels, z_size=z_size, **bends)
            f = build_motion_generator(size, condition="none", channels=channels, z_size=z_size, **bends)
        else:
            g = build_generator(size, condition=config.condition, channels=channels, **generator)
            f = build_generator(size, condition="none", channels=channels, **generator)
        d_x = build_discriminator(size, condition="none", channels=channels, **discriminator)
        d_y = build_discriminator(
            size, phi if config.projection and config.condition != "none" else None,
            condition=config.condition, channels=channels, **discriminator,
        )  # fmt: skip
    finally:
        keras.config.set_dtype_policy(before)
    has_critic = phi is not None and config.verification_target == "critic" and config.verification_ratio
    seen_px = min(size, FaceClassifierConfig.size_px) if config.head == "motion" else size
    networks = (g, f, d_x, d_y, phi, build_critic(seen_px, phi) if has_critic else None)
    if config.head == "motion":
        make, weights = functools.partial(MotionGan, motion=config.motion, seen_px=seen_px), {}
    else:
        make = CycleGan
        weights = {"lambda_cycle": config.lambda_cycle, "verification_ratio": config.verification_ratio}
    return make(
        *networks,
        **weights,
        size_px=size,
        adversarial=config.adversarial,
        verification_target=config.verification_target,
        verification_realness=config.verification_realness,
        verification_schedule=config.verification_schedule,
        total_steps=config.train.steps,
        verification_change=config.verification_change,
        # a discriminator that hears nothing cannot refuse a voice
        wrong_voices="none" if config.condition == "none" else config.wrong_voices,
        real_smoothing=config.real_smoothing,
        r1_penalty=config.r1_penalty,
        discriminator_change=config.discriminator_change,
        oval=config.oval,
        average_decay=config.average_decay,
        pool_size=config.pool_size,
        seed=config.train.seed,
    )  # fmt: skip


def compile_cyclegan(model: CycleGan, config: GanConfig) -> None:
    """Adam with the configuration's two rates; scaled losses where the networks compute in float16.

    From here on this process keeps sums in pairs (`vfgan.models.gradients`).
    """
    keep_pairs()

    def adam(rate):
        optimizer = keras.optimizers.Adam(rate, beta_1=config.beta_1)
        return keras.optimizers.LossScaleOptimizer(optimizer) if config.precision == "float16" else optimizer

    if config.head == "motion":
        model.compile(
            keras.optimizers.Adam(config.motion.paint_learning_rate), adam(config.discriminator_learning_rate),
            keras.optimizers.Adam(config.motion.flow_learning_rate),
        )  # fmt: skip
    else:
        model.compile(adam(config.generator_learning_rate), adam(config.discriminator_learning_rate))
