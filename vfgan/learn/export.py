"""Whole Keras models -> SavedModels, each with a model card."""

import contextlib
import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from vfgan.config.checks import require
from vfgan.config.data import CropConfig
from vfgan.config.serialise import from_dict, to_dict
from vfgan.data.attributes import ATTRIBUTES, save_attributes
from vfgan.errors import ConfigError, SchemaError
from vfgan.learn.cyclegan import CycleGan
from vfgan.learn.extractor import Extractor
from vfgan.learn.face_classifier import FaceClassifier
from vfgan.learn.motion_gan import MotionGan
from vfgan.savedmodel.cards import LICENCE, LIMITS, MOST_GAIN, SUMMARIES, video_summary
from vfgan.savedmodel.signatures import ExtractorServing, FaceClassifierServing, GeneratorServing, VideoServing
from vfgan.savedmodel.write import export_model


def load_model(path: str | Path) -> keras.Model:
    """Loads a model that was saved as FILE.keras.

    It is `keras.saving.load_model` in a process that may not have used vfgan's models yet.

    Raises:
        SchemaError: there is no such file, it is damaged, or holds no model of this version.
    """
    try:
        model = keras.saving.load_model(path)
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = str(error).strip().splitlines()[0]
        raise SchemaError(f"{path} cannot be loaded: {reason}; expected a FILE.keras of this version") from error
    if not isinstance(model, (Extractor, FaceClassifier, CycleGan, MotionGan)):
        raise SchemaError(f"{path} holds a {type(model).__name__}: expected an Extractor, FaceClassifier or CycleGan")
    return model


def export(
    model: keras.Model | str | Path, folder: str | Path, *, gain: float = 1.0, video: bool = True,
    data: str = "", command: str = "",
) -> list[Path]:  # fmt: skip
    """Writes the SavedModels of a trained model: the next free version in FOLDER, with its card beside.

        vfgan.export(gan, "models/mine")
        vfgan.VoiceFace("models/mine")

    Args:
        model: `Extractor`, `FaceClassifier` or `CycleGan`, or the FILE.keras that one was saved as.
        folder: of the model; its name becomes the model's.
        gain: of a generator, see `vfgan export --gain`.
        video: of a generator, also write its twin for videos, FOLDER_video.
        data, command: for the card.
    Returns:
        The new version folders.
    Raises:
        ConfigError: it is no such model, or it was not adapted or trained.
        SchemaError: the file cannot be loaded.
        OutputError: the folder cannot be written.
    """
    if isinstance(model, str | Path):
        model = load_model(model)
    folder = Path(folder).absolute()
    with tempfile.TemporaryDirectory() as beside, _exported_weights(model):
        extra = _voices_beside(model, Path(beside))
        written = []
        for suffix, module, kind, resolved, summary in _modules(model, folder.name, gain, video):
            card = {"resolved": resolved, "summary": summary, "limits": LIMITS[kind], "licence": LICENCE, "data": data,
                    "command": command, "trained": f"{_steps(model)} steps", "figures": {}}  # fmt: skip
            written.append(export_model(module, folder.name + suffix, folder.parent, card, () if suffix else extra))
    return written


def kind_of(model: keras.Model) -> str:
    """extractor, emotion_cnn, judge, gan; or the class of another model."""
    if isinstance(model, FaceClassifier):
        return model.kind.replace("-", "_")
    kinds = {Extractor: "extractor", CycleGan: "gan"}
    return next((name for kind, name in kinds.items() if isinstance(model, kind)), type(model).__name__)


@contextlib.contextmanager
def _exported_weights(model: Any) -> Iterator[None]:
    """Puts a CycleGAN's running average, where it has one, in the place of G's weights for a while."""
    average = getattr(model, "average", None)
    try:
        if average:
            average.swap()
        yield
    finally:
        if average:
            average.swap()


