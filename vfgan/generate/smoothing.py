"""Generated videos, smoothed over time: what trembles from frame to frame is held, what moves is followed at once.

One constant, in seconds so that it means the same at every frame rate, is used three times: for the crop's place
(`vfgan.face.tracker`), for z, and for the change of the face.
"""

import math
from collections.abc import Callable

import numpy as np

from vfgan.face.pixels import luma_uint8

#: Where the source differs by this from the frame before (grey levels, mean of a neighbourhood), the change is new.
_MOVED_LEVELS = 12.0
#: Side of that neighbourhood as a share of the crop's.
_NEIGHBOURHOOD = 1 / 16


def kept_share(seconds: float, fps: float) -> float:
    """Share of the last frame's value in the next one's: exp(-1 / (seconds x fps)); 0 without smoothing.

    >>> round(kept_share(0.08, 25), 2), kept_share(0.0, 25)
    (0.61, 0.0)
    """
    return math.exp(-1.0 / (seconds * fps)) if seconds > 0 else 0.0


def smooth_z(at: Callable[[np.ndarray], np.ndarray], times: np.ndarray, seconds: float) -> np.ndarray:
    """z at given times, each a quarter of z before, half of z then, a quarter of z after: without delay.

    Args:
        at: times in seconds, float [n] -> float32 [n, z_size] (`vfgan.voice.attribute_track.VoiceTrack.at`).
        times: float [n].
        seconds: how long before and after; 0: none of this.
    """
    if not seconds:
        return at(times)
    before, now, after = np.split(at(np.concatenate([times - seconds, times, times + seconds])), 3)
    return (0.25 * before + 0.5 * now + 0.25 * after).astype(np.float32)


class SmoothedEdit:
    """What the generator changes, as a running mean over the aligned crops of a video.

    s_t = k s_{t-1} + (1 - k) c_t with the change c_t = generated - source, and the output source + s_t. The crops are
    aligned, which takes the head's movement out. k is the kept share where the source rests and falls to 0 where it
    moves, pixel by pixel, so that no expression is dragged along. Holds two crops, whatever the video's length.

    Args:
        keep: `kept_share`; 0 leaves everything as it is.
    """

    def __init__(self, keep: float):
        self._keep = keep
        self.interrupt()

    def interrupt(self) -> None:
        """The next crop has nothing to do with the last one."""
        self._luma: np.ndarray | None = None
        self._change: np.ndarray | None = None

    def smooth(self, source: np.ndarray, generated: np.ndarray) -> np.ndarray:
        """The next frame.

        Args:
            source: uint8 [height, size, 3], aligned crop.
            generated: the same, changed.
        Returns:
            uint8 [height, size, 3].
        """
        if not self._keep:
            return generated
        luma = luma_uint8(source)[:, :, 0].astype(np.float32)
        change = generated.astype(np.float32) - source
        if self._luma is not None and self._change is not None:
            change += self._share(luma, self._luma)[:, :, None] * (self._change - change)
        self._luma, self._change = luma, change
        return np.clip(np.rint(source + change), 0, 255).astype(np.uint8)

    def _share(self, luma: np.ndarray, before: np.ndarray) -> np.ndarray:
        """k of each pixel: float32 [height, size]."""
        import cv2

        side = max(1, round(luma.shape[1] * _NEIGHBOURHOOD))
        moved = cv2.blur(np.abs(luma - before), (side, side))
        return self._keep * np.maximum(0.0, 1.0 - moved / _MOVED_LEVELS)
