"""Weights on disk: the same again, or refused."""

import keras
import numpy as np
import pytest

from vfgan.errors import SchemaError
from vfgan.storage.weights import load_weights, save_weights


def network(units, seed):
    keras.utils.set_random_seed(seed)
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(units)])


def test_weights_come_back(tmp_path):
    one, two = network(2, seed=1), network(2, seed=2)
    save_weights(one, tmp_path / "a.weights.h5")
    load_weights(two, tmp_path / "a.weights.h5")
    for saved, loaded in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(loaded, saved)
    assert [path.name for path in tmp_path.iterdir()] == ["a.weights.h5"]


@pytest.mark.filterwarnings("error")
def test_a_trained_network_comes_back_without_a_warning(tmp_path):
    trained, fresh = network(2, seed=1), network(2, seed=2)
    for one in (trained, fresh):
        one.compile("adam", "mse")
    trained.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    save_weights(trained, tmp_path / "a.weights.h5")
    load_weights(fresh, tmp_path / "a.weights.h5")
    for saved, loaded in zip(trained.get_weights(), fresh.get_weights(), strict=True):
        np.testing.assert_array_equal(loaded, saved)


def test_weights_of_another_network_or_damaged_are_refused(tmp_path):
    path = tmp_path / "a.weights.h5"
    save_weights(network(2, seed=1), path)
    with pytest.raises(SchemaError, match=r"a\.weights\.h5 does not fit this network"):
        load_weights(network(5, seed=1), path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(SchemaError, match=r"a\.weights\.h5 does not fit this network"):
        load_weights(network(2, seed=1), path)
