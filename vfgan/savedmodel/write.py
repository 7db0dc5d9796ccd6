"""Trained networks -> SavedModels in TF Serving's layout, each with a model card."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from vfgan import __version__
from vfgan.config.data import MfscConfig
from vfgan.config.serialise import digest, to_dict
from vfgan.emotions import EMOTIONS, FACE_EMOTIONS
from vfgan.storage.files import atomic_path, write_json, write_text

#: Signatures that clients use and that take inputs, of those models that have them: a warm-up request each.
WARMUP_SIGNATURES = ("serving_default", "padded", "windows", "from_z")
#: Examples in the warm-up requests and in nothing else.
WARMUP_SECONDS, WARMUP_FACE_PX, WARMUP_FACES = 2.0, 128, 2


def export_model(module: tf.Module, name: str, folder: str | Path, card: dict, extra: tuple[Path, ...] = ()) -> Path:
    """Writes `folder`/`name`/the next free version and the card beside it; returns the version's folder.

    Args:
        module: one of `vfgan.savedmodel.signatures`.
        name: extractor, emotion_cnn, judge, vfgan, or a further generator's.
        folder: such as saved_models.
        card: data, licences, command, seed, figures, limits: what `model_card` asks for.
        extra: files that are copied beside the warm-up requests.
    Raises:
        OutputError: the folder cannot be written.
    """
    base = Path(folder) / name
    version = max((int(path.name) for path in base.glob("*") if path.name.isdigit()), default=0) + 1
    with atomic_path(base / str(version)) as temporary:
        tf.saved_model.save(_archive(module), str(temporary), signatures=module.signatures())
        (temporary / "fingerprint.pb").unlink(missing_ok=True)  # optional, and differs from run to run
        _write_warmup(module, name, temporary / "assets.extra" / "tf_serving_warmup_requests")
        for path in extra:
            shutil.copyfile(path, temporary / "assets.extra" / path.name)
    facts = (
        _facts(module) | card | {"name": name, "version": version, "vfgan": __version__, "tensorflow": tf.__version__}
    )
    write_card(base, facts)
    return base / str(version)


def write_card(base: Path, facts: dict) -> None:
    """card.json and README.md beside the version folders of a model."""
    write_json(base / "card.json", facts)
    write_text(base / "README.md", model_card(facts))


def _archive(module: tf.Module) -> tf.Module:
    """The plain variables that the signatures read, and nothing else.

    Saved through its Keras networks, each variable would be written as a copy that TF Serving's loader fills, while
    the signatures read the original, which it leaves empty.
    """
    archive = tf.Module()
    concrete = [function.get_concrete_function() for function in module.signatures().values()]
    archive.weights = list({id(v): v for function in concrete for v in function.variables}.values())
    return archive


def _facts(module: tf.Module) -> dict:
    """What is known without being told: sizes, classes, front end."""
    facts: dict[str, Any] = {"parameters": int(sum(np.prod(v.shape) for v in _archive(module).weights))}
    if hasattr(module, "voice"):
        mfsc = to_dict(module.voice.config)
        facts |= {"mfsc": mfsc, "mfsc_digest": digest(mfsc), "emotions": list(EMOTIONS)}
    if hasattr(module, "size_px"):
        facts |= {"size_px": module.size_px, "crop": to_dict(module.crop)}
    if hasattr(module, "gain"):
        facts |= {"gain": module.gain, "crop_height": module.crop_height}
    if hasattr(module, "network"):
        facts["face_emotions"] = list(FACE_EMOTIONS)
    return facts


def _write_warmup(module: tf.Module, name: str, path: Path) -> None:
    """TF Serving replays these requests before it calls a version ready."""
    from tensorflow_serving.apis import model_pb2, predict_pb2, prediction_log_pb2

    rng = np.random.default_rng(0)
    voice = 0.1 * rng.standard_normal(round(WARMUP_SECONDS * MfscConfig().sample_rate_hz)).astype(np.float32)
    faces = rng.integers(0, 256, (WARMUP_FACES, WARMUP_FACE_PX, WARMUP_FACE_PX, 3)).astype(np.uint8)
    times = np.linspace(0.0, WARMUP_SECONDS, WARMUP_FACES, dtype=np.float32)
    inputs = {"face": faces[:1], "faces": faces, "times": times, "num_samples": np.array([len(voice)], np.int32)}
    if hasattr(module, "neutral"):
        inputs["z"] = np.zeros((1, module.neutral.shape[0]), np.float32)
    path.parent.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for key, function in module.signatures().items():
            if key not in WARMUP_SIGNATURES:
                continue
            wanted = function.input_signature
            batched = any(spec.name == "waveform" and spec.shape.rank == 2 for spec in wanted)
            inputs["waveform"] = voice[None] if batched else voice
            request = predict_pb2.PredictRequest(
                model_spec=model_pb2.ModelSpec(name=name, signature_name=key),
                inputs={spec.name: tf.make_tensor_proto(inputs[spec.name]) for spec in wanted},
            )
            log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
            writer.write(log.SerializeToString(deterministic=True))


def model_card(facts: dict) -> str:
    """A model card (Mitchell et al., 2019) in Markdown, from card.json's values."""
    lines = [f"# {facts['name']}, version {facts['version']}", ""]
    for title in ("summary", "data", "licence", "command", "seed", "trained", "gain", "limits"):
        if facts.get(title) not in (None, ""):
            lines += [f"**{title.capitalize()}**: {facts[title]}", ""]
    if facts.get("measured"):
        lines += [f"**Measured**: {'; '.join(facts['measured'].values())}", ""]
    if facts.get("figures"):
        lines += ["| figure | value |", "|---|---|"]
        lines += [f"| {name} | {value:.4g} |" for name, value in facts["figures"].items()]
        lines.append("")
    lines.append(f"{facts['parameters']:,} parameters; vfgan {facts['vfgan']}, TensorFlow {facts['tensorflow']}.")
    return "\n".join(lines) + "\n"
