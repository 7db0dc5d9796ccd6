"""Every SavedModel in an implementation of its own: OpenVINO's TensorFlow front end, which reads the folder itself.

It stands in for TF Serving's loader, as independent of the code that wrote the models as that is.
"""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.savedmodel.load import find_model, load_model

pytestmark = pytest.mark.medium

RANDOM = np.random.default_rng(3)
FACES = RANDOM.integers(0, 256, (2, 70, 90, 3)).astype(np.uint8)  # larger than the network's, and not square


@pytest.fixture(scope="module")
def core():
    openvino = pytest.importorskip("openvino")
    from tests.vfgan.savedmodel.openvino_resizing import extend

    core = openvino.Core()
    core.set_property("CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})
    extend(core)
    return core


@pytest.fixture(scope="module")
def inputs(voice_samples):
    # a pure tone's other bands would hold nothing but what the two round differently
    noise = np.random.default_rng(1).standard_normal(len(voice_samples)).astype(np.float32)
    voice_samples = voice_samples + 0.003 * noise
    given = {
        "extractor": {"waveform": np.stack([voice_samples, voice_samples[::-1]])},
        "emotion_cnn": {"face": FACES},
        "vfgan": {"waveform": np.stack([voice_samples, voice_samples[::-1]]), "face": FACES},
        "vfgan_video": {"waveform": voice_samples, "faces": FACES, "times": np.array([0.2, 1.4], np.float32)},
    }
    return given | {"bends": given["vfgan"], "bends_video": given["vfgan_video"]}


def openvino_outputs(core, folder, given):
    model = core.compile_model(core.read_model(str(folder)), "CPU")
    found = model({name: np.ascontiguousarray(value) for name, value in given.items()}).to_dict()
    return {name: value for key, value in found.items() for name in key.get_names()}


@pytest.mark.parametrize("name", ["extractor", "emotion_cnn", "vfgan", "vfgan_video",
                                  pytest.param("bends", marks=pytest.mark.slow), "bends_video"])  # fmt: skip
def test_openvino_agrees(core, exported, inputs, name):
    """Pictures to 2/255, numbers to a thousandth."""
    given = inputs[name]
    loaded, _ = load_model(exported.folder / name)
    expected = loaded.signatures["serving_default"](**{key: tf.constant(value) for key, value in given.items()})
    found = openvino_outputs(core, find_model(exported.folder / name), given)
    for key, value in expected.items():
        assert found[key].shape == value.shape
        tolerance = 2 if value.dtype == tf.uint8 else 1e-3
        assert np.abs(found[key].astype(float) - value.numpy().astype(float)).max() <= tolerance, key


@pytest.mark.slow
@pytest.mark.parametrize("name", ["actor01", "emotion_cnn", "extractor", "judge", "vfgan", "vfgan_video"])
def test_openvino_agrees_on_what_ships(core, root, inputs, name):
    given = inputs.get(name, inputs["vfgan" if name == "actor01" else "emotion_cnn"])
    loaded = tf.saved_model.load(str(find_model(root / "saved_models" / name)))
    expected = loaded.signatures["serving_default"](**{key: tf.constant(value) for key, value in given.items()})
    found = openvino_outputs(core, find_model(root / "saved_models" / name), given)
    for key, value in expected.items():
        tolerance = 2 if value.dtype == tf.uint8 else 2e-3
        assert np.abs(found[key].astype(float) - value.numpy().astype(float)).max() <= tolerance, key
