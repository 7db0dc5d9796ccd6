"""TF Serving's JSON: reads the body of a REST request into arrays, and writes outputs into the body of the answer."""

import base64
import binascii
import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from vfgan.serving.failures import RequestFailed
from vfgan.serving.servable import Signature

#: Largest whole number up to which float32 is exact.
_EXACT = 2**24 - 1
_NUMBERS = {int, float, bool}


@dataclasses.dataclass(frozen=True)
class JsonRequest:
    """The body of a request."""

    signature_name: str
    columnar: bool  #: "inputs" and "outputs"; else "instances" and "predictions"
    values: object


def parse_body(body: bytes) -> JsonRequest:
    """Parses a body.

    Raises:
        RequestFailed: INVALID_ARGUMENT: it is not a request.
    """
    if not body:
        raise _refused("JSON Parse error: The document is empty")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and too long numbers are ValueErrors
        raise _refused(f"JSON Parse error: {str(error)[:200]}") from error
    if not isinstance(document, dict):
        raise _refused(f"JSON Value: {_excerpt(document)} Is not object")
    name = document.get("signature_name", "")
    given = {"inputs", "instances"} & set(document)
    if not isinstance(name, str):
        raise _refused("not formatted correctly. 'signature_name' key must be a string value.")
    if len(given) > 1:
        raise _refused("Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist")
    if not given:
        raise _refused("Missing 'inputs' or 'instances' key")
    return JsonRequest(name, given == {"inputs"}, document[given.pop()])


def read_inputs(request: JsonRequest, signature: Signature) -> dict[str, np.ndarray]:
    """Reads the inputs of a signature.

    Raises:
        RequestFailed: INVALID_ARGUMENT: the values do not fit the signature.
    """
    infos = signature.spec.inputs
    if not infos:
        raise _refused(f"Failed to get input map for signature: {signature.name}")
    values = (_of_columns if request.columnar else _of_rows)(request.values, set(infos))
    return {name: _array(name, value, infos[name].dtype) for name, value in values.items()}


def write_outputs(outputs: Mapping[str, np.ndarray], *, columnar: bool) -> bytes:
    """Writes the body of the answer.

    Raises:
        RequestFailed: INVALID_ARGUMENT: the request is in row format, but the outputs have no rows.
    """
    values = {name: _plain(name, array) for name, array in outputs.items()}
    if columnar:
        return _dump({"outputs": next(iter(values.values())) if len(values) == 1 else values})
    rows = {len(array) if array.ndim else -1 for array in outputs.values()}
    if len(rows) > 1 or -1 in rows:
        raise _refused("the outputs have inconsistent batch sizes; ask for them with 'inputs' instead of 'instances'")
    if len(values) == 1:
        return _dump({"predictions": next(iter(values.values()))})
    return _dump({"predictions": [dict(zip(values, row)) for row in zip(*values.values())]})


def error_body(message: str) -> bytes:
    """Writes the body of an error."""
    return _dump({"error": message})


def _of_rows(rows: object, names: set[str]) -> dict[str, list]:
    """Input name -> its values, one for each row."""
    if not isinstance(rows, list):
        raise _refused("Excepting 'instances' to be an list/array")
    if not rows:
        raise _refused("No values in 'instances' array")
    named = _is_named(rows[0])
    if not named and len(names) > 1:
        raise _refused(
            "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
            "tensorinfo_map"
        )
    for number, row in enumerate(rows):
        if _is_named(row) != named:
            kinds = ("object", "list") if named else ("value/list", "object")
            raise _refused(f"Expecting {kinds[0]} but got {kinds[1]} at item {number} of input list")
        if named and set(row) != names:
            raise _refused(
                f"Failed to process element: {number} of 'instances' list. keys must be equal to: "
                f"{','.join(sorted(names))}"
            )
    return {name: [row[name] for row in rows] if named else rows for name in names}


def _of_columns(columns: object, names: set[str]) -> dict[str, object]:
    if isinstance(columns, dict) and _is_named(columns):
        for name in sorted(names - set(columns)):
            raise _refused(f"Missing named input: {name} in 'inputs' object.")
        return {name: columns[name] for name in names}
    if len(names) > 1:
        raise _refused(
            "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
            "tensorinfo_map"
        )
    return {next(iter(names)): columns}


