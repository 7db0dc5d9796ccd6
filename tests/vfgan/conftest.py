"""Untrained networks exported as SavedModels: what export, generate and the client are tested on."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from vfgan.config.data import CropConfig, MfscConfig
from vfgan.config.gan import GanConfig

MFSC = MfscConfig()
CROP = CropConfig()


@dataclasses.dataclass(frozen=True)
class Exported:
    """The Keras networks and the folder of their SavedModels."""

    folder: Path
    reader: object
    network: object
    generator: object
    neutral_z: np.ndarray


@pytest.fixture(scope="session")
def exported(tmp_path_factory) -> Exported:
    """extractor, emotion_cnn, vfgan and vfgan_video of random weights, 32 px."""
    import keras

    from vfgan.config.serialise import to_dict
    from vfgan.models.extractor import build_extractor
    from vfgan.models.face_classifier import build_face_classifier
    from vfgan.models.generator import build_generator
    from vfgan.models.voice_reader import VoiceReader
    from vfgan.savedmodel.signatures import ExtractorServing, FaceClassifierServing, GeneratorServing, VideoServing
    from vfgan.savedmodel.write import export_model

    keras.utils.set_random_seed(3)
    folder = tmp_path_factory.mktemp("saved_models")
    reader = VoiceReader(build_extractor(MFSC.window_frames, widths=(4, 4, 4, 4), dense=8, z_size=6), MFSC)
    network = build_face_classifier(32, width=4, features=8)
    generator = build_generator(32, filters=4, blocks=1, z_size=6)
    # an untrained attention head changes nothing
    kernel = generator.picture.kernel
    kernel.assign(keras.random.normal(kernel.shape, stddev=0.2, seed=4))
    neutral = np.linspace(-1, 1, 6).astype(np.float32)
    card = {"resolved": {"config": to_dict(GanConfig(size_px=32))}}
    export_model(ExtractorServing(reader), "extractor", folder, card)
    export_model(FaceClassifierServing(network, 32, CROP), "emotion_cnn", folder, card)
    serving = GeneratorServing(generator, reader, neutral, 32, CROP)
    export_model(serving, "vfgan", folder, card)
    export_model(VideoServing(serving), "vfgan_video", folder, card)
    return Exported(folder, reader, network, generator, neutral)


@pytest.fixture(scope="session")
def voice_samples() -> np.ndarray:
    """1.9 s of a tone that swells, float32 at 16 kHz."""
    time = np.arange(30_400) / 16_000
    return (0.2 * np.sin(2 * np.pi * 220 * time) * (1.2 + np.sin(7 * time))).astype(np.float32)
