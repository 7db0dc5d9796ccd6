"""The two networks that find faces: a detector (BlazeFace), and the 468 landmarks of a face (face mesh).

Both come with MediaPipe's wheel. They run directly, not through MediaPipe's graphs: then a mesh takes 1 ms instead of
4, gives its confidence, and needs no threads. The numbers below are those of MediaPipe's graphs
(face_detection_short_range, face_landmark).
"""

import contextlib
import dataclasses
import importlib.util
import math
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vfgan.errors import MediaError

_DETECTOR_PX, _MESH_PX = 128, 192
_OVERLAP = 0.3  #: boxes that overlap more than this (intersection over union) are one face
SAME_FACE = 0.4  #: regions in successive frames that overlap more than this hold one face
_ROOM = 1.5  #: side of the square that the mesh sees, as a multiple of the face's longer side
_SHARES = np.arange(256, dtype=np.float32) / np.float32(255.0)  #: 0…255 as 0…1
_EYE_CORNERS = (33, 263)  #: of the mesh: outer corners of the eye at the left and at the right of the picture


@dataclasses.dataclass(frozen=True)
class Region:
    """A rotated square around a face."""

    x: float  #: centre, pixels
    y: float
    side: float  #: pixels
    angle: float  #: radians by which the face is turned, clockwise

    def overlap(self, other: "Region") -> float:
        """Intersection over union of the two squares, ignoring their rotation: 0…1."""
        half, theirs = self.side / 2, other.side / 2
        across = min(self.x + half, other.x + theirs) - max(self.x - half, other.x - theirs)
        down = min(self.y + half, other.y + theirs) - max(self.y - half, other.y - theirs)
        shared = max(0.0, across) * max(0.0, down)
        return shared / (self.side**2 + other.side**2 - shared)

    def covers(self, other: "Region") -> bool:
        """Whether the centre of another face lies in this one. The two networks disagree about a face's size."""
        reach = self.side / _ROOM / 2
        return abs(other.x - self.x) < reach and abs(other.y - self.y) < reach


class FaceDetector:
    """Finds faces from a fifth of the picture's longer side on, and some smaller ones."""

    def __init__(self):
        self._network = _Network("face_detection/face_detection_short_range.tflite")
        self._anchors = _anchors()

    def find(self, rgb: np.ndarray, min_confidence: float) -> list[Region]:
        """Finds the regions of faces, most confident first.

        Args:
            rgb: uint8 [height, width, 3].
            min_confidence: least confidence, 0…1.
        """
        import cv2

        height, width = rgb.shape[:2]
        scale = _DETECTOR_PX / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR)
        square = np.full((_DETECTOR_PX, _DETECTOR_PX, 3), -1.0, np.float32)
        left, top = (_DETECTOR_PX - size[0]) // 2, (_DETECTOR_PX - size[1]) // 2
        square[top : top + size[1], left : left + size[0]] = small / np.float32(127.5) - 1.0
        regressed, logits = self._network.run(square)
        certain = _sigmoid(logits[:, 0])
        kept = np.flatnonzero(certain >= min_confidence)
        # [faces, 8 points, 2]: centre, width and height, eyes, nose, mouth, ears; in squares of the network
        points = regressed[kept].reshape(-1, 8, 2) / _DETECTOR_PX
        points[:, [0, *range(2, 8)]] += self._anchors[kept, None]
        return [self._in_picture(face, (left, top), scale) for face in _merge(points, certain[kept])]

    @staticmethod
    def _in_picture(points: np.ndarray, corner: tuple[int, int], scale: float) -> Region:
        """Region of a face in pixels of the picture."""
        (x, y), size = (points[0] * _DETECTOR_PX - corner) / scale, points[1] * _DETECTOR_PX / scale
        across = points[3] - points[2]  # from eye to eye
        return Region(float(x), float(y), _ROOM * float(size.max()), math.atan2(across[1], across[0]))


class FaceMesh:
    """Finds the 468 landmarks of the face in a region."""

    def __init__(self):
        self._network = _Network("face_landmark/face_landmark.tflite")

    def measure(self, rgb: np.ndarray, region: Region) -> tuple[np.ndarray, float]:
        """Measures the landmarks of a face, and the confidence that there is one.

        Returns:
            (float32 [468, 2], x and y in pixels of the picture; confidence that this is a face, 0…1).
        """
        import cv2

        matrix = _region_matrix(region)
        window = cut_window(rgb, matrix, _MESH_PX)
        points, logit = self._network.run(cv2.LUT(window, _SHARES))
        placed = _back(points.reshape(-1, 3)[:, :2], matrix)
        return placed.astype(np.float32), float(_sigmoid(logit.ravel()[0]))


def region_of_mesh(points: np.ndarray) -> Region:
    """The region in which to look for the face in the next frame.

    Args:
        points: float32 [468, 2].
    """
    low, high = points.min(0), points.max(0)
    across = points[_EYE_CORNERS[1]] - points[_EYE_CORNERS[0]]
    x, y = (low + high) / 2
    return Region(float(x), float(y), _ROOM * float((high - low).max()), math.atan2(across[1], across[0]))