def _voices_beside(model: Any, folder: Path) -> tuple[Path, ...]:
    """The voices that a generator learnt with, for fine-tuning the exported model."""
    if not isinstance(model, CycleGan) or model.attributes is None:
        return ()
    save_attributes(model.attributes, folder / ATTRIBUTES)
    return (folder / ATTRIBUTES,)


def _modules(model: Any, name: str, gain: float, video: bool) -> list[tuple]:
    """(suffix of the name, module, kind, config.json of a run, summary) of each SavedModel."""
    if isinstance(model, Extractor):
        return [("", ExtractorServing(of_extractor(model).reader), "extractor", resolved_extractor(model),
                 SUMMARIES["extractor"])]  # fmt: skip
    if isinstance(model, FaceClassifier):
        if model.crop is None:
            raise ConfigError("export: the face classifier does not know its faces' geometry: call adapt(data.train)")
        config = dataclasses.replace(model.config, train=_train(model.config.train, model))
        resolved = {"kind": model.kind, "config": to_dict(config), "crop": to_dict(model.crop), "data": model.origin}
        module = FaceClassifierServing(model, model.config.size_px, model.crop)
        return [("", module, model.kind, resolved, SUMMARIES[model.kind])]
    if isinstance(model, CycleGan):
        return _generator_modules(model, name, gain, video)
    raise ConfigError(f"export: expected an Extractor, FaceClassifier or CycleGan, got a {type(model).__name__}")


def _generator_modules(gan: Any, name: str, gain: float, video: bool) -> list[tuple]:
    if gan.extractor is None or gan.origin is None:
        raise ConfigError(
            "export: the CycleGAN does not know its faces and voices: fit it on data.train.pairs(8), or adapt"
        )
    if gan.bends and gan.g.shading is not None and not np.any(gan.g.shading.pictures):
        raise ConfigError("export: how far faces move is measured when `fit` ends; export the model as it is then")
    if gan.config.data.attribute == "label":
        raise ConfigError("export: it was trained with attribute='label': its generator cannot take a voice")
    require(0 < gain <= MOST_GAIN, "gain", f"more than 0, at most {MOST_GAIN:g}", gain)
    train = dataclasses.replace(gan.config.train, steps=max(1, _steps(gan)))
    resolved = gan.origin | {"config": to_dict(dataclasses.replace(gan.config, train=train))}
    crop = from_dict(CropConfig, resolved["crop"])
    reader = of_extractor(gan.extractor).reader
    size_px, people = gan.config.networks.size_px, resolved["people"]
    module = GeneratorServing(gan.g, reader, gan.neutral_z, size_px, crop, people, gain)
    modules = [("", module, "vfgan", resolved, SUMMARIES["vfgan"])]
    return [*modules, ("_video", VideoServing(module), "vfgan", resolved, video_summary(name))] if video else modules


def of_extractor(model: Extractor) -> Extractor:
    """Checks that an extractor is ready for use.

    Raises:
        ConfigError: it does not know its input's scale, or that of z.
    """
    if not (model.standardise.measured and model.standardise_z.measured):
        raise ConfigError(
            "the extractor does not know the scale of its input and of z: call adapt(data.train), then fit or measure"
        )
    return model


def resolved_extractor(model: Extractor) -> dict:
    """What a run of `vfgan train extractor` has as config.json."""
    config = dataclasses.replace(model.config, train=_train(model.config.train, model))
    return {"kind": "extractor", "config": to_dict(config), "mfsc": to_dict(model.mfsc), "data": model.origin}


def _train(train: Any, model: keras.Model) -> Any:
    """The options of a training with the steps that were taken."""
    return dataclasses.replace(train, steps=max(1, _steps(model)))


def _steps(model: Any) -> int:
    if isinstance(model, CycleGan):
        return int(model.steps)
    optimizer = getattr(model, "optimizer", None)
    return int(optimizer.iterations) if optimizer is not None else 0
