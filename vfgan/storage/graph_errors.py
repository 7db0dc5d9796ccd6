"""Errors of Python functions inside of a `tf.data` graph, which TensorFlow wraps in its own."""

import contextlib
import re
from collections.abc import Iterator

from vfgan import errors

_TOLD = re.compile(r"(?:vfgan\.errors\.)?(\w+Error): (.*)")


@contextlib.contextmanager
def python_errors() -> Iterator[None]:
    """Gives back the `VfganError` of a Python function that a graph has called in the block.

    Raises:
        VfganError: what the function raised, with its one line.
    """
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError as error:
        for name, line in _TOLD.findall(error.message):
            kind = getattr(errors, name, None)
            if isinstance(kind, type) and issubclass(kind, errors.VfganError):
                raise kind(line.strip()) from error
        raise
