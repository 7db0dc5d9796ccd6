"""What a synthetic corpus holds: its one configuration."""

import dataclasses

from vfgan.errors import ConfigError

MODALITIES = ("full-av", "video-only", "audio-only")
CHANNELS = ("speech", "song")


@dataclasses.dataclass(frozen=True)
class SyntheticConfig:
    """A synthetic corpus; `seed` and these values determine every byte of it (`workers` changes none)."""

    actors: int = 6  #: 1 to 99; odd numbers are men, even ones women
    seed: int = 1
    statements: int = 2  #: 1 to 99
    repetitions: int = 1  #: 1 to 99
    intensities: tuple[int, ...] = (1, 2)  #: 1 normal, 2 strong
    channels: tuple[str, ...] = ("speech",)  #: of `CHANNELS`
    modalities: tuple[str, ...] = ("full-av",)  #: of `MODALITIES`
    fps: float = 25.0
    size_px: int = 256  #: width and height of the picture, even
    seconds: float = 1.6  #: voiced length of a neutral spoken clip, mean
    silence_seconds: float = 0.2  #: quiet and a near-neutral face before and after; RAVDESS has about 1
    workers: int = 2  #: processes

    def __post_init__(self):
        for name, low, high in (
            ("actors", 1, 99), ("seed", 0, 2**32 - 1), ("statements", 1, 99), ("repetitions", 1, 99),
            ("fps", 5.0, 120.0), ("size_px", 64, 1024), ("seconds", 0.4, 20.0), ("silence_seconds", 0.0, 5.0),
            ("workers", 1, 256),
        ):  # fmt: skip
            value = getattr(self, name)
            if isinstance(low, int) and not isinstance(value, int):
                raise ConfigError(f"{name} is {value!r}: expected a whole number")
            if not low <= value <= high:
                raise ConfigError(f"{name} is {value!r}: expected {low} to {high}")
        if self.size_px % 2:
            raise ConfigError(f"size_px is {self.size_px}: expected an even number, H.264 halves the colours' size")
        for name, choices in (("intensities", (1, 2)), ("channels", CHANNELS), ("modalities", MODALITIES)):
            values = getattr(self, name)
            if not values or len(set(values)) != len(values) or not set(values) <= set(choices):
                known = ", ".join(map(str, choices))
                raise ConfigError(f"{name} is {values!r}: expected one or more of {known}, each once")
