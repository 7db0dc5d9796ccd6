"""The options of a synthetic corpus."""

import dataclasses

from vfgan.errors import ConfigError

MODALITIES = ("full-av", "video-only", "audio-only")
CHANNELS = ("speech", "song")


@dataclasses.dataclass(frozen=True)
class SyntheticConfig:
    """A synthetic corpus. These values determine every byte of it, except `workers`, which changes nothing."""

    actors: int = 6
    """Actors, 1 to 99. Odd numbers are men, even numbers women."""
    seed: int = 1
    """Seed; with the other options it determines every byte."""
    statements: int = 2
    """Sentences, 1 to 99."""
    repetitions: int = 1
    """Takes of each sentence, 1 to 99."""
    intensities: tuple[int, ...] = (1, 2)
    """1 is normal, 2 is strong."""
    channels: tuple[str, ...] = ("speech",)
    """speech, song, or both."""
    modalities: tuple[str, ...] = ("full-av",)
    """full-av, video-only, audio-only, or several."""
    fps: float = 25.0
    """Frames a second, 5 to 120."""
    size_px: int = 256
    """Width and height of the picture, pixels: an even number, 64 to 1024."""
    seconds: float = 1.6
    """Mean voiced length of a neutral spoken clip, seconds, 0.4 to 20."""
    silence_seconds: float = 0.2
    """Silence and a near-neutral face before and after the voice, seconds, 0 to 5. RAVDESS has about 1."""
    workers: int = 2
    """Processes, 1 to 256."""

    def __post_init__(self):
        for name, low, high in (
            ("actors", 1, 99),
            ("seed", 0, 2**32 - 1),
            ("statements", 1, 99),
            ("repetitions", 1, 99),
            ("fps", 5.0, 120.0),
            ("size_px", 64, 1024),
            ("seconds", 0.4, 20.0),
            ("silence_seconds", 0.0, 5.0),
            ("workers", 1, 256),
        ):
            value = getattr(self, name)
            if isinstance(low, int) and not isinstance(value, int):
                raise ConfigError(f"{name} is {value!r}: expected a whole number")
            if not low <= value <= high:
                raise ConfigError(f"{name} is {value!r}: expected {low} to {high}")
        if self.size_px % 2:
            raise ConfigError(
                f"size_px is {self.size_px}: expected an even number, because H.264 halves the colours' size"
            )
        for name, choices in (("intensities", (1, 2)), ("channels", CHANNELS), ("modalities", MODALITIES)):
            values = getattr(self, name)
            if not values or len(set(values)) != len(values) or not set(values) <= set(choices):
                known = ", ".join(map(str, choices))
                raise ConfigError(f"{name} is {values!r}: expected one or more of {known}, each once")
