"""The networks give the same under Keras' other backends, so that weights can go from one to another."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.slow

#: Run under each backend: makes the networks with random weights or loads them, and writes what they answer.
_NETWORKS = """
import sys
from pathlib import Path

import keras
import numpy as np

from vfgan.config.data import MfscConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.models import losses
from vfgan.models.build import make_extractor
from vfgan.models.discriminator import build_discriminator
from vfgan.models.face_classifier import build_face_classifier
from vfgan.models.generator import build_generator
from vfgan.models.motion_generator import build_motion_generator

weights, out = Path(sys.argv[1]), Path(sys.argv[2])
random = np.random.default_rng(1)
keras.utils.set_random_seed(1)
shape = np.stack(np.meshgrid(np.linspace(0.25, 0.75, 26), np.linspace(0.2, 0.85, 18)), axis=2).reshape(468, 2)
bends = build_motion_generator(64, paint_units=8, shading=True, strong=1.4, z_size=5)
bends.measure(shape + random.normal(0, 0.01, (30, 468, 2)), random.normal(0, 0.01, (6, 468, 2)))
bends.muscles.measure_voices(random.normal(size=(9, 5)), np.zeros(5, np.float32), np.arange(9) % 2.0)
bends.shading.places.assign(shape)
bends.shading.measure(random.normal(0, 0.5, (6, 128, 128)))
small = {"filters": 8, "channels": 1, "z_size": 5}
networks = {
    "bends": bends,
    "paints": build_generator(
        64, condition="add", blocks=1, head="attention", oval=True, equal_contrast=True, **small
    ),
    "discriminator": build_discriminator(64, None, condition="add", depth=2, spectral=True, **small),
    "classifier": build_face_classifier(64, width=4, features=8),
    "extractor": make_extractor(ExtractorConfig(widths=(4, 4, 8, 8), dense=16, z_size=5), MfscConfig()),
}
faces = {count: random.uniform(-1, 1, (2, 64, 64, count)).astype("float32") for count in (1, 3)}
z = random.normal(size=(2, 5)).astype("float32")
windows = random.normal(size=(2, MfscConfig().window_frames, MfscConfig().mel_bands, 3)).astype("float32")
inputs = {
    "bends": [faces[3], z], "paints": [faces[1], z], "discriminator": [faces[1], z], "classifier": faces[1],
    "extractor": windows,
}
answers = {}
for name, network in networks.items():
    file = weights / f"{name}.weights.h5"
    answer = network(inputs[name])
    if file.exists():
        network.load_weights(file)
        answer = network(inputs[name])
    else:
        network.save_weights(file)
    for number, one in enumerate(answer if isinstance(answer, (tuple, list)) else [answer]):
        answers[f"{name} {number}"] = keras.ops.convert_to_numpy(one)
higher, _ = bends.drawn(random.uniform(-1, 1, (2, 96, 64, 3)).astype("float32"), bends.motion(faces[3], z))
answers["bends, below the crop, too"] = keras.ops.convert_to_numpy(higher)
points = shape.astype("float32")[None]
answers["landmark distance"] = keras.ops.convert_to_numpy(losses.landmark_distance(points, points + 0.01))
np.savez(out, **answers)
"""


def answers(backend, folder):
    out = folder / f"{backend}.npz"
    environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([sys.executable, "-c", _NETWORKS, folder, out], env=environment, check=True, timeout=600)
    with np.load(out) as found:
        return dict(found)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_networks_answer_as_under_tensorflow(backend, tmp_path):
    if not importlib.util.find_spec(backend):
        pytest.skip(f"{backend} is not installed: pip install '.[benchmarks]'")
    expected, found = answers("tensorflow", tmp_path), answers(backend, tmp_path)
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=1e-4, rtol=1e-4, err_msg=name)
