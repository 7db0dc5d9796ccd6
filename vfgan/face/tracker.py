"""Where the crop of a face lies in each frame of a video."""

import dataclasses

import numpy as np

from vfgan.config.data import CropConfig
from vfgan.face.crop import crop_matrix
from vfgan.face.face import Face
from vfgan.face.finder import FaceFinder
from vfgan.face.readability import Readability, Reader
from vfgan.face.selection import WhichFace

#: A crop whose corners move by this share of its side from one frame to the next is followed at once.
_MOVED = 0.05
#: Weight of the last frame in what is known of how well a face can be read.
_READ_KEEP = 0.8


@dataclasses.dataclass(frozen=True)
class CropPlacement:
    """Where the crop lies in a frame."""

    matrix: np.ndarray  #: float64 [2, 3], from picture to crop; the last known place where there is no face
    faces: int  #: faces in the frame
    found: bool  #: the one that is followed is among them
    reading: Readability | None  #: of the one that is followed; the last one where it is not found


class FaceTracker:
    """Follows a face of a video, smoothed_matrix over time.

    Args:
        first: the first face of the video: the place in frames before it.
        crop: geometry of the crop.
        size_px: side of the crop.
        which: which face, where there are several.
        keep: weight of the last frame's placement where the face rests (`vfgan.generate.smoothing.kept_share`).
    """

    def __init__(self, first: Face, crop: CropConfig, size_px: int, which: WhichFace, keep: float):
        self._finder, self._crop, self.size_px = FaceFinder(tracking=True), crop, size_px
        self._which, self._keep = which, keep
        self._matrix = crop_matrix(first, crop, size_px)
        self._face: Face | None = None
        self._reader = Reader()
        self._reading: Readability | None = None
        self._last: tuple[np.ndarray, CropPlacement] | None = None  #: a frame and its place

    def __enter__(self) -> "FaceTracker":
        return self

    def __exit__(self, *_) -> None:
        self._finder.close()

    def placement(self, rgb: np.ndarray) -> CropPlacement:
        """The place in the next frame; the same array again, as of a photo, has it where it was.

        Args:
            rgb: uint8 [height, width, 3].
        """
        if self._last is None or self._last[0] is not rgb:
            self._last = rgb, self._find(rgb)
        return self._last[1]

    def _find(self, rgb: np.ndarray) -> CropPlacement:
        faces, before = self._finder.find(rgb, self._face), self._face
        self._face = self._which.next(faces, rgb.shape, before)
        if self._face:
            now = crop_matrix(self._face, self._crop, self.size_px)
            self._matrix = smoothed_matrix(self._matrix, now, self.size_px, self._keep) if before else now
            self._reading = self._reader.read(rgb, self._face).after(self._reading if before else None, _READ_KEEP)
        return CropPlacement(self._matrix, len(faces), self._face is not None, self._reading)


def smoothed_matrix(before: np.ndarray, now: np.ndarray, size_px: int, keep: float) -> np.ndarray:
    """Between the last place and the new one for a face at rest, which quiets the landmarks' jitter; the new one alone
    where it moves.

    With d the farthest that a corner of the crop has moved, as a share of the crop's side, the last place keeps
    keep max(0, 1 - d / 0.05). The change is pasted back by the same place, so what lags behind is only the cut.

    Args:
        before: float64 [2, 3], from picture to crop.
        now: the same.
        keep: 0…1.
    Returns:
        float64 [2, 3].
    """
    corners = size_px * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    in_picture = np.linalg.solve(now[:, :2], (corners - now[:, 2]).T)  # [2, corners]
    moved = np.linalg.norm(before[:, :2] @ in_picture + before[:, 2:] - corners.T, axis=0).max() / size_px
    share = keep * max(0.0, 1.0 - moved / _MOVED)
    return share * before + (1.0 - share) * now
