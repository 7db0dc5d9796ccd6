"""Defaults of the server and the client, once."""

import dataclasses

from vfgan.config.checks import MIB, require_port, require_positive


@dataclasses.dataclass(frozen=True)
class ServeConfig:
    """Where the embedded server listens, and how much it takes on."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 is every network that this machine is in."""
    port: int = 8500
    """Port of gRPC (0: any free one)."""
    rest_api_port: int = 8501
    """Port of REST and of the metrics (0: any free one)."""
    max_request_mb: float = 64.0
    """Largest body of a request, MiB. What the largest SavedModel request needs is 56."""
    max_pending_mb: float = 512.0
    """All requests together that are being received, wait, or are at work, and gRPC answers not taken yet, MiB."""
    max_pending: int = 64
    """Requests that wait or are at work; further ones are told that the server is busy."""
    max_connections: int = 1000
    """Connections of REST (further ones are closed), and calls of gRPC of which nothing may have come yet."""
    receive_seconds: float = 30.0
    """A request that has not arrived whole after this is given up."""
    request_seconds: float = 60.0
    """A request that is not answered after this is given up; a client's own deadline may be shorter."""
    cors_origins: tuple[str, ...] = ()
    """Origins, such as https://example.org, whose pages a browser lets ask over REST; * is all of them."""
    stop_seconds: float = 30.0
    """How long requests may still take when the server is told to stop."""
    poll_seconds: float = 1.0
    """Between two looks for new versions of the models."""
    max_batch_rows: int = 32
    """Requests of one signature and shape that wait are computed together, up to this many rows (1: never)."""
    workers: int = 2
    """Batches at work at a time; TensorFlow divides each over the processors as it sees fit."""

    def __post_init__(self) -> None:
        require_positive(
            self, "max_request_mb", "max_pending_mb", "max_pending", "max_connections", "receive_seconds",
            "request_seconds", "stop_seconds", "poll_seconds", "max_batch_rows", "workers",
        )  # fmt: skip
        require_port(self, "port", "rest_api_port")

    @property
    def max_request_bytes(self) -> int:
        """`max_request_mb` in bytes."""
        return round(self.max_request_mb * MIB)

    @property
    def max_pending_bytes(self) -> int:
        """`max_pending_mb` in bytes."""
        return round(self.max_pending_mb * MIB)


@dataclasses.dataclass(frozen=True)
class ClientConfig:
    """How patient the client is."""

    request_seconds: float = 60.0
    """Deadline of one attempt."""
    attempts: int = 9
    """How often a request is sent where the server is away or busy: for 8 to 16 s in all, with these pauses."""
    first_pause_seconds: float = 0.1
    """Before the second attempt; each further pause is twice as long, less a random part."""
    longest_pause_seconds: float = 5.0
    """No pause is longer."""

    def __post_init__(self) -> None:
        require_positive(self, "request_seconds", "attempts", "first_pause_seconds", "longest_pause_seconds")
