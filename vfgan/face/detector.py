"""Where faces are in a picture (BlazeFace): MediaPipe's network for near faces, on squares of any size.

The numbers are those of MediaPipe's graph (face_detection_short_range). The network convolves only: on a larger square
it finds faces of the same pixels.
"""

import dataclasses
import math

import numpy as np

from vfgan.face.networks import ROOM, Network, Region, sigmoid

_OVERLAP = 0.3  #: boxes that overlap more than this (intersection by union) are one face


@dataclasses.dataclass(frozen=True)
class Candidates:
    """Boxes in which a face may lie; many are of one face."""

    points: np.ndarray  #: float [n, 8, 2], pixels: centre, width and height, eyes, nose, mouth, ears
    confidence: np.ndarray  #: float [n], 0…1

    @staticmethod
    def together(parts: "list[Candidates]") -> "Candidates":
        """Those of all parts."""
        return Candidates(
            np.concatenate([part.points for part in parts]), np.concatenate([part.confidence for part in parts])
        )

    def moved(self, scale: float, corner: tuple[int, int]) -> "Candidates":
        """From pixels of a part, which begins at this corner, to those of the picture, of which it is `scale`."""
        points = self.points.copy()
        points[:, [0, *range(2, 8)]] += corner
        return Candidates(points / scale, self.confidence)

    def regions(self) -> list[Region]:
        """Each face once, most certain first."""
        return [_region(face) for face in _merge(self.points, self.confidence)]


class FaceDetector:
    """One pass of the detector over a whole picture, made as large as its square.

    Of real faces on noise, turned by 0 to 180 degrees, all of 20 px in that square and more were found (1,140).

    Args:
        side: of the square, pixels: 128 (0.8 ms), 256 (3 ms), 384 (7 ms).
    """

    def __init__(self, side: int):
        self._network = Network("face_detection/face_detection_short_range.tflite", side)
        self.side = side
        self._anchors = _anchors(((side // 8, 2), (side // 16, 6))) * side

    def find(self, rgb: np.ndarray, min_confidence: float, *, enlarge: bool = True) -> Candidates:
        """Where faces may be.

        Args:
            rgb: uint8 [height, width, 3].
            min_confidence: 0…1.
            enlarge: smaller pictures are made as large as the square; else they stay.
        """
        import cv2

        height, width = rgb.shape[:2]
        scale = self.side / max(height, width)
        scale = scale if enlarge else min(1.0, scale)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR)
        square = np.full((self.side, self.side, 3), -1.0, np.float32)
        left, top = (self.side - size[0]) // 2, (self.side - size[1]) // 2
        square[top : top + size[1], left : left + size[0]] = small / np.float32(127.5) - 1.0
        regressed, logits = self._network.run(square)
        confidence = sigmoid(logits[:, 0])
        kept = np.flatnonzero(confidence >= min_confidence)
        points = regressed[kept].reshape(-1, 8, 2)
        points[:, [0, *range(2, 8)]] += self._anchors[kept, None]
        return Candidates(points, confidence[kept]).moved(scale, (-left, -top))


def _anchors(grids: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Centres of a detector's anchors: float32 [anchors, 2], 0…1; grids of (cells a side, anchors a cell)."""
    centres = []
    for cells, each in grids:
        y, x = np.mgrid[:cells, :cells]
        grid = (np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) / cells
        centres.append(np.repeat(grid, each, axis=0))
    return np.concatenate(centres).astype(np.float32)


def _region(points: np.ndarray) -> Region:
    """The region of a face from its points, float [8, 2]."""
    (x, y), size = points[0], points[1]
    across = points[3] - points[2]  # from eye to eye
    return Region(float(x), float(y), ROOM * float(size.max()), math.atan2(across[1], across[0]))


def _merge(points: np.ndarray, certain: np.ndarray) -> list[np.ndarray]:
    """Each face once: the mean of the boxes that overlap its most certain one, weighted by their certainty."""
    order, merged = np.argsort(-certain, kind="stable"), []
    low, high = points[:, 0] - points[:, 1] / 2, points[:, 0] + points[:, 1] / 2
    area = np.prod(np.maximum(points[:, 1], 1e-6), axis=1)
    while len(order):
        best = order[0]
        shared = np.prod(np.clip(np.minimum(high[order], high[best]) - np.maximum(low[order], low[best]), 0, None), 1)
        same = shared / (area[order] + area[best] - shared) > _OVERLAP
        same[0] = True
        group = order[same]
        merged.append(np.average(points[group], axis=0, weights=certain[group]))
        order = order[~same]
    return merged
