"""What a request can end with: TF Serving's codes, on gRPC and as HTTP statuses."""

import grpc

#: As TF Serving maps them (its http_server.cc); what is missing is 500.
_HTTP = {
    "CANCELLED": 499, "INVALID_ARGUMENT": 400, "DEADLINE_EXCEEDED": 504, "NOT_FOUND": 404, "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403, "RESOURCE_EXHAUSTED": 429, "FAILED_PRECONDITION": 400, "ABORTED": 409,
    "OUT_OF_RANGE": 400, "UNIMPLEMENTED": 501, "UNAVAILABLE": 503, "UNAUTHENTICATED": 401,
}  # fmt: skip


class RequestFailed(Exception):
    """A request is answered with an error.

    Args:
        code: name of a gRPC status, such as INVALID_ARGUMENT.
        message: what the client is told.
    """

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code, self.message = grpc.StatusCode[code], message

    @property
    def http_status(self) -> int:
        """The status that REST answers with."""
        return _HTTP.get(self.code.name, 500)


def of_tensorflow(error) -> RequestFailed:
    """A `tf.errors.OpError` as TF Serving passes it on: its codes are gRPC's; what eager TensorFlow puts around the
    message is taken off."""
    names = {status.value[0]: status.name for status in grpc.StatusCode}
    message = error.message.split("<stack traces unavailable>\n")[-1].split(" [Op:")[0]
    return RequestFailed(names.get(error.error_code, "UNKNOWN"), message)
