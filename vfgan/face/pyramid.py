"""Faces of any size in a picture: a detector's pass over the whole, then over tiles of it at several scales."""

from collections.abc import Iterator

import numpy as np

from vfgan.face.detector import Candidates, FaceDetector
from vfgan.face.networks import Region

LEAST_FACE_PX = 40  #: width of the smallest faces that are looked for
_LEAST_IN_TILE = 20  #: of which the detector finds all, pixels
#: Sides of the squares that the detector sees: a glance at the whole, which finds the largest faces, up to the
#: picture's size; a look at it; and a tile of a larger level.
_GLANCE_PX, _WHOLE_PX, _TILE_PX = 128, 256, 384
_FILLS = 0.5  #: of the picture's longer side: regions of a glance that a search takes first, as they are
_SHARED = 64  #: pixels that two tiles share: they hold the faces of a level
_LEVEL = 2.5  #: ratio of two scales: the largest faces of one, of 50 px, are the smallest of the next
#: The detector's own thresholds: the mesh then says whether it is a face.
_LIKELY_AT_A_GLANCE, _LIKELY = 0.3, 0.4
_MOST = 150  #: places that are handed on
_LARGEST_PX = 8192  #: longer pictures are looked at as if they were this long: the cost is bounded
_FLAT = 12  #: grey levels from the darkest to the brightest of a tile in which there is nothing


class FacePyramid:
    """Finds where faces may be."""

    def __init__(self):
        self._glance, self._whole = FaceDetector(_GLANCE_PX), FaceDetector(_WHOLE_PX)
        self._tile: FaceDetector | None = None  # many pictures need none

    def glance(self, rgb: np.ndarray) -> list[Region]:
        """Near faces, of a ninth of the picture's longer side and more, most certain first: 1 ms.

        Args:
            rgb: uint8 [height, width, 3].
        """
        return self._glance.find(rgb, _LIKELY_AT_A_GLANCE).regions()

    def search(self, rgb: np.ndarray) -> list[Region]:
        """Faces of `LEAST_FACE_PX` and more: 16 ms at 720p, 0.8 s at 8K; less where much is flat."""
        found = [self._whole.find(rgb, _LIKELY)]
        for scale, level in _levels(rgb):
            detector = self._detector(level)
            for y in _starts(level.shape[0], detector.side):
                for x in _starts(level.shape[1], detector.side):
                    tile = level[y : y + detector.side, x : x + detector.side]
                    if int(tile.max()) - int(tile.min()) >= _FLAT:
                        found.append(detector.find(tile, _LIKELY, enlarge=False).moved(scale, (x, y)))
        # of a face that fills the picture the others see parts
        filling = [region for region in self.glance(rgb) if region.side >= _FILLS * max(rgb.shape[:2])]
        return (filling + Candidates.together(found).regions())[:_MOST]

    def _detector(self, level: np.ndarray) -> FaceDetector:
        if max(level.shape[:2]) <= _WHOLE_PX:
            return self._whole
        self._tile = self._tile or FaceDetector(_TILE_PX)
        return self._tile


def _levels(rgb: np.ndarray) -> Iterator[tuple[float, np.ndarray]]:
    """(scale, the picture at that scale), the finest first; none where a pass over the whole sees all."""
    import cv2

    longest, level = max(rgb.shape[:2]), rgb
    scale = _LEAST_IN_TILE / LEAST_FACE_PX * min(1.0, _LARGEST_PX / longest)
    seen = float(LEAST_FACE_PX)  # the smallest face that this level is for
    while seen < longest * _LEAST_IN_TILE / _WHOLE_PX:
        size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
        level = cv2.resize(level, size, interpolation=cv2.INTER_AREA)
        yield scale, level
        scale, seen = scale / _LEVEL, seen * _LEVEL


def _starts(side: int, tile: int = _TILE_PX) -> list[int]:
    """Where tiles begin along a side, so that two share `_SHARED` px or more."""
    count = 1 + max(0, -((tile - side) // (tile - _SHARED)))
    return [round(place) for place in np.linspace(0, max(0, side - tile), count)]
