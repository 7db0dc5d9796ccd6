"""The emotion CNN and the judge as whole Keras models."""

import json
import shutil

import keras
import numpy as np
import pytest

import vfgan
from vfgan.data.face_set import load_faces
from vfgan.errors import ConfigError
from vfgan.face.pixels import pm1
from vfgan.storage.files import read_json

SMALL = {"width": 4, "features": 8, "size_px": 32}


@pytest.fixture(scope="module")
def data(small_world):
    return vfgan.load_dataset(small_world.data)


def test_faces_are_drawn_anew_each_epoch_or_shown_as_they_are(data):
    drawn = data.train.faces(8, size_px=32, half="all")
    assert drawn.cardinality() == -(-len(load_faces(data, ["train"], 32).showing) // 8)
    first, second = ([faces.numpy() for faces, _ in drawn] for _ in range(2))
    assert not np.array_equal(first[0], second[0])
    held = [(faces.numpy(), labels.numpy()) for faces, labels in data.validation.faces(8, size_px=32)]
    shown = load_faces(data, ["validation"], 32).showing
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in held]).argmax(axis=1), shown.emotion)
    np.testing.assert_allclose(np.concatenate([faces for faces, _ in held]), pm1(shown.pixels), atol=1e-6)


@pytest.mark.medium
def test_it_is_trained_saved_loaded_and_exported(data, tmp_path):
    keras.utils.set_random_seed(2)
    judge = vfgan.FaceClassifier("separable", kind="judge", **SMALL)
    judge.compile("adam")
    faces = data.train.faces(8, size_px=32, half="second")
    history = judge.fit(faces, validation_data=data.validation.faces(8, size_px=32), epochs=2, verbose=0).history
    assert len(history["val_accuracy"]) == 2
    judge.save(tmp_path / "judge.keras")
    loaded = keras.saving.load_model(tmp_path / "judge.keras")
    pixels = np.random.default_rng(1).uniform(-1, 1, (3, 32, 32, 1)).astype(np.float32)
    np.testing.assert_allclose(loaded.predict(pixels, verbose=0), judge.predict(pixels, verbose=0), atol=1e-6)
    (folder,) = vfgan.export(loaded, tmp_path / "models" / "judge")
    card = json.loads((folder.parent / "card.json").read_text())
    assert card["resolved"]["kind"] == "judge"
    assert card["resolved"]["data"]["data"]["train_actors"] == ["01", "02"]
    assert (card["size_px"], card["crop"]["size_px"]) == (32, 32)


def test_mistakes_are_one_clear_line(data, tmp_path):
    network = vfgan.FaceClassifier(**SMALL)
    network.compile("adam")
    with pytest.raises(ConfigError, match=r"faces: expected \[any, 32, 32, 1\], got \[8, 48, 48, 1\]; .*size_px=32"):
        network.fit(data.train.faces(8, size_px=48))
    with pytest.raises(ConfigError, match="does not know its faces' geometry: call adapt"):
        vfgan.export(network, tmp_path / "models" / "eyes")
    with pytest.raises(ConfigError, match="size_px: expected a multiple of 16 from 32, got 40"):
        vfgan.FaceClassifier(size_px=40)


def test_what_it_has_learnt_from_before_is_not_forgotten(data, small_world, tmp_path):
    """Else its test people would pass for new ones."""
    shutil.copytree(small_world.data, tmp_path / "data")
    manifest = read_json(tmp_path / "data" / "manifest.json")
    other = vfgan.load_dataset(tmp_path / "data")
    network = vfgan.FaceClassifier(**SMALL)
    network.adapt(data.train)
    first = network.origin
    network.adapt(data.train)
    assert network.origin == first
    other.manifest["shards"] = manifest["shards"][:1]
    network.adapt(other.train)
    assert set(network.origin) == {"before: data", "data"}
    assert network.origin["before: data"] == first["data"]
