"""Faces of any size in a picture: a detector's pass over the whole, then over tiles of it at several scales."""

from collections.abc import Iterator

import numpy as np

from vfgan.face.detector import Candidates, FaceDetector
from vfgan.face.networks import Region

LEAST_FACE_PX = 40  #: width of the smallest faces that are looked for
#: A tile of 192 px shows a face of `_LEAST_IN_TILE` px and more; tiles share `_SHARED` px, which hold its head.
_TILE_PX, _LEAST_IN_TILE, _SHARED = 192, 22, 64
_LEVEL = 2.0  #: ratio of two scales: the larger faces of one are the smallest of the next
#: The detectors' own thresholds: the mesh then says whether it is a face.
_LIKELY, _LIKELY_IN_TILE = 0.3, 0.25
_MOST = 150  #: places that are handed on
_NEAR_SHARE = 1 / 9  #: of the picture's longer side: smaller faces escape the pass over the whole
_LARGEST_PX = 8192  #: longer pictures are looked at as if they were this long: the cost is bounded


class FacePyramid:
    """Finds where faces may be."""

    def __init__(self):
        self._near, self._far = FaceDetector(), FaceDetector(far=True)

    def glance(self, rgb: np.ndarray) -> list[Region]:
        """Near faces, of a ninth of the picture's longer side and more, most certain first: 1 ms.

        Args:
            rgb: uint8 [height, width, 3].
        """
        return self._near.find(rgb, _LIKELY).regions()

    def search(self, rgb: np.ndarray) -> list[Region]:
        """Faces of `LEAST_FACE_PX` and more: 15 ms at 720p, less than a second at 8K."""
        found = [self._near.find(rgb, _LIKELY)]
        for scale, level in _levels(rgb):
            found += [
                self._far.find(level[y : y + _TILE_PX, x : x + _TILE_PX], _LIKELY_IN_TILE).moved(scale, (x, y))
                for y in _starts(level.shape[0])
                for x in _starts(level.shape[1])
            ]
        return Candidates.together(found).regions()[:_MOST]


def _levels(rgb: np.ndarray) -> Iterator[tuple[float, np.ndarray]]:
    """(scale, the picture at that scale), the finest first; none where a pass over the whole sees all."""
    import cv2

    longest, level = max(rgb.shape[:2]), rgb
    scale = _LEAST_IN_TILE / LEAST_FACE_PX * min(1.0, _LARGEST_PX / longest)
    seen = float(LEAST_FACE_PX)  # the smallest face that this level is for
    while seen < _NEAR_SHARE * longest:
        size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
        level = cv2.resize(level, size, interpolation=cv2.INTER_AREA)
        yield scale, level
        scale, seen = scale / _LEVEL, seen * _LEVEL


def _starts(side: int) -> list[int]:
    """Where tiles begin along a side, so that two share `_SHARED` px or more."""
    count = 1 + max(0, -((_TILE_PX - side) // (_TILE_PX - _SHARED)))
    return [round(place) for place in np.linspace(0, max(0, side - _TILE_PX), count)]