def _is_named(value: object) -> bool:
    """Whether a value is an object of named tensors; {"b64": "…"} is a single value."""
    return isinstance(value, dict) and not _is_base64(value)


def _is_base64(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"b64"} and isinstance(value["b64"], str)


def _array(name: str, value: object, dtype_number: int) -> np.ndarray:
    dtype = tf.dtypes.as_dtype(dtype_number)
    if dtype == tf.string:
        return _strings(name, value)
    _check_numbers(name, value, dtype)
    try:
        array = np.array(value)
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:  # lists of unequal lengths
        raise _refused(f"input {name}: {error}") from error
    wanted, given = dtype.as_numpy_dtype, array.dtype.kind
    if given == "f" and not np.isfinite(array).all():
        place = np.argwhere(~np.isfinite(array))[0].tolist()
        raise _refused(f"input {name} holds {array[tuple(place)]} at {place}: expected finite numbers")
    kinds = {"f": "fiu", "i": "iu", "u": "iu", "b": "b"}.get(np.dtype(wanted).kind, "")
    if array.size and given not in kinds:
        raise _unexpected(name, value, dtype)
    if array.size and not _exact(array, np.dtype(wanted)):
        raise _refused(f"Cannot convert JSON values of input {name} to {dtype.name} without loss of precision.")
    return array.astype(wanted)


def _check_numbers(name: str, value: object, dtype: tf.DType) -> None:
    """Raises RequestFailed if the lists hold anything but numbers.

    An array of strings must not be made: each string would take the memory of the longest.
    """
    level = [value]
    while level:
        kinds = set(map(type, level))
        if not kinds <= _NUMBERS | {list}:
            raise _unexpected(name, next(item for item in level if type(item) not in _NUMBERS | {list}), dtype)
        level = [item for part in level if type(part) is list for item in part] if list in kinds else []


def _exact(array: np.ndarray, wanted: np.dtype) -> bool:
    """Whether the numbers fit the type: integers exactly, others within its range."""
    if wanted.kind in "iu":
        return int(array.min()) >= np.iinfo(wanted).min and int(array.max()) <= np.iinfo(wanted).max
    if wanted == np.float32 and array.dtype.kind in "iu":
        return max(abs(int(array.min())), abs(int(array.max()))) <= _EXACT
    if wanted == np.float32 and array.dtype.kind == "f":
        return not (np.isfinite(array) & (np.abs(array) > np.finfo(np.float32).max)).any()
    return True


def _strings(name: str, value: object) -> np.ndarray:
    """Reads strings, and {"b64": "…"} for bytes, into an array of bytes objects."""
    shape: list[int] = []
    level = value
    while isinstance(level, list):
        shape.append(len(level))
        level = level[0] if level else None
    flat: list[Any] = [value]
    for size in shape:
        if not all(isinstance(item, list) and len(item) == size for item in flat):
            raise _refused(f"input {name}: Encountered list at unexpected size; expected size: {size}")
        flat = [item for part in flat for item in part]
    array = np.empty(len(flat), object)
    array[:] = [_bytes(name, item) for item in flat]
    return array.reshape(shape)


def _bytes(name: str, value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if not _is_base64(value):
        raise _unexpected(name, value, tf.string)
    try:
        return base64.b64decode(value["b64"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused(f"input {name}: Unable to base64 decode") from error


def _plain(name: str, array: np.ndarray) -> object:
    """Converts an output to lists and numbers.

    Strings become base64 if the output's name ends in _bytes or they are not UTF-8.
    """
    if array.dtype != object:
        return array.tolist()
    return _text(array.tolist(), name.endswith("_bytes"))


def _text(value: Any, binary: bool) -> object:
    if isinstance(value, list):
        return [_text(item, binary) for item in value]
    try:
        return {"b64": base64.b64encode(value).decode()} if binary else value.decode("utf-8")
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(value).decode()}


def _dump(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _excerpt(value: object) -> str:
    """The beginning of a value, short enough for a message."""
    while isinstance(value, list) and value:
        value = value[0]
    return json.dumps(value)[:80] if not isinstance(value, list | dict) else type(value).__name__


def _unexpected(name: str, value: object, dtype: tf.DType) -> RequestFailed:
    return _refused(f"JSON Value: {_excerpt(value)} of input {name} is not of expected type: {dtype.name}")


def _refused(message: str) -> RequestFailed:
    return RequestFailed("INVALID_ARGUMENT", message)
