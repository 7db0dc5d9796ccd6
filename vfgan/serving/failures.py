"""Errors of a request: TF Serving's codes, for gRPC and as HTTP statuses."""

import re

import grpc

#: TF Serving's mapping (its http_server.cc); all other codes are 500.
_HTTP = {
    "CANCELLED": 499, "INVALID_ARGUMENT": 400, "DEADLINE_EXCEEDED": 504, "NOT_FOUND": 404, "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403, "RESOURCE_EXHAUSTED": 429, "FAILED_PRECONDITION": 400, "ABORTED": 409,
    "OUT_OF_RANGE": 400, "UNIMPLEMENTED": 501, "UNAVAILABLE": 503, "UNAUTHENTICATED": 401,
}  # fmt: skip


class RequestFailed(Exception):
    """An error that answers a request.

    Args:
        code: name of a gRPC status, such as INVALID_ARGUMENT.
        message: text for the client.
    """

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code, self.message = grpc.StatusCode[code], message

    @property
    def http_status(self) -> int:
        """The HTTP status of the REST answer."""
        return _HTTP.get(self.code.name, 500)


def of_tensorflow(error) -> RequestFailed:
    """Converts a `tf.errors.OpError` as TF Serving does. Its codes are gRPC's.

    What TensorFlow puts around the message of an assertion, or of an eager call, is removed.
    """
    names = {status.value[0]: status.name for status in grpc.StatusCode}
    message = error.message.split("<stack traces unavailable>\n")[-1].split(" [Op:")[0]
    message = re.split(r"\s*\[\[\{\{node", message)[0]
    asserted = re.match(r"assertion failed: \[([^\]]*)\]", message)
    return RequestFailed(names.get(error.error_code, "UNKNOWN"), (asserted[1] if asserted else message).strip())
