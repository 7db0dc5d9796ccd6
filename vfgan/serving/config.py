"""Defaults of the server and the client."""

import dataclasses

from vfgan.config.checks import MIB, require_port, require_positive


@dataclasses.dataclass(frozen=True)
class ServeConfig:
    """Where the embedded server listens, and its limits."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 is every network of this machine."""
    port: int = 8500
    """Port of gRPC; 0 takes a free one."""
    rest_api_port: int = 8501
    """Port of REST and of the metrics; 0 takes a free one."""
    max_request_mb: float = 64.0
    """Largest request body, MiB. The largest SavedModel request needs 56."""
    max_pending_mb: float = 512.0
    """All requests and unread gRPC answers together, MiB."""
    max_pending: int = 64
    """Requests that wait or are being computed. Further ones are refused as busy."""
    max_connections: int = 1000
    """REST connections, and gRPC calls that have not sent anything yet. Further connections are closed."""
    receive_seconds: float = 30.0
    """Time for a request to arrive, seconds."""
    request_seconds: float = 60.0
    """Time for a request to be answered, seconds. A client may set a shorter deadline."""
    cors_origins: tuple[str, ...] = ()
    """Origins, such as https://example.org, whose pages a browser lets ask over REST; * is all of them."""
    stop_seconds: float = 30.0
    """Time that running requests get when the server stops, seconds."""
    poll_seconds: float = 1.0
    """Interval between two looks for new model versions, seconds."""
    max_batch_rows: int = 8
    """Waiting requests of one signature and shape are batched up to this many rows; 1 disables batching.
    On two cores 32 were no faster than 8 and took 200 MiB more."""
    workers: int = 2
    """Batches computed at the same time. TensorFlow spreads each over the processors."""

    def __post_init__(self) -> None:
        require_positive(
            self,
            "max_request_mb",
            "max_pending_mb",
            "max_pending",
            "max_connections",
            "receive_seconds",
            "request_seconds",
            "stop_seconds",
            "poll_seconds",
            "max_batch_rows",
            "workers",
        )
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
    """Deadline and retries of the client."""

    request_seconds: float = 60.0
    """Deadline of one attempt, seconds."""
    attempts: int = 9
    """Number of attempts while the server is down or busy; with these pauses they take 8 to 16 s."""
    first_pause_seconds: float = 0.1
    """Pause before the second attempt, seconds. Each further pause is twice as long, less a random part."""
    longest_pause_seconds: float = 5.0
    """Longest pause, seconds."""

    def __post_init__(self) -> None:
        require_positive(self, "request_seconds", "attempts", "first_pause_seconds", "longest_pause_seconds")
