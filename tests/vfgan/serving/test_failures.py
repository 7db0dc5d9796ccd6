"""What requests end with: TF Serving's codes, on gRPC and as HTTP statuses."""

import grpc
import pytest
import tensorflow as tf

from vfgan.serving.failures import RequestFailed, of_tensorflow


@pytest.mark.parametrize(
    ("code", "status"),
    [("INVALID_ARGUMENT", 400), ("NOT_FOUND", 404), ("RESOURCE_EXHAUSTED", 429), ("UNAVAILABLE", 503),
     ("DEADLINE_EXCEEDED", 504), ("INTERNAL", 500), ("UNKNOWN", 500)],
)  # fmt: skip
def test_statuses_of_codes(code, status):
    failure = RequestFailed(code, "why")
    assert failure.http_status == status
    assert (failure.code, str(failure)) == (grpc.StatusCode[code], f"{code}: why")


def test_an_error_of_tensorflow_keeps_its_code():
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tf.debugging.assert_positive(tf.constant([-1.0]), "x: expected more than 0")
        tf.raw_ops.Reshape(tensor=[1.0], shape=[2])
    failure = of_tensorflow(caught.value)
    assert failure.code == grpc.StatusCode.INVALID_ARGUMENT
    assert failure.http_status == 400
    assert "[Op:" not in failure.message
