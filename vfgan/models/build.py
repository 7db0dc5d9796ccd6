"""Configurations -> untrained networks, and their optimizers."""

import contextlib
from collections.abc import Iterator

import keras

from vfgan.config.data import MfscConfig
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig, MouthConfig
from vfgan.models.cyclegan import CycleGan
from vfgan.models.discriminator import build_discriminator
from vfgan.models.emotion_critic import build_critic
from vfgan.models.extractor import Extractor, build_extractor
from vfgan.models.face_classifier import FaceClassifier, build_face_classifier
from vfgan.models.generator import build_generator
from vfgan.models.gradients import keep_pairs
from vfgan.models.icgan import IcGan, build_icgan_networks
from vfgan.models.motion_gan import MotionGan
from vfgan.models.motion_generator import build_motion_generator
from vfgan.models.mouth import Mouth, build_mouth


def make_extractor(config: ExtractorConfig, mfsc: MfscConfig, precision: str = "float32") -> Extractor:
    """An untrained extractor of a configuration.

    Args:
        precision: of its arithmetic; its weights are float32.
    """
    with computing_in(precision):
        return build_extractor(
            mfsc.window_frames, widths=config.widths, dense=config.dense, z_size=config.z_size,
            dropout=config.dropout, bands=mfsc.mel_bands, over_time=config.over_time, towers=config.towers,
            temperature=config.temperature, familiar_range=config.familiar_range, features=config.features,
        )  # fmt: skip


@contextlib.contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """Networks made here compute in float32, or in bfloat16 or float16 with weights of float32."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision if precision == "float32" else f"mixed_{precision}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def make_face_classifier(config: FaceClassifierConfig) -> FaceClassifier:
    """An untrained face classifier of a configuration."""
    return build_face_classifier(
        config.size_px, architecture=config.architecture, width=config.width, features=config.features,
        dropout=config.dropout,
    )  # fmt: skip


def make_mouth(config: MouthConfig, mfsc: MfscConfig) -> Mouth:
    """An untrained mouth of a configuration."""
    return build_mouth(
        components=config.components, context=config.context, units=config.units, dropout=config.dropout,
        noise=config.noise, bands=mfsc.mel_bands,
    )  # fmt: skip


def seen_px(config: GanConfig) -> int:
    """Width and height of faces as the emotion CNN and the critic see them."""
    size_px = config.networks.size_px
    return min(size_px, FaceClassifierConfig.size_px) if config.networks.head == "motion" else size_px


def make_cyclegan(config: GanConfig, z_size: int, phi: FaceClassifier | None) -> CycleGan:
    """An untrained CycleGAN of a configuration."""
    kinds: dict[str, type[CycleGan]] = {"motion": MotionGan, "icgan": IcGan}
    return kinds.get(config.networks.head, CycleGan)(**cyclegan_arguments(config, z_size, phi))


def cyclegan_arguments(config: GanConfig, z_size: int, phi: FaceClassifier | None) -> dict:
    """What `CycleGan`, or `MotionGan`, is made of: untrained networks, and the weights of its losses."""
    networks, terms, stability = config.networks, config.losses, config.stability
    with computing_in(config.optimisation.precision):
        g, f, d_x, d_y = _make_networks(config, z_size, phi)
    verifies = phi is not None and networks.head != "icgan" and terms.verification_ratio
    has_critic = verifies and terms.verification_target == "critic"
    weights: dict = {"lambda_cycle": terms.lambda_cycle, "verification_ratio": terms.verification_ratio}
    if networks.head == "icgan":
        weights = {"lambda_cycle": 0.0, "verification_ratio": 0.0}
    if networks.head == "motion":
        weights = {"motion": config.motion, "seen_px": seen_px(config)}
    return weights | {
        "g": g, "f": f, "d_x": d_x, "d_y": d_y, "phi": phi,
        "critic": build_critic(seen_px(config), phi) if has_critic else None,
        "size_px": networks.size_px,
        "adversarial": terms.adversarial,
        "verification_target": terms.verification_target,
        "verification_realness": terms.verification_realness,
        "verification_schedule": terms.verification_schedule,
        "total_steps": config.train.steps,
        "verification_change": terms.verification_change,
        "label_smoothing": FaceClassifierConfig.label_smoothing,
        # a discriminator that hears nothing cannot refuse a voice
        "wrong_voices": "none" if networks.condition == "none" else terms.wrong_voices,
        "real_smoothing": stability.real_smoothing,
        "r1_penalty": stability.r1_penalty,
        "discriminator_change": stability.discriminator_change,
        "oval": networks.oval,
        "average_decay": stability.average_decay,
        "pool_size": stability.pool_size,
        "seed": config.train.seed,
    }  # fmt: skip


def _make_networks(config: GanConfig, z_size: int, phi: FaceClassifier | None) -> tuple:
    """G, F, D_X and D_Y."""
    networks, size, channels = config.networks, config.networks.size_px, config.channels
    if networks.head == "icgan":
        g, d_y = build_icgan_networks(size, networks.filters, networks.discriminator_filters, channels, z_size)
        return g, None, None, d_y
    discriminator = {
        "filters": networks.discriminator_filters, "depth": networks.discriminator_layers,
        "spectral": config.stability.spectral_norm, "channels": channels, "z_size": z_size,
    }  # fmt: skip
    projects = networks.projection and networks.condition != "none"
    return (
        *_make_generators(config, z_size),
        build_discriminator(size, condition="none", **discriminator),
        build_discriminator(size, phi if projects else None, condition=networks.condition, **discriminator),
    )


def _make_generators(config: GanConfig, z_size: int) -> tuple:
    """G and F."""
    networks, motion = config.networks, config.motion
    if networks.head == "motion":
        bends = {
            "grid": motion.grid, "components": motion.components, "corrections": motion.corrections,
            "paint_units": motion.paint_units, "shading": motion.shading > 0, "z_size": z_size,
        }  # fmt: skip
        strong = motion.strong if motion.effort else 1.0
        return (
            build_motion_generator(networks.size_px, strong=strong, **bends),
            build_motion_generator(networks.size_px, condition="none", **bends),
        )
    settings = {
        "filters": networks.filters, "blocks": networks.blocks, "head": networks.head, "oval": networks.oval,
        "equal_contrast": networks.equal_contrast, "channels": config.channels, "z_size": z_size,
    }  # fmt: skip
    return (
        build_generator(networks.size_px, condition=networks.condition, **settings),
        build_generator(networks.size_px, condition="none", **settings),
    )


def compile_cyclegan(model: CycleGan, config: GanConfig) -> None:
    """Compiles with `make_optimizers`.

    From here on this process keeps sums in pairs (`vfgan.models.gradients`).
    """
    keep_pairs()
    model.compile(*make_optimizers(config))


def make_optimizers(config: GanConfig) -> list[keras.Optimizer]:
    """Adam with the configuration's rates, for each of `compile`'s arguments; scaled losses where the networks compute
    in float16."""
    chosen = config.optimisation

    def adam(rate):
        optimizer = keras.optimizers.Adam(rate, beta_1=chosen.beta_1)
        return keras.optimizers.LossScaleOptimizer(optimizer) if chosen.precision == "float16" else optimizer

    if config.networks.head == "motion":
        painting, bending = (keras.optimizers.Adam(rate) for rate in
                             (config.motion.paint_learning_rate, config.motion.flow_learning_rate))  # fmt: skip
        return [painting, adam(chosen.discriminator_learning_rate), bending]
    return [adam(chosen.generator_learning_rate), adam(chosen.discriminator_learning_rate)]
