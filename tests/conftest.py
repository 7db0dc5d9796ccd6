"""What the tests share: a quiet TensorFlow, the folder of real recordings, and the one check of a layer."""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
if "PYTEST_XDIST_WORKER" in os.environ:  # there is a worker for each core: more threads wait for each other
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent

#: Fixtures that tests of several folders use.
pytest_plugins = [
    "tests.fixtures.crowds",
    "tests.fixtures.data_sets",
    "tests.fixtures.media",
    "tests.fixtures.rated",
    "tests.fixtures.runs",
    "tests.fixtures.saved_models",
    "tests.fixtures.stores",
]


#: Shared fixtures that take many seconds: a data set, folds, a trained toy, SavedModels. A test of theirs is medium.
_SLOW_FIXTURES = {"dataset", "finished", "small_world", "exported"}


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist notes the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves tests of slow fixtures out of `make check`, and groups tests so that each fixture is made by one worker.

    A group is all tests of a slow fixture, or else of a file. Those that take longest come first: quick files fill up
    what is left of the other worker's time.
    """
    group_of, place_of = {}, {}
    for item in items:
        slow = sorted(_SLOW_FIXTURES & set(getattr(item, "fixturenames", ())))[-1:]
        group_of[item] = group = slow[0] if slow else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
        if slow:
            item.add_marker(pytest.mark.medium)
        place = 0 if slow else 1 if item.get_closest_marker("medium") else 2
        place_of[group] = min(place_of.get(group, place), place)
    items.sort(key=lambda item: place_of[group_of[item]])


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real recordings; a test that asks for it is to be marked `real`."""
    folder = (ROOT / os.environ.get("VFGAN_DATA", "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real recordings in {folder}: set VFGAN_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def check_layer():
    """check_layer(layer, inputs, shape): shapes, a gradient for every weight, a serialisation round trip."""
    import keras
    import tensorflow as tf

    def first(outputs):
        return outputs[0] if isinstance(outputs, tuple) else outputs

    def check(layer, inputs, shape):
        random = np.random.default_rng(7)
        weigh = tf.constant(random.normal(size=shape).astype(np.float32))
        layer(inputs)
        for weight in layer.trainable_variables:  # one that starts at 0 stops the gradient of those before it
            weight.assign_add(0.1 * random.normal(size=weight.shape))
        with tf.GradientTape() as tape:
            outputs = first(layer(inputs))
            total = tf.reduce_sum(outputs * weigh)
        assert tuple(outputs.shape) == tuple(shape)
        gradients = tape.gradient(total, layer.trainable_variables)
        for variable, gradient in zip(layer.trainable_variables, gradients):
            assert gradient is not None, f"no gradient for {variable.path}"
            assert np.abs(gradient.numpy()).max() > 0, f"the gradient for {variable.path} is 0"
        copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
        assert copy is not layer
        assert copy.get_config() == layer.get_config()
        copy(inputs)
        copy.set_weights(layer.get_weights())
        np.testing.assert_array_equal(first(copy(inputs)), first(layer(inputs)))

    return check