def cut_window(rgb: np.ndarray, matrix: np.ndarray, size_px: int) -> np.ndarray:
    """Cuts a window quickly: averages by a power of two, then warps linearly. Beyond the picture its edge repeats.

    Args:
        matrix: float64 [2, 3], similarity from picture to window.
    Returns:
        uint8 [size_px, size_px, 3].
    """
    import cv2

    rgb, matrix = averaged(rgb, matrix, size_px)
    return cv2.warpAffine(rgb, matrix, (size_px, size_px), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def averaged(rgb: np.ndarray, matrix: np.ndarray, size_px: int) -> tuple[np.ndarray, np.ndarray]:
    """Averages the part of a picture that a window shows, by a power of two.

    Afterwards the window shrinks it by less than half.

    Args:
        rgb: uint8 [height, width, 3].
        matrix: float64 [2, 3], similarity from picture to window.
        size_px: width and height of the window.
    Returns:
        (uint8 [rows, columns, 3], the similarity from it to the window); both unchanged if no averaging is needed.
    """
    import cv2

    step = 2 ** max(0, math.floor(-math.log2(math.hypot(matrix[0, 0], matrix[0, 1]))))
    if step == 1:
        return rgb, matrix
    corners = np.array([[0, 0], [size_px, 0], [size_px, size_px], [0, size_px]], np.float64)
    corners = _back(corners, matrix)
    edge = rgb.shape[1], rgb.shape[0]
    low = np.clip(np.floor(corners.min(0)).astype(int) - step, 0, np.array(edge) - 1)
    high = np.clip(np.ceil(corners.max(0)).astype(int) + step, low + 1, edge)
    part = rgb[low[1] : high[1], low[0] : high[0]]
    size = max(1, part.shape[1] // step), max(1, part.shape[0] // step)
    small = cv2.resize(part[: size[1] * step, : size[0] * step], size, interpolation=cv2.INTER_AREA)
    return small, np.hstack([matrix[:, :2] * step, (matrix @ [*(low + (step - 1) / 2), 1.0])[:, None]])


def _region_matrix(region: Region) -> np.ndarray:
    """From the picture to the mesh's window: float64 [2, 3]."""
    scale = _MESH_PX / region.side
    cos, sin = scale * math.cos(region.angle), scale * math.sin(region.angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.hstack([turn, (_MESH_PX / 2 - turn @ [region.x, region.y])[:, None]])


def _back(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Maps points of a window, float [n, 2], back to the picture. `matrix` is the similarity that cut the window."""
    return (points - matrix[:, 2]) @ matrix[:, :2] / (matrix[0, 0] ** 2 + matrix[0, 1] ** 2)


def _anchors() -> np.ndarray:
    """Centres of the detector's anchors: float32 [896, 2], 0…1."""
    centres = []
    for cells, each in ((16, 2), (8, 6)):
        y, x = np.mgrid[:cells, :cells]
        grid = (np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) / cells
        centres.append(np.repeat(grid, each, axis=0))
    return np.concatenate(centres).astype(np.float32)


def _merge(points: np.ndarray, certain: np.ndarray) -> list[np.ndarray]:
    """Merges the boxes of each face: the mean of all that overlap the most confident one, weighted by confidence."""
    order = np.argsort(-certain, kind="stable")
    merged = []
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


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -80.0, 80.0)))


class _Network:
    """A TFLite network of the wheel, run by one thread."""

    def __init__(self, name: str):
        import tensorflow as tf

        with _quiet():
            self._interpreter = tf.lite.Interpreter(str(_wheel() / "modules" / name), num_threads=1)
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]

    def run(self, picture: np.ndarray) -> list[np.ndarray]:
        """Computes the outputs, without the batch dimension, for a picture float32 [height, width, 3]."""
        self._interpreter.set_tensor(self._input, picture[None])
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index)[0] for index in self._outputs]


def check_opencv() -> None:
    """Loads OpenCV.

    Raises:
        MediaError: a library of the system is missing.
    """
    try:
        import cv2  # noqa: F401
    except ImportError as error:
        raise MediaError(
            f"OpenCV cannot be loaded ({error}): it needs the system's libGL and glib "
            "(Debian: apt-get install libgl1 libglib2.0-0)"
        ) from error


def _wheel() -> Path:
    """MediaPipe's folder, found without importing MediaPipe."""
    found = importlib.util.find_spec("mediapipe")
    if found is None or found.origin is None:
        raise MediaError("MediaPipe is not installed: its wheel holds the networks that find faces; run make install")
    return Path(found.origin).parent


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hides what C++ writes directly to standard error: notes that do not help a user."""
    saved = os.dup(2)
    try:
        with open(os.devnull, "w") as null:
            os.dup2(null.fileno(), 2)
            yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
