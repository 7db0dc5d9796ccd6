"""JSON arrays that would need more memory than there is."""

import json

import pytest
import tensorflow as tf

from vfgan.serving.failures import RequestFailed

JSON_SEEDS = (
    '{"instances": [1.0, 2.0]}', '{"inputs": {"x": [1.0], "scale": [2]}, "signature_name": "both"}',
    '{"instances": [{"b64": "AAH/"}]}', '{"inputs": [[[[1e400]]]]}', "[" * 3_000, '{"inputs":' * 2_000,
    '{"instances": [' + "9" * 5_000 + "]}", '{"instances": [NaN, Infinity, -0.0, 1e-999]}', "\ufeff{}", '{"": null}',
    json.dumps({"instances": ["a" * 100_000] + [""] * 33_000}),  # 200 kB; 13 GB in an array of equally long strings
)  # fmt: skip


def test_short_strings_beside_a_long_one_take_no_memory(monkeypatch):
    """No array is made of what is no number."""
    from vfgan.serving import json_tensors

    monkeypatch.setattr(json_tensors.np, "array", lambda value: pytest.fail("an array is made"))
    for value in (json.loads(JSON_SEEDS[-1])["instances"], [[1.0, {"b64": ""}]], [1, None]):
        with pytest.raises(RequestFailed, match=r"JSON Value: .* of input x is not of expected type: float32"):
            json_tensors._array("x", value, tf.float32.as_datatype_enum)


def test_an_array_that_does_not_fit_into_memory_is_refused(monkeypatch):
    from vfgan.serving import json_tensors

    def full(value):
        raise MemoryError("Unable to allocate 13.0 GiB")

    monkeypatch.setattr(json_tensors.np, "array", full)
    with pytest.raises(RequestFailed, match=r"input x: Unable to allocate 13\.0 GiB"):
        json_tensors._array("x", [1.0], tf.float32.as_datatype_enum)
