"""Trained networks on disk: the run folder of a training -> the network, with what it was trained on."""

import contextlib
import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import keras
import numpy as np

from vfgan.config import CropConfig, ExtractorConfig, FaceClassifierConfig, GanConfig, MfscConfig
from vfgan.errors import SchemaError
from vfgan.files import read_json
from vfgan.mfsc import SHORT_TIME_SIZE
from vfgan.models.critic import build_critic
from vfgan.models.cyclegan import CycleGan
from vfgan.models.discriminator import build_discriminator
from vfgan.models.extractor import build_extractor
from vfgan.models.face_classifier import FaceClassifier, build_face_classifier
from vfgan.models.generator import build_generator
from vfgan.models.gradients import keep_pairs
from vfgan.models.mouth import build_mouth_reader
from vfgan.models.weights import load_weights
from vfgan.plain import from_dict
from vfgan.voice import VoiceReader


@dataclasses.dataclass(frozen=True)
class TrainedVoiceReader:
    """An extractor and its origin."""

    reader: VoiceReader
    resolved: dict  #: config.json of its run
    digest: str  #: of its weights


#: Both are face classifiers; what was trained to be the one never serves as the other.
FaceKind = Literal["emotion-cnn", "judge"]


@dataclasses.dataclass(frozen=True)
class TrainedFaceClassifier:
    """An emotion CNN or a judge and its origin."""

    network: FaceClassifier
    size_px: int
    crop: CropConfig  #: geometry of the faces it was trained on
    resolved: dict
    digest: str


def weights_digest(model: keras.Model) -> str:
    """SHA-256 of all weights in order, shortened."""
    total = hashlib.sha256()
    for weight in model.weights:
        total.update(np.ascontiguousarray(weight.numpy()).tobytes())
    return total.hexdigest()[:16]


def load_voice_reader(run: str | Path) -> TrainedVoiceReader:
    """The extractor of a finished run (or of a folder copied from one).

    Raises:
        SchemaError: there is no finished extractor, or it is of another version.
    """
    resolved, weights = open_run(run, "extractor")
    extractor = make_extractor(read_extractor_config(resolved["config"]), from_dict(MfscConfig, resolved["mfsc"]))
    load_weights(extractor, weights)
    reader = VoiceReader(extractor, from_dict(MfscConfig, resolved["mfsc"]))
    return TrainedVoiceReader(reader, resolved, weights_digest(extractor))


def read_extractor_config(values: dict) -> ExtractorConfig:
    """The configuration of an extractor's run, also of one from before there were these choices."""
    values = {name: value for name, value in values.items() if name != "mix_share"}  # nothing used it
    return from_dict(ExtractorConfig, {"over_time": "all", "temperature": 1.0, "familiar_range": 0.0} | values)


