"""The two operations of our SavedModels that OpenVINO's TensorFlow front end lacks, in its own operations.

Resizing is a product with a matrix on either side: out = W_y in W_x', where row o of W holds the kernel around
(o + 1/2) in / out, divided by its sum.
"""

import numpy as np
from openvino import opset13 as ops
from openvino.frontend.tensorflow import ConversionExtension


def constant(value):
    return ops.constant(np.float32(value))


def triangle(t):
    """max(0, 1 - |t|)."""
    return ops.maximum(constant(0), ops.subtract(constant(1), ops.absolute(t)))


def keys(t):
    """Keys' cubic with a = -1/2: 3/2 |t|^3 - 5/2 t^2 + 1 within 1, -1/2 |t|^3 + 5/2 t^2 - 4 |t| + 2 within 2."""
    t = ops.absolute(t)
    near = polynomial(t, 1.5, -2.5, 0.0, 1.0)
    far = polynomial(t, -0.5, 2.5, -4.0, 2.0)
    outside = ops.select(ops.less(t, constant(2)), far, constant(0))
    return ops.select(ops.less(t, constant(1)), near, outside)


def polynomial(t, *coefficients):
    value = constant(coefficients[0])
    for coefficient in coefficients[1:]:
        value = ops.add(ops.multiply(value, t), constant(coefficient))
    return value


def numbers(count):
    """1/2, 3/2, …, count - 1/2 as floats."""
    steps = ops.range(constant(0), ops.convert(count, "f32"), constant(1), output_type="f32")
    return ops.add(steps, constant(0.5))


def matrix(size_in, size_out, kernel, antialias):
    """float32 [size_out, size_in]."""
    step = ops.divide(ops.convert(size_in, "f32"), ops.convert(size_out, "f32"))
    width = ops.maximum(step, constant(1)) if antialias else constant(1)
    centres = ops.unsqueeze(ops.multiply(numbers(size_out), step), np.int64(1))
    weights = kernel(ops.divide(ops.subtract(ops.unsqueeze(numbers(size_in), np.int64(0)), centres), width))
    return ops.divide(weights, ops.reduce_sum(weights, np.int64([1]), keep_dims=True))


def resized(picture, size, kernel, antialias):
    """float32 [batch, height, width, channels] of another height and width."""
    planes = ops.transpose(ops.convert(picture, "f32"), np.int64([0, 3, 1, 2]))
    shape = ops.shape_of(planes, output_type="i64")
    size = ops.convert(size, "i64")

    def side(values, index):
        return ops.gather(values, np.int64(index), np.int64(0))

    rows = matrix(side(shape, 2), side(size, 0), kernel, antialias)
    columns = matrix(side(shape, 3), side(size, 1), kernel, antialias)
    planes = ops.matmul(ops.matmul(rows, planes, False, False), columns, False, True)
    return ops.transpose(planes, np.int64([0, 2, 3, 1]))


def scale_and_translate(node):
    return [resized(node.get_input(0), node.get_input(1), triangle, antialias=True).output(0)]


def resize_bicubic(node):
    return [resized(node.get_input(0), node.get_input(1), keys, antialias=False).output(0)]


EXTENSIONS = {"ScaleAndTranslate": scale_and_translate, "ResizeBicubic": resize_bicubic}


def extend(core):
    """Teaches an `openvino.Core` both."""
    for name, convert in EXTENSIONS.items():
        core.add_extension(ConversionExtension(name, convert))
