"""A data set of talking faces and untrained networks, small enough to run every pipeline of the GAN on."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from vfgan.config.data import BuildConfig, CropConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig
from vfgan.config.training import TrainConfig

ACTORS = {"01": "train", "02": "train", "03": "validation", "04": "test"}
NAMES = ("neutral", "happy", "sad")
_BUILD = BuildConfig(crop=CropConfig(size_px=32))
_TRAIN = TrainConfig(steps=5, batch_size=2)


@dataclasses.dataclass(frozen=True)
class SmallWorld:
    """Folders that `vfgan train gan` takes; the extractor has learnt from actor 09 only."""

    data: Path
    extractor: Path
    emotion_cnn: Path


@pytest.fixture(scope="session")
def small_world(tmp_path_factory) -> SmallWorld:
    """Four actors, three emotions, two takes: 2 s of sound, six faces a clip."""
    folder = tmp_path_factory.mktemp("world")
    write_data_set(folder / "data")
    write_networks(folder)
    return SmallWorld(folder / "data", folder / "extractor", folder / "emotion-cnn")


def write_data_set(folder: Path) -> None:
    """Shards and manifest as `vfgan build` leaves them."""
    import tensorflow as tf

    from vfgan.config.serialise import to_dict
    from vfgan.data import schema
    from vfgan.storage.files import digest_file, write_json

    folder.mkdir(parents=True)
    clips = [(actor, name, take) for actor in ACTORS for name in NAMES for take in (1, 2)]
    shards, counts = [], {}
    for split in ("train", "validation", "test"):
        mine = [clip for clip in clips if ACTORS[clip[0]] == split]
        name = f"{split}-00000-of-00001.tfrecord"
        with tf.io.TFRecordWriter(str(folder / name)) as writer:
            for clip in mine:
                writer.write(schema.encode(make_record(*clip)))
        shards.append({"name": name, "split": split, "digest": digest_file(folder / name)})
        people = {actor: 6 for actor, where in ACTORS.items() if where == split}
        counts[split] = {"clips": len(mine), "faces": 6 * len(mine), "actor": people}
    manifest = {
        "schema_version": schema.VERSION, "config": to_dict(_BUILD), "shards": shards, "counts": counts,
        "split_by": {"small": "actor"},
    }  # fmt: skip
    write_json(folder / "manifest.json", manifest)


def make_record(actor: str, name: str, take: int) -> dict:
    """One clip: noise whose level and light follow actor and emotion."""
    import cv2

    from vfgan.emotions import EMOTIONS
    from vfgan.voice.mfsc import frame_times

    rng = np.random.default_rng([int(actor), EMOTIONS.index(name), take])
    mfsc = rng.standard_normal((50, 40, 3)).astype(np.float32)
    mfsc[..., 0] += np.sin(np.arange(50))[:, None] + EMOTIONS.index(name)
    faces, times = [], np.linspace(0.2, 1.8, 6).astype(np.float32)
    for _ in times:
        light = 20 * int(actor) + 30 * EMOTIONS.index(name)
        picture = np.clip(light + 20 * rng.standard_normal((8, 8, 3)), 0, 255).astype(np.uint8)
        faces.append(cv2.imencode(".png", cv2.resize(picture, (32, 32)))[1].tobytes())
    return {
        "clip_id": f"small/{actor}-{name}-{take}", "corpus": "small", "actor": actor,
        "emotion": EMOTIONS.index(name), "intensity": take if name != "neutral" else 1, "statement": 1,
        "repetition": 1, "channel": "speech", "modality": "full-av", "sample_rate_hz": 16_000, "num_samples": 32_000,
        "mfsc": mfsc, "mfsc_times": frame_times(50, _BUILD.mfsc), "waveform": np.zeros(0, np.float32),
        "frames_seen": 6, "faces": faces, "face_times": times, "face_boxes": np.zeros((6, 4), np.float32),
        "eye_centres": np.zeros((6, 4), np.float32), "mouth_opening": np.full(6, 0.1, np.float32),
        "eye_opening": np.full(6, 0.1, np.float32), "head_pose": np.zeros((6, 3), np.float32),
        "face_confidence": np.ones(6, np.float32), "sharpness": np.ones(6, np.float32),
    }  # fmt: skip


def write_networks(folder: Path) -> None:
    """Run folders of an untrained extractor and an untrained emotion CNN."""
    import keras

    from vfgan.config.serialise import to_dict
    from vfgan.models.build import make_extractor, make_face_classifier
    from vfgan.storage.files import write_json

    keras.utils.set_random_seed(8)
    config = ExtractorConfig(widths=(4, 4, 4, 4), dense=8, z_size=4, train=_TRAIN)
    (folder / "extractor").mkdir()
    make_extractor(config, _BUILD.mfsc).save_weights(folder / "extractor" / "model.weights.h5")
    origin = {"train_actors": ["09"], "digest": "none", "clips": 1, "corpora": ["small"]}
    resolved = {"kind": "extractor", "config": to_dict(config), "mfsc": to_dict(_BUILD.mfsc), "data": origin}
    write_json(folder / "extractor" / "config.json", resolved)
    config = FaceClassifierConfig(size_px=32, width=4, features=8, train=_TRAIN)
    (folder / "emotion-cnn").mkdir()
    make_face_classifier(config).save_weights(folder / "emotion-cnn" / "model.weights.h5")
    resolved = {"kind": "emotion-cnn", "config": to_dict(config), "crop": to_dict(_BUILD.crop), "data": {}}
    write_json(folder / "emotion-cnn" / "config.json", resolved)
