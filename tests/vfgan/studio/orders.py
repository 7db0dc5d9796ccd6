"""What visitors order."""

from vfgan.studio.config import StudioConfig
from vfgan.studio.inputs import GivenFile, Order

CONFIG = StudioConfig(max_voice_seconds=8, max_footage_seconds=0.3)


def order_of(voice, face, **others):
    given = [path and GivenFile(path, f"my {path.name}") for path in (voice, face)]
    return Order(*given, **{"model": "vfgan", "intensity": 1.0, **others})
