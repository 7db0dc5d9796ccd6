"""Errors of Python functions that a graph calls come out as they went in."""

import pytest
import tensorflow as tf

from vfgan.errors import MediaError, NoFaceError, SchemaError
from vfgan.storage.graph_errors import python_errors


def dataset_that_raises(error):
    def fail(number):
        raise error

    return tf.data.Dataset.range(3).map(lambda n: tf.numpy_function(fail, [n], tf.int64), num_parallel_calls=2)


@pytest.mark.parametrize("kind", [MediaError, NoFaceError, SchemaError])
def test_the_familys_errors_keep_their_kind_and_line(kind):
    with pytest.raises(kind) as caught, python_errors():
        list(dataset_that_raises(kind("/a/b: gone; bring it back")))
    assert type(caught.value) is kind
    assert str(caught.value) == "/a/b: gone; bring it back"


@pytest.mark.parametrize("error", [ValueError("MediaErrors are none"), OSError("no")])
def test_other_errors_stay_tensorflows(error):
    with pytest.raises(tf.errors.OpError), python_errors():
        list(dataset_that_raises(error))


def test_other_errors_of_python_pass():
    with pytest.raises(KeyError), python_errors():
        raise KeyError("a")
