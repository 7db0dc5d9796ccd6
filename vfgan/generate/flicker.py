"""How much a face changes from one frame of a video to the next."""

import numpy as np


class Flicker:
    """Mean absolute difference of successive crops in their inner 70 %, in grey levels.

    The crops are aligned, so the head's movement is out of it; what remains of the source is its expression, its noise
    and what the alignment misses. A generated face that differs more than its source flickers; what the generator adds
    by itself is told by the change, generated - source.
    """

    def __init__(self):
        self._last, self._sums, self._count = None, np.zeros(3), 0

    def add(self, before: np.ndarray, after: np.ndarray) -> None:
        """The next frame: the source's crop and the generated one, uint8 [height, size, 3]; their upper squares."""
        side = before.shape[1]
        edge = round(0.15 * side)
        now = np.stack([before, after])[:, edge : side - edge, edge : side - edge].astype(np.float32)
        now = np.concatenate([now, now[1:] - now[:1]])  # source, generated, change
        if self._last is not None:
            self._sums += np.abs(now - self._last).mean(axis=(1, 2, 3))
            self._count += 1
        self._last = now

    def interrupt(self) -> None:
        """A frame without a face: the next one has no neighbour."""
        self._last = None

    @property
    def source(self) -> float:
        """Of the source; 0 where no two frames follow each other."""
        return float(self._sums[0] / max(1, self._count))

    @property
    def generated(self) -> float:
        """Of the generated faces."""
        return float(self._sums[1] / max(1, self._count))

    @property
    def added(self) -> float:
        """Of the change, generated - source."""
        return float(self._sums[2] / max(1, self._count))
