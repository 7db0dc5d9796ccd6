"""Defaults of the page on which people judge."""

import dataclasses
from typing import Literal

from vfgan.config.checks import require, require_choices, require_port


@dataclasses.dataclass(frozen=True)
class RatingConfig:
    """Where the page is served, and how items are shown."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 is every network of this machine."""
    port: int = 7861
    """Port of the page; 0 takes a free one."""
    seed: int = 1
    """Seed of the items' numbers and of each rater's order."""
    rest_every: int = 20
    """The page suggests a rest after so many items; 0 never does."""
    crop: Literal["middle", "face"] = "middle"
    """What is shown of an item: its middle square, or the face, cut out by its landmarks."""
    face_px: int = 512
    """Largest side of a face, pixels. All have the side of the smallest."""
    video_px: int = 512
    """Largest side of a video, pixels. All have the side of the smallest."""
    video_seconds: float = 10.0
    """Longest video, seconds. All are cut to the length of the shortest."""

    def __post_init__(self) -> None:
        require_choices(self)
        require_port(self, "port")
        require(self.seed >= 0, "seed", "0 or more", self.seed)
        require(self.rest_every >= 0, "rest_every", "0 or more", self.rest_every)
        for name in ("face_px", "video_px"):
            require(32 <= getattr(self, name) <= 2048, name, "32 to 2048", getattr(self, name))
        require(0.5 <= self.video_seconds <= 120, "video_seconds", "0.5 to 120", self.video_seconds)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the page."""
        return self.host in ("127.0.0.1", "localhost", "::1")
