"""Converts a TensorProto to an array and back. The claimed size is checked before memory is allocated."""

import math

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2

from vfgan.serving.failures import RequestFailed

#: DType name -> the field of a TensorProto that holds its values one by one.
_VALUES = {
    "float32": "float_val", "float64": "double_val", "int32": "int_val", "int16": "int_val", "int8": "int_val",
    "uint8": "int_val", "uint16": "int_val", "int64": "int64_val", "bool": "bool_val", "uint32": "uint32_val",
    "uint64": "uint64_val", "string": "string_val",
}  # fmt: skip


def to_array(name: str, proto: tensor_pb2.TensorProto, max_bytes: int) -> np.ndarray:
    """Reads the values of a tensor.

    Args:
        name: name of the input, for messages.
        proto: from a request; untrusted.
        max_bytes: largest array, bytes.
    Raises:
        RequestFailed: INVALID_ARGUMENT: it is malformed, or too large.
    """
    dtype, shape = _dtype(name, proto), _shape(name, proto)
    elements = math.prod(shape)
    itemsize = 16 if dtype == tf.string else dtype.size
    if elements * itemsize > max_bytes:
        raise _malformed(name, f"its shape {shape} takes more than {max_bytes} bytes")
    content = b"" if dtype == tf.string else proto.tensor_content  # each access copies
    if content:
        if len(content) != elements * itemsize:
            raise _malformed(name, f"{len(content)} bytes are not the {elements * itemsize} of its shape {shape}")
        values = np.frombuffer(content, dtype.as_numpy_dtype)
        return (values != 0 if dtype == tf.bool else values).reshape(shape)
    return _filled(name, getattr(proto, _VALUES[dtype.name]), dtype, elements).reshape(shape)


def write_proto(array: np.ndarray, proto: tensor_pb2.TensorProto) -> None:
    """Writes an array into an empty TensorProto, which may be part of a message. Numbers are copied only once.

    Raises:
        TypeError: TensorFlow has no such type.
    """
    if not isinstance(array, np.ndarray | np.generic) or array.dtype.kind not in "fiub":
        proto.CopyFrom(tf.make_tensor_proto(array))
        return
    dtype = tf.dtypes.as_dtype(array.dtype)
    proto.dtype = dtype.as_datatype_enum
    proto.tensor_shape.SetInParent()  # also of a single value, whose shape is empty
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    proto.tensor_content = array.astype(dtype.as_numpy_dtype, copy=False).tobytes()  # in this machine's byte order


def _dtype(name: str, proto: tensor_pb2.TensorProto) -> tf.DType:
    try:
        dtype = tf.dtypes.as_dtype(proto.dtype)
    except TypeError as error:
        raise _malformed(name, f"there is no type {proto.dtype}") from error
    if dtype.name not in _VALUES:
        raise _malformed(name, f"values of type {dtype.name} are not supported")
    return dtype


def _shape(name: str, proto: tensor_pb2.TensorProto) -> tuple[int, ...]:
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    if proto.tensor_shape.unknown_rank or min(shape, default=0) < 0 or len(shape) > 32:
        raise _malformed(name, f"its shape {shape} is not valid")
    return shape


def _filled(name: str, values, dtype: tf.DType, elements: int) -> np.ndarray:
    """Reads values given one by one. If there are too few, the last is repeated, as in TensorFlow."""
    if len(values) > elements:
        raise _malformed(name, f"{len(values)} values are too many for the {elements} of its shape")
    if dtype == tf.string:
        values = list(values) or [b""]
        return np.array([*values, *values[-1:] * (elements - len(values))][:elements], dtype=object)
    wide = np.int64 if dtype.is_integer and dtype.size < 8 else dtype.as_numpy_dtype
    array = np.array(values or [0], wide)
    if wide is np.int64 and dtype.size < 8 and (array.min() < dtype.min or array.max() > dtype.max):
        raise _malformed(name, f"values from {array.min()} to {array.max()} are not all of type {dtype.name}")
    array = array.astype(dtype.as_numpy_dtype)
    return np.pad(array, (0, max(0, elements - len(array))), mode="edge")[:elements]


def _malformed(name: str, why: str) -> RequestFailed:
    return RequestFailed("INVALID_ARGUMENT", f"tensor parsing error: {name}: {why}")
