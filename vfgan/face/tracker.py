"""Tracks where the crop of a face lies in each frame of a video."""

import dataclasses

import numpy as np

from vfgan.config.data import CropConfig
from vfgan.face.crop import crop_matrix
from vfgan.face.face import Face
from vfgan.face.finder import FaceFinder
from vfgan.face.selection import MAX_FACES, WhichFace

#: A crop whose corners move by this share of its side from one frame to the next is not smoothed.
_MOVED = 0.05


@dataclasses.dataclass(frozen=True)
class CropPlacement:
    """Where the crop lies in a frame."""

    matrix: np.ndarray  #: float64 [2, 3], from picture to crop; the last known place if there is no face
    faces: int  #: faces in the frame
    found: bool  #: whether the tracked face is among them


class FaceTracker:
    """Tracks a face in a video and smooths its placement over time.

    Args:
        first: first face of the video; it gives the placement of frames before it.
        crop: geometry of the crop.
        size_px: side of the crop.
        which: chooses one of several faces.
        keep: weight of the last frame's placement while the face rests (`vfgan.generate.smoothing.kept_share`).
    """

    def __init__(self, first: Face, crop: CropConfig, size_px: int, which: WhichFace, keep: float):
        self._finder = FaceFinder(tracking=True, max_faces=MAX_FACES)
        self._crop, self.size_px = crop, size_px
        self._which, self._keep = which, keep
        self._matrix = crop_matrix(first, crop, size_px)
        self._face: Face | None = None
        self._last: tuple[np.ndarray, CropPlacement] | None = None  #: a frame and its placement

    def __enter__(self) -> "FaceTracker":
        return self

    def __exit__(self, *_) -> None:
        self._finder.close()

    def placement(self, rgb: np.ndarray) -> CropPlacement:
        """Finds the placement in the next frame. The same array again, as for a photo, has the same placement.

        Args:
            rgb: uint8 [height, width, 3].
        """
        if self._last is None or self._last[0] is not rgb:
            self._last = rgb, self._find(rgb)
        return self._last[1]

    def _find(self, rgb: np.ndarray) -> CropPlacement:
        faces, before = self._finder.find(rgb), self._face
        self._face = self._which.next(faces, rgb.shape, before)
        if self._face:
            now = crop_matrix(self._face, self._crop, self.size_px)
            self._matrix = smoothed_matrix(self._matrix, now, self.size_px, self._keep) if before else now
        return CropPlacement(self._matrix, len(faces), self._face is not None)


def smoothed_matrix(before: np.ndarray, now: np.ndarray, size_px: int, keep: float) -> np.ndarray:
    """Mixes the last placement into the new one while a face rests, against jitter of the landmarks.

    Let d be the largest movement of a corner of the crop, as a share of the crop's side. The last placement has the
    weight keep max(0, 1 - d / 0.05), so a moving face is not smoothed. The change is pasted back with the same
    placement, so only the position of the crop lags behind.

    Args:
        before: float64 [2, 3], last placement, from picture to crop.
        now: float64 [2, 3], new placement.
        keep: 0…1.
    Returns:
        float64 [2, 3].
    """
    corners = size_px * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    in_picture = np.linalg.solve(now[:, :2], (corners - now[:, 2]).T)  # [2, corners]
    moved = np.linalg.norm(before[:, :2] @ in_picture + before[:, 2:] - corners.T, axis=0).max() / size_px
    share = keep * max(0.0, 1.0 - moved / _MOVED)
    return share * before + (1.0 - share) * now
