"""Which square of an item is shown: the middle of its pictures, or the face at the place and scale of all crops."""

import dataclasses
from collections.abc import Iterable

import numpy as np

from vfgan.config.data import CropConfig
from vfgan.errors import NoFaceError
from vfgan.face.crop import crop_matrix, warp_crop, whole_picture_matrix
from vfgan.media.images import read_image
from vfgan.media.video import read_frames
from vfgan.rating.items import Item

_LOOK_SECONDS = 0.2  #: interval between two frames of a video that are searched for a face


@dataclasses.dataclass(frozen=True)
class Framing:
    """A square of an item's pictures; of a video it stays where it is."""

    matrix: np.ndarray  #: float64 [2, 3], from the picture to a square of side 1

    @property
    def side_px(self) -> int:
        """Side of the square in the item's own pixels: with more, nothing more is seen."""
        return round(1 / float(np.sqrt(np.linalg.det(self.matrix[:, :2]))))

    def cut(self, rgb: np.ndarray, side_px: int) -> np.ndarray:
        """The square: uint8 [side_px, side_px, 3]."""
        return warp_crop(rgb, self.matrix * side_px, side_px)


def frame(item: Item, crop: str) -> Framing:
    """Finds the square of an item.

    Args:
        crop: "middle", or "face": cut out as `CropConfig` says, by the landmarks of the largest face. Of a video the
            first frame with a face decides.
    Raises:
        MediaError: the item cannot be read.
        NoFaceError: there is no face.
    """
    pictures = _pictures(item)
    if crop == "middle":
        height, width = next(iter(pictures)).shape[:2]
        return Framing(whole_picture_matrix(height, width, 1))
    from vfgan.face.finder import FaceFinder

    with FaceFinder() as finder:
        for rgb in pictures:
            faces = finder.find(rgb)
            if faces:
                return Framing(crop_matrix(faces[0], CropConfig(), 1))
    raise NoFaceError(f"{item.path}: no face found: expected one in every item; leave it out, or use --crop middle")


def _pictures(item: Item) -> Iterable[np.ndarray]:
    """uint8 [height, width, 3]: a picture, or some frames of a video."""
    if item.kind == "face":
        return [read_image(item.path)]
    return (rgb for _, rgb in read_frames(item.path, interval_seconds=_LOOK_SECONDS))
