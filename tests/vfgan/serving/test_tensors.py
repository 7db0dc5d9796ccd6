"""Arrays in messages: what is written is what TensorFlow reads, and what it writes is read."""

import ml_dtypes
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2

from vfgan.serving.tensors import to_array, write_proto

ARRAYS = {
    "float32": np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3), "uint8": np.arange(8, dtype=np.uint8),
    "a single value": np.float64(2.5), "a single value's array": np.array(7), "bool": np.array([True, False]),
    "nothing": np.zeros((0, 3), np.int64), "float16": np.ones(2, np.float16),
    "other byte order": np.arange(3, dtype=">i4"), "columns": np.arange(6, dtype=np.int16).reshape(2, 3).T,
    "strings": np.array([b"a", b"\xff"], object), "bfloat16": np.ones(2, ml_dtypes.bfloat16), "a list": [1.0, 2.0],
}  # fmt: skip


@pytest.mark.parametrize("what", ARRAYS)
def test_what_is_written_is_what_tensorflow_reads(what):
    proto = tensor_pb2.TensorProto()
    write_proto(ARRAYS[what], proto)
    expected = tf.make_tensor_proto(np.asarray(ARRAYS[what]) if what != "a list" else ARRAYS[what])
    assert (proto.dtype, proto.tensor_shape) == (expected.dtype, expected.tensor_shape)
    np.testing.assert_array_equal(tf.make_ndarray(proto), np.asarray(ARRAYS[what]))
    if what not in ("float16", "bfloat16"):  # which the server does not take
        np.testing.assert_array_equal(to_array("x", proto, 1_000), np.asarray(ARRAYS[what]))


def test_it_is_written_into_a_message():
    from tensorflow_serving.apis import predict_pb2

    request = predict_pb2.PredictRequest()
    write_proto(np.float32(1), request.inputs["x"])
    again = predict_pb2.PredictRequest.FromString(request.SerializeToString())
    assert again.inputs["x"].HasField("tensor_shape")
    assert tf.make_ndarray(again.inputs["x"]) == 1
