"""A loaded version of a model, with its signatures."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from vfgan.errors import SchemaError
from vfgan.serving.failures import RequestFailed, of_tensorflow

DEFAULT_SIGNATURE = "serving_default"
_WARMUP = Path("assets.extra") / "tf_serving_warmup_requests"


@dataclasses.dataclass(frozen=True, eq=False)
class Signature:
    """A function of a SavedModel and its specification."""

    name: str
    spec: meta_graph_pb2.SignatureDef
    function: Callable[..., dict[str, tf.Tensor]]

    @property
    def batchable(self) -> bool:
        """Whether requests may share a batch.

        That is so if the first dimension of every input and output exists and has no fixed size.
        """
        tensors = [*self.spec.inputs.values(), *self.spec.outputs.values()]
        return bool(self.spec.inputs) and all(
            info.tensor_shape.dim and info.tensor_shape.dim[0].size == -1 for info in tensors
        )

    @property
    def takes_lengths(self) -> bool:
        """Whether waveforms may be padded: the signature takes the number of samples of each."""
        return {"waveform", "num_samples"} <= set(self.spec.inputs)

    def check(self, inputs: Mapping[str, np.ndarray]) -> None:
        """Raises RequestFailed INVALID_ARGUMENT if names, types or shapes differ from the signature's."""
        given, wanted = set(inputs), set(self.spec.inputs)
        if given != wanted:
            raise RequestFailed("INVALID_ARGUMENT", _names_differ(given, wanted))
        for name, info in self.spec.inputs.items():
            array, dtype = inputs[name], tf.dtypes.as_dtype(info.dtype)
            if array.dtype != dtype.as_numpy_dtype:
                raise RequestFailed(
                    "INVALID_ARGUMENT", f"input {name}: expects to be {dtype.name} but {_type(array)} is provided"
                )
            shape = [dim.size for dim in info.tensor_shape.dim]
            if not info.tensor_shape.unknown_rank and not _fits(array.shape, shape):
                raise RequestFailed(
                    "INVALID_ARGUMENT",
                    f"input {name}: expects a shape like {_pattern(shape)} but {list(array.shape)} is provided",
                )

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Computes the outputs.

        Raises:
            RequestFailed: the graph refuses the inputs, or fails.
        """
        try:
            outputs = self.function(**{name: tf.constant(value) for name, value in inputs.items()})
        except tf.errors.OpError as error:
            raise of_tensorflow(error) from error
        return {name: value.numpy() for name, value in outputs.items()}


class Servable:
    """A SavedModel that answers requests.

    Args:
        name: name of the model.
        version: number of the version.
        folder: folder with saved_model.pb.
    Raises:
        SchemaError: it cannot be loaded, or its warm-up requests fail.
    """

    def __init__(self, name: str, version: int, folder: Path):
        self.name, self.version = name, version
        try:
            self._loaded = tf.saved_model.load(str(folder), tags=["serve"])  # keeps the signatures' variables
            meta = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs
        except Exception as error:  # an incomplete or foreign file fails in many ways
            raise SchemaError(f"{folder} cannot be loaded: {type(error).__name__}: {error}") from error
        self.signature_defs = dict(next(m for m in meta if "serve" in m.meta_info_def.tags).signature_def)
        self.signatures = {
            key: Signature(key, self.signature_defs[key], function) for key, function in self._loaded.signatures.items()
        }
        self._warm_up(folder / _WARMUP)

    def signature(self, name: str) -> Signature | None:
        """Finds a signature by name; "" is the default one."""
        return self.signatures.get(name or DEFAULT_SIGNATURE)

    def _warm_up(self, path: Path) -> None:
        """Replays the requests that came with the version, so that a client's first request is not slow."""
        from tensorflow_serving.apis import prediction_log_pb2

        if not path.is_file():
            return
        try:
            for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
                request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
                signature = self.signatures[request.model_spec.signature_name or DEFAULT_SIGNATURE]
                signature({name: tf.make_ndarray(value) for name, value in request.inputs.items()})
        except Exception as error:  # as above
            raise SchemaError(f"{path}: a warm-up request fails: {type(error).__name__}: {error}") from error


def _names_differ(given: set[str], wanted: set[str]) -> str:
    """TF Serving's words."""
    listed = [",".join(sorted(names)) for names in (given, wanted, given - wanted, wanted - given)]
    return (
        f"input size does not match signature: {len(given)}!={len(wanted)} len({{{listed[0]}}}) != "
        f"len({{{listed[1]}}}). Sent extra: {{{listed[2]}}}. Missing but required: {{{listed[3]}}}."
    )


def _type(array: np.ndarray) -> str:
    return "string" if array.dtype == object else array.dtype.name


def _fits(shape: tuple[int, ...], wanted: list[int]) -> bool:
    return len(shape) == len(wanted) and all(size in (-1, have) for have, size in zip(shape, wanted))


def _pattern(wanted: list[int]) -> str:
    return "[" + ", ".join("?" if size == -1 else str(size) for size in wanted) + "]"
