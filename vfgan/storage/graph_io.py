"""tensorflow-io, imported here alone and when it is needed: stores (s3, az, http) and decoders that run in a graph.

The package is frozen at 0.37.1; nothing else may depend on it, so that one file is to be changed when it goes.
"""

import atexit
import ctypes
import functools
import types

#: Schemes that TensorFlow does not know by itself.
STORES = frozenset({"s3", "az", "http", "https"})


@functools.cache
def tensorflow_io() -> types.ModuleType:
    """The package. Importing it makes `tf.io.gfile` and every reader of TensorFlow know `STORES`."""
    import tensorflow_io as package

    atexit.register(_leave_at_once)
    return package


def _leave_at_once() -> None:
    """Ends the process where the C library begins to take itself apart, with the exit status that it was to have.

    S3's client in tensorflow-io 0.35 to 0.37.1 calls a pure virtual method in a destructor there and aborts, after all
    work is done (github.com/tensorflow/io/issues/2039). Python has ended by then. Handlers run last in, first out.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "on_exit"):  # glibc
        library.on_exit(ctypes.cast(library._exit, ctypes.c_void_p), None)
