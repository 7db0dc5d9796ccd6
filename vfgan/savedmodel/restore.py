"""SavedModels -> run folders as trainings leave them, for a training that goes on from what was shipped."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from vfgan.config.data import CropConfig, MfscConfig
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig, MouthConfig
from vfgan.config.serialise import from_dict, to_dict
from vfgan.data.attributes import ATTRIBUTES, Attributes, load_attributes
from vfgan.errors import SchemaError
from vfgan.models.build import make_cyclegan, make_extractor, make_face_classifier, make_mouth
from vfgan.models.generator import Generator
from vfgan.models.voice_reader import VoiceReader
from vfgan.savedmodel.load import find_model, load_model
from vfgan.savedmodel.signatures import FaceClassifierServing, GeneratorServing
from vfgan.storage.files import read_json, write_json
from vfgan.storage.weights import load_weights, save_weights
from vfgan.training.runs import weights_digest

#: What the first shipped generators were trained with.
_EXTRACTOR_BEFORE = {"widths": [32, 64, 96, 96], "dense": 128, "z_size": 32, "dropout": 0.4}


@dataclasses.dataclass(frozen=True)
class Restored:
    """A generator and the networks that it was trained with, as runs in a folder."""

    folder: Path
    config: GanConfig  #: of its training
    mfsc: MfscConfig
    crop: CropConfig
    resolved: dict  #: config.json of its run
    name: str  #: and version
    attributes: Attributes  #: of the voices that it was trained with
    neutral_z: np.ndarray  #: float32 [z_size], 0 on its intensity dial
    gain: float  #: that it was exported with

    @property
    def extractor(self) -> Path:
        """Run folder."""
        return self.folder / "extractor"

    @property
    def emotion_cnn(self) -> Path:
        """Run folder."""
        return self.folder / "emotion-cnn"

    @property
    def mouth(self) -> Path | None:
        """Run folder, of a generator whose mouth follows the sound."""
        return self.folder / "mouth" if "mouth" in self.resolved else None

    def load_generator(self, generator: Generator) -> None:
        """The weights of the SavedModel, into a network of its shape."""
        load_weights(generator, self.folder / "generator.weights.h5")


def restore_runs(model: str | Path, folder: Path) -> Restored:
    """Writes extractor, emotion CNN and the weights of a generator as they were before they were exported.

    Extractor and emotion CNN are those beside the generator: models of one folder belong together.

    Args:
        model: name in `models_dir()`, or a folder (`vfgan.savedmodel.load.find_model`).
        folder: to write to.
    Raises:
        SchemaError: one of the three, or the voices that it was trained with, is not there, another than the generator
            was trained with, or of another version.
    """
    beside = find_model(model).parent.parent
    loaded, card = load_model(model)
    if card.get("resolved", {}).get("kind") != "gan":
        raise SchemaError(f"{model} is no generator: expected one such as vfgan")
    if "paint_filters" in card["resolved"]["config"].get("motion", {}):
        raise SchemaError(
            f"{model} is of before 29 November 2026 and has a painter: it generates, but cannot be gone on from"
        )
    heard_card = read_json(find_model(beside / "extractor").parent / "card.json")
    seen, seen_card = load_model(beside / "emotion_cnn")
    mfsc, crop = from_dict(MfscConfig, card["mfsc"], "card.mfsc"), from_dict(CropConfig, card["crop"], "card.crop")
    config = from_dict(GanConfig, card["resolved"]["config"], "card.resolved.config")
    heard = _heard_with(card, heard_card)
    extractor = make_extractor(from_dict(ExtractorConfig, heard), mfsc)
    z_size = extractor.settings["z_size"]
    learnt_with = find_model(model) / "assets.extra" / ATTRIBUTES
    if not learnt_with.is_file():
        raise SchemaError(f"{model}: no {learnt_with}, the voices that it has learnt with: train it with this version")
    attributes = load_attributes(learnt_with, z_size)
    neutral = loaded.signatures["neutral_z"]()["z"].numpy()
    generator = make_cyclegan(config, z_size, None).g
    gain = card.get("gain", 1.0)
    reader = VoiceReader(extractor, mfsc)
    told = card["resolved"].get("mouth")
    mouth = make_mouth(from_dict(MouthConfig, told["config"]), mfsc) if told else None
    serving = GeneratorServing(generator, reader, neutral, config.networks.size_px, crop, gain=gain, mouth=mouth)
    for signature in ("serving_default", *(("mouth", "talking") if mouth else ())):
        take_weights(serving, loaded, str(model), signature)
    if weights_digest(extractor) != card["resolved"]["extractor"]["digest"]:
        raise SchemaError(f"{model}: its extractor is not what it was trained with; export it again with this version")
    sees = from_dict(FaceClassifierConfig, seen_card["resolved"]["config"])
    emotion_cnn = make_face_classifier(sees)
    take_weights(FaceClassifierServing(emotion_cnn, sees.size_px, crop), seen, str(beside / "emotion_cnn"))
    name = f"{card['name']} {card['version']}"
    restored = Restored(folder, config, mfsc, crop, card["resolved"], name, attributes, neutral, gain)
    # the extractor that ships by itself may have learnt on more actors than the one inside the generator
    learnt = {"data": {"train_actors": card["resolved"]["extractor"]["train_actors"]}}
    resolved = {"kind": "extractor", "config": to_dict(from_dict(ExtractorConfig, heard)), "mfsc": card["mfsc"]}
    _write_run(restored.extractor, extractor, heard_card["resolved"] | resolved | learnt)
    _write_run(restored.emotion_cnn, emotion_cnn, seen_card["resolved"])
    save_weights(generator, folder / "generator.weights.h5")
    if mouth:
        _write_run(folder / "mouth", mouth, told)
    return restored


def _heard_with(card: dict, heard_card: dict) -> dict:
    """The configuration of the extractor inside a generator, whatever extractor ships beside it.

    A generator from before cards had it was trained with the extractor of then.
    """
    inside = card["resolved"]["extractor"].get("config")
    beside = heard_card["resolved"]["config"]
    return inside or (_EXTRACTOR_BEFORE if "over_time" in beside else beside)


def take_weights(module: tf.Module, loaded, name: str, signature: str = "serving_default") -> None:
    """Gives the variables of a module the values of a SavedModel that was exported from one like it.

    A signature reads its variables in the order in which the network uses them: the same for both. serving_default
    reads all but a mouth's, which `mouth` and `talking` read.
    Weights of one shape may still belong to another computation, so both are asked for the same afterwards.

    Args:
        module: of `vfgan.savedmodel.signatures`.
        loaded: the SavedModel.
        name: of the SavedModel, for the message.
        signature: whose variables.
    Raises:
        SchemaError: the SavedModel is of another network, or of another version's.
    """
    function = module.signatures()[signature].get_concrete_function()
    theirs = loaded.signatures[signature]
    variables, values = _read_by(function), _read_by(theirs)
    if [tuple(variable.shape) for variable in variables] != [tuple(value.shape) for value in values]:
        raise SchemaError(f"{name} is of another network than its card says; export it again with this version")
    for variable, value in zip(variables, values):
        variable.assign(value)
    rng = np.random.default_rng(0)
    known = {
        "waveform": tf.constant(0.1 * rng.standard_normal((1, 32_000)), tf.float32),
        "face": tf.constant(rng.integers(0, 256, (1, 64, 64, 3)), tf.uint8),
    }
    if signature == "talking":
        numbers = {"z": module.neutral.shape[0], "mouth": module.mouth.basis.shape[0]}
        known |= {key: tf.constant(rng.standard_normal((1, count)), tf.float32) for key, count in numbers.items()}
        known["closed"] = tf.constant([0.5])
    inputs = {name: known[name] for name in theirs.structured_input_signature[1]}
    expected, made = theirs(**inputs), module.signatures()[signature](**inputs)
    if any(
        _differ(np.asarray(made[key], np.float32), np.asarray(value, np.float32)) for key, value in expected.items()
    ):
        raise SchemaError(f"{name} was made by a version that computes otherwise: train and export it with this one")


def _differ(made: np.ndarray, expected: np.ndarray) -> bool:
    """By more than rounding, of grey levels by more than 2."""
    made, expected = made.astype(np.float32), expected.astype(np.float32)
    return bool(np.abs(made - expected).max() > max(0.02, 0.01 * np.abs(expected).max()))


def _read_by(function) -> list[tf.Variable]:
    """The variables that a concrete function reads, in the order of their first use."""
    of_handle = {id(variable.handle): variable for variable in function.variables}
    return [of_handle[id(captured)] for captured in function.captured_inputs if id(captured) in of_handle]


def _write_run(folder: Path, network: keras.Model, resolved: dict) -> None:
    """What an older version did not know of front end and crop gets its default: configurations are compared whole."""
    for name, kind in (("mfsc", MfscConfig), ("crop", CropConfig)):
        if name in resolved:
            resolved = resolved | {name: to_dict(from_dict(kind, resolved[name]))}
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", resolved)
    save_weights(network, folder / "model.weights.h5")
