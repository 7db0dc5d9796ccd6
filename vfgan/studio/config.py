"""Defaults of the studio."""

import dataclasses

from vfgan.config.checks import MIB, require_port, require_positive


@dataclasses.dataclass(frozen=True)
class StudioConfig:
    """Where the page is served, and its limits."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 is every network of this machine."""
    port: int = 7860
    """Port of the page; 0 takes a free one."""
    max_upload_mb: float = 100.0
    """Largest file, MiB."""
    max_uploads: int = 16
    """Files that may arrive at the same time."""
    max_stored_mb: float = 2048.0
    """Files of all visitors together, MiB. While there are more, no file is accepted."""
    max_voice_seconds: float = 60.0
    """Longest voice, seconds."""
    max_footage_seconds: float = 120.0
    """Longest footage, seconds."""
    max_waiting: int = 8
    """Visitors who may wait; one is served at a time."""
    leave_minutes: float = 5.0
    """A visitor's files are removed this many minutes after the page was closed."""
    keep_minutes: float = 60.0
    """A file is removed after this many minutes even while the page is open."""

    def __post_init__(self) -> None:
        limits = (field.name for field in dataclasses.fields(self) if field.name not in ("host", "port"))
        require_positive(self, *limits)
        require_port(self, "port")

    @property
    def max_upload_bytes(self) -> int:
        """`max_upload_mb` in bytes."""
        return round(self.max_upload_mb * MIB)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the page.

        >>> StudioConfig().is_loopback, StudioConfig(host="0.0.0.0").is_loopback
        (True, False)
        """
        return self.host in ("127.0.0.1", "localhost", "::1")
