"""Faces in pictures: finding them, and the one crop geometry (eyes level, same place, same scale).

Landmarks are those of MediaPipe's 468-point face mesh, whose model lies inside its wheel.
"""

import contextlib
import dataclasses
import math
import os
from collections.abc import Iterator

import numpy as np

from vfgan.config import CropConfig
from vfgan.errors import MediaError, NoFaceError

# indices of the face mesh
_RIGHT_EYE_CORNERS, _LEFT_EYE_CORNERS = (33, 133), (263, 362)  # the person's right eye is left in the picture
_RIGHT_EYE_LIDS, _LEFT_EYE_LIDS = (159, 145), (386, 374)
_INNER_LIPS, _SUBNASALE = (13, 14), 2
#: Eye line to nose base in eye distances where a face looks straight ahead: a turned head has a larger ratio.
_NOSE_RATIO = 0.80
_LEAST_PX, _MOST_PX = 192, 640  # pictures are scaled into this range before detection


@dataclasses.dataclass(frozen=True)
class Face:
    """One face in a picture."""

    landmarks: np.ndarray  #: float32 [468, 2], (x, y) in pixels of the picture

    @property
    def eye_centres(self) -> np.ndarray:
        """float32 [2, 2]: (x, y) of the eye at the left and of the eye at the right of the picture."""
        points = self.landmarks
        return np.stack([points[list(_RIGHT_EYE_CORNERS)].mean(0), points[list(_LEFT_EYE_CORNERS)].mean(0)])

    @property
    def eye_distance(self) -> float:
        """Scale of the face in pixels: the distance of the eyes, mended by the nose where the head is turned."""
        left, right = self.eye_centres
        nose = np.linalg.norm(self.landmarks[_SUBNASALE] - (left + right) / 2)
        return float(max(np.linalg.norm(right - left), nose / _NOSE_RATIO))

    @property
    def mouth_opening(self) -> float:
        """Distance of the inner lips in eye distances: about 0 closed, 0.6 wide open."""
        upper, lower = self.landmarks[list(_INNER_LIPS)]
        return float(np.linalg.norm(upper - lower)) / self.eye_distance

    @property
    def eye_opening(self) -> float:
        """Mean distance of the lids in eye distances: about 0 closed, 0.15 open."""
        gaps = [np.linalg.norm(self.landmarks[a] - self.landmarks[b]) for a, b in (_RIGHT_EYE_LIDS, _LEFT_EYE_LIDS)]
        return float(np.mean(gaps)) / self.eye_distance

    @property
    def box(self) -> np.ndarray:
        """float32 [4]: left, top, right, bottom of the landmarks in pixels."""
        return np.concatenate([self.landmarks.min(0), self.landmarks.max(0)])


class FaceFinder:
    """Finds faces, largest first. One instance a video: with `tracking` it follows faces from frame to frame."""

    def __init__(self, *, tracking: bool = False, max_faces: int = 3, min_confidence: float = 0.5):
        with _quiet():
            try:
                import mediapipe
            except ImportError as error:
                raise MediaError(
                    f"MediaPipe cannot be loaded ({error}): its OpenCV needs the system's libGL and glib "
                    "(Debian: apt-get install libgl1 libglib2.0-0)"
                ) from error
            self._mesh = mediapipe.solutions.face_mesh.FaceMesh(
                static_image_mode=not tracking,
                max_num_faces=max_faces,
                min_detection_confidence=min_confidence,
                min_tracking_confidence=min_confidence,
            )
            self._mesh.process(np.zeros((64, 64, 3), np.uint8))  # its threads write start-up notes, too: wait for them
        self._settled = False  # MediaPipe's C++ writes more of them until it has found its first face

    def __enter__(self) -> "FaceFinder":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Frees the detector's memory."""
        self._mesh.close()

    def find(self, rgb: np.ndarray) -> list[Face]:
        """All faces of a picture, largest first.

        Args:
            rgb: uint8 [height, width, 3].
        """
        import cv2

        height, width = rgb.shape[:2]
        longest = max(height, width)
        scale = _LEAST_PX / longest if longest < _LEAST_PX else min(1.0, _MOST_PX / longest)
        if scale != 1.0:
            size = max(1, round(width * scale)), max(1, round(height * scale))
            rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC)
        side = max(rgb.shape[:2])  # the mesh is exact on squares only
        square = np.zeros((side, side, 3), np.uint8)
        square[: rgb.shape[0], : rgb.shape[1]] = rgb
        with contextlib.nullcontext() if self._settled else _quiet():
            found = self._mesh.process(square).multi_face_landmarks or []
        self._settled = self._settled or bool(found)
        extent = np.float32(longest)
        points = [np.array([[p.x, p.y] for p in face.landmark], np.float32) * extent for face in found]
        return sorted((Face(p) for p in points), key=lambda face: -face.eye_distance)