def make_extractor(config: ExtractorConfig, mfsc: MfscConfig, precision: str = "float32"):
    """An untrained extractor of a configuration.

    Args:
        precision: of its arithmetic; its weights are float32.
    """
    with computing_in(precision):
        return build_extractor(
            mfsc.window_frames, widths=config.widths, dense=config.dense, z_size=config.z_size,
            dropout=config.dropout, bands=mfsc.mel_bands, over_time=config.over_time,
            temperature=config.temperature, familiar_range=config.familiar_range,
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


def load_face_classifier(run: str | Path, kind: FaceKind) -> TrainedFaceClassifier:
    """The emotion CNN or the judge of a finished run.

    Raises:
        SchemaError: there is no finished one, it is the other kind, or of another version.
    """
    resolved, weights = open_run(run, kind)
    config = from_dict(FaceClassifierConfig, resolved["config"])
    network = make_face_classifier(config)
    load_weights(network, weights)
    crop = from_dict(CropConfig, resolved["crop"])
    return TrainedFaceClassifier(network, config.size_px, crop, resolved, weights_digest(network))


def make_face_classifier(config: FaceClassifierConfig) -> FaceClassifier:
    """An untrained face classifier of a configuration."""
    return build_face_classifier(
        config.size_px, architecture=config.architecture, width=config.width, features=config.features,
        dropout=config.dropout,
    )  # fmt: skip


def open_run(run: str | Path, kind: str) -> tuple[dict, Path]:
    """config.json and the path of the last weights of a finished run.

    Raises:
        SchemaError: there is none of this kind.
    """
    run = Path(run)
    if not (run / "config.json").is_file():
        raise SchemaError(f"{run} is no run folder (no config.json): expected a trained {kind}")
    resolved = read_json(run / "config.json")
    if resolved.get("kind") != kind:
        raise SchemaError(f"{run} holds a {resolved.get('kind')!r}: expected a {kind!r}")
    weights = run / "model.weights.h5"
    if not weights.is_file():
        raise SchemaError(f"{run} is not finished (no model.weights.h5): run the same training command again")
    return resolved, weights


@dataclasses.dataclass(frozen=True)
class TrainedGan:
    """A trained CycleGAN, the extractor it was trained with, and its origin."""

    model: CycleGan
    voice: TrainedVoiceReader
    crop: CropConfig
    neutral_z: np.ndarray  #: float32 [z_size], mean of neutral training voices: 0 on the intensity dial
    resolved: dict
    digest: str


def make_cyclegan(config: GanConfig, z_size: int, phi: FaceClassifier | None, channels: int = 1) -> CycleGan:
    """An untrained CycleGAN of a configuration; with `config.short_time` its condition is longer than `z_size`."""
    z_size += SHORT_TIME_SIZE if config.short_time else 0
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
    return CycleGan(
        g=g, f=f, d_x=d_x, d_y=d_y, phi=phi, critic=build_critic(size, phi) if has_critic else None,
        mouth=build_mouth_reader(size) if config.short_time else None,
        size_px=size,
        adversarial=config.adversarial,
        lambda_cycle=config.lambda_cycle,
        verification_ratio=config.verification_ratio,
        verification_target=config.verification_target,
        verification_realness=config.verification_realness,
        verification_schedule=config.verification_schedule,
        total_steps=config.train.steps,
        verification_change=config.verification_change,
        mouth_ratio=config.mouth_ratio,
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

    model.compile(adam(config.generator_learning_rate), adam(config.discriminator_learning_rate))


def load_networks(model: CycleGan, run: str | Path) -> None:
    """Sets all networks to those that a finished run of `vfgan train gan` ended with.

    Raises:
        SchemaError: there is no finished one, or its networks are others.
    """
    load_weights(model, open_run(run, "gan")[1])


def load_gan(run: str | Path, which: Literal["last", "best"] = "last") -> TrainedGan:
    """The CycleGAN of a finished run, with its extractor.

    Args:
        run: folder of `vfgan train gan`.
        which: the weights of the last step, or those of the best score of the monitor.
    Raises:
        SchemaError: there is no finished one, it is of another version, it has no best weights, or the extractor
            beside it is another; or it was trained with labels.
    """
    resolved, weights = open_run(run, "gan")
    if which == "best":
        weights = Path(run) / "best.weights.h5"
        if not weights.is_file():
            raise SchemaError(f"{run} has no best weights: its training had no --emotion-cnn to score them with")
    voice = load_voice_reader(Path(run) / "extractor")
    if voice.digest != resolved["extractor"]["digest"]:
        raise SchemaError(
            f"{run}: trained with extractor {resolved['extractor']['digest']}, but {run}/extractor is {voice.digest}; "
            "their z cannot be exchanged"
        )
    config = from_dict(GanConfig, resolved["config"])
    if config.attribute == "label":
        raise SchemaError(f"{run} was trained with emotions' names in place of the voice: it cannot hear")
    # what it was trained in is for GPUs; the weights are float32
    model = make_cyclegan(dataclasses.replace(config, precision="float32"), resolved["extractor"]["z_size"], None)
    load_weights(model, weights)
    neutral_z = np.array(read_json(Path(run) / "neutral_z.json")["z"], np.float32)
    return TrainedGan(
        model, voice, from_dict(CropConfig, resolved["crop"]), neutral_z, resolved, weights_digest(model.g)
    )
