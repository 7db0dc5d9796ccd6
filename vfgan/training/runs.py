"""Loads the networks of finished runs, with the record of what they were trained on."""

import dataclasses
import hashlib
from pathlib import Path
from typing import Literal

import keras
import numpy as np

from vfgan.config.data import CropConfig, MfscConfig
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig, MouthConfig
from vfgan.config.serialise import from_dict, with_options
from vfgan.errors import SchemaError
from vfgan.models.build import make_cyclegan, make_extractor, make_face_classifier, make_mouth
from vfgan.models.cyclegan import CycleGan
from vfgan.models.face_classifier import FaceClassifier
from vfgan.models.mouth import Mouth
from vfgan.models.voice_reader import VoiceReader
from vfgan.storage.files import read_json
from vfgan.storage.weights import load_weights


@dataclasses.dataclass(frozen=True)
class TrainedVoiceReader:
    """A trained extractor and its origin."""

    reader: VoiceReader
    resolved: dict  #: config.json of its run
    digest: str  #: digest of its weights


#: Both are face classifiers, but neither may take the other's role.
FaceKind = Literal["emotion-cnn", "judge"]


@dataclasses.dataclass(frozen=True)
class TrainedFaceClassifier:
    """A trained emotion CNN or judge and its origin."""

    network: FaceClassifier
    size_px: int
    crop: CropConfig  #: geometry of the faces it was trained on
    resolved: dict
    digest: str


def weights_digest(model: keras.Model) -> str:
    """First 16 hex digits of the SHA-256 of all weights in order."""
    total = hashlib.sha256()
    for weight in model.weights:
        total.update(np.ascontiguousarray(weight.numpy()).tobytes())
    return total.hexdigest()[:16]


def load_voice_reader(run: str | Path) -> TrainedVoiceReader:
    """Loads the extractor of a finished run, or of a copy of its folder.

    Raises:
        SchemaError: there is no finished extractor, or another version wrote it.
    """
    resolved, weights = open_run(run, "extractor")
    extractor = make_extractor(from_dict(ExtractorConfig, resolved["config"]), from_dict(MfscConfig, resolved["mfsc"]))
    load_weights(extractor, weights)
    reader = VoiceReader(extractor, from_dict(MfscConfig, resolved["mfsc"]))
    return TrainedVoiceReader(reader, resolved, weights_digest(extractor))


def load_face_classifier(run: str | Path, kind: FaceKind) -> TrainedFaceClassifier:
    """Loads the emotion CNN or the judge of a finished run.

    Raises:
        SchemaError: the run is not finished, is of the other kind, or another version wrote it.
    """
    resolved, weights = open_run(run, kind)
    config = from_dict(FaceClassifierConfig, resolved["config"])
    network = make_face_classifier(config)
    load_weights(network, weights)
    crop = from_dict(CropConfig, resolved["crop"])
    return TrainedFaceClassifier(network, config.size_px, crop, resolved, weights_digest(network))


@dataclasses.dataclass(frozen=True)
class TrainedMouth:
    """A trained mouth and its origin."""

    network: Mouth
    mfsc: MfscConfig  #: of the sound that it was trained on
    resolved: dict


def load_mouth(run: str | Path) -> TrainedMouth:
    """Loads the mouth of a finished run.

    Raises:
        SchemaError: the run is not finished, or another version wrote it.
    """
    resolved, weights = open_run(run, "mouth")
    mfsc = from_dict(MfscConfig, resolved["mfsc"])
    network = make_mouth(from_dict(MouthConfig, resolved["config"]), mfsc)
    load_weights(network, weights)
    return TrainedMouth(network, mfsc, resolved)


def open_run(run: str | Path, kind: str) -> tuple[dict, Path]:
    """Reads config.json of a finished run; returns it with the path of the last weights.

    Raises:
        SchemaError: there is no finished run of this kind.
    """
    run = Path(run)
    if not (run / "config.json").is_file():
        raise SchemaError(f"{run} is not a run folder (no config.json): expected a trained {kind}")
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

    config: GanConfig
    model: CycleGan
    voice: TrainedVoiceReader
    crop: CropConfig
    neutral_z: np.ndarray  #: float32 [z_size], mean of neutral training voices, 0 on the intensity dial
    resolved: dict
    digest: str


def load_networks(model: CycleGan, run: str | Path, *, skip_mismatch: bool = False) -> None:
    """Loads the final weights of a finished run of `vfgan train gan` into all networks.

    Args:
        skip_mismatch: layers of another shape, such as those that read another extractor's z, stay as they are; not
            those that find landmarks.

    Raises:
        SchemaError: the run is not finished, or its networks differ.
    """
    look = getattr(model.g, "look", None)
    before = [weight.numpy() for weight in look.trainable_variables] if look else []
    load_weights(model, open_run(run, "gan")[1], skip_mismatch=skip_mismatch)
    if skip_mismatch and any(map(np.array_equal, before, look.trainable_variables if look else [])):
        raise SchemaError(f"{run} finds landmarks with another network: train it anew with this version")


def load_gan(run: str | Path, which: Literal["last", "best"] = "last") -> TrainedGan:
    """Loads the CycleGAN of a finished run, with its extractor.

    Args:
        run: folder of `vfgan train gan`.
        which: the weights of the last step, or those with the best monitor score.
    Raises:
        SchemaError: the run is not finished, has no best weights, or was trained with labels. Or another version wrote
            it, or its extractor is not the one it was trained with.
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
    if which == "best" and config.networks.head == "motion":
        raise SchemaError(
            f"{run}: how far a generator that bends moves a face is measured at the end of its training: take its last "
            "weights"
        )
    if config.data.attribute == "label":
        raise SchemaError(f"{run} was trained with --attribute label: its generator cannot take a voice")
    # other precisions are for training on GPUs; the weights are float32
    model = make_cyclegan(with_options(config, precision="float32"), resolved["extractor"]["z_size"], None)
    load_weights(model, weights)
    neutral_z = np.array(read_json(Path(run) / "neutral_z.json")["z"], np.float32)
    crop = from_dict(CropConfig, resolved["crop"])
    return TrainedGan(config, model, voice, crop, neutral_z, resolved, weights_digest(model.g))