def find_face(finder: FaceFinder, rgb: np.ndarray, name: str) -> Face:
    """The largest face of a picture.

    Raises:
        NoFaceError: there is none; `name` says where.
    """
    faces = finder.find(rgb)
    if not faces:
        raise NoFaceError(
            f"{name}: no face found in {rgb.shape[1]}x{rgb.shape[0]} pixels: expected a face that looks at the "
            "camera, upright, lit, and at least 40 pixels wide"
        )
    return faces[0]


def crop_matrix(face: Face, crop: CropConfig, size_px: int) -> np.ndarray:
    """Similarity transform from picture to crop: float64 [2, 3]."""
    left, right = face.eye_centres.astype(np.float64)
    angle = math.atan2(right[1] - left[1], right[0] - left[0])
    scale = crop.eye_distance * size_px / face.eye_distance
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    target = np.array([0.5 * size_px, crop.eye_height * size_px])
    return np.hstack([turn, (target - turn @ ((left + right) / 2))[:, None]])


def whole_picture_matrix(height: int, width: int, size_px: int) -> np.ndarray:
    """The transform where a face has no landmarks: the largest central square, scaled. float64 [2, 3]."""
    scale = size_px / min(height, width)
    return np.array([[scale, 0, (size_px - scale * width) / 2], [0, scale, (size_px - scale * height) / 2]])


def warp_crop(rgb: np.ndarray, matrix: np.ndarray, size_px: int) -> np.ndarray:
    """Cuts a crop out of a picture; beyond the picture its edge repeats.

    Returns:
        uint8 [size_px, size_px, 3].
    """
    import cv2

    scale = math.hypot(matrix[0, 0], matrix[0, 1])
    factor = min(8, max(1, math.ceil(0.75 / scale)))  # shrinking: sample finer, then average
    fine = cv2.warpAffine(
        rgb, _scaled(matrix, factor), (size_px * factor,) * 2,
        flags=cv2.INTER_LINEAR if factor > 1 else cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return fine if factor == 1 else cv2.resize(fine, (size_px, size_px), interpolation=cv2.INTER_AREA)


def _scaled(matrix: np.ndarray, factor: float) -> np.ndarray:
    """`matrix` for a crop `factor` times larger, keeping pixel centres in place."""
    scaled = matrix * factor
    scaled[:, 2] += (factor - 1) / 2
    return scaled


def crop_face(rgb: np.ndarray, face: Face, crop: CropConfig, size_px: int | None = None) -> np.ndarray:
    """The aligned crop of a face: uint8 [size_px, size_px, 3]."""
    size_px = size_px or crop.size_px
    return warp_crop(rgb, crop_matrix(face, crop, size_px), size_px)


def paste_change(rgb: np.ndarray, before: np.ndarray, after: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Carries the change of a crop back into its picture, fading out towards the crop's border.

    Only the difference is pasted: where the crop did not change, the picture keeps its pixels.

    Args:
        rgb: uint8 [height, width, 3], the whole picture.
        before: uint8 [size, size, 3], the crop that `warp_crop` made with `matrix`.
        after: uint8 [size, size, 3], the same crop, changed.
    Returns:
        uint8 [height, width, 3].
    """
    import cv2

    size = before.shape[0]
    change = (after.astype(np.float32) - before.astype(np.float32)) * fade_mask(size)[:, :, None]
    carried = cv2.warpAffine(
        change, matrix, (rgb.shape[1], rgb.shape[0]),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_CONSTANT,
    )  # fmt: skip
    return np.clip(np.rint(rgb + carried), 0, 255).astype(np.uint8)


def fade_mask(size: int) -> np.ndarray:
    """1 inside the crop, falling to 0 at its border over 15 % of its width: float32 [size, size]."""
    distance = np.minimum(np.arange(size), np.arange(size)[::-1]) / (0.15 * size)
    ramp = np.clip(distance, 0.0, 1.0)
    smooth = ramp * ramp * (3.0 - 2.0 * ramp)
    return np.outer(smooth, smooth).astype(np.float32)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps what C++ writes straight to standard error away: notes that say nothing a user can mend."""
    saved = os.dup(2)
    try:
        with open(os.devnull, "w") as null:
            os.dup2(null.fileno(), 2)
            yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
