"""The networks that find faces: a region of a picture, and the 468 points of the face in it (face mesh).

They are MediaPipe's, whose files lie inside its wheel. They are run by themselves, not through MediaPipe's graphs: a
mesh takes 1 ms instead of 4, says how sure it is, and needs no threads. The numbers below are those of MediaPipe's
graphs (face_landmark).
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

_MESH_PX = 192
SAME_FACE = 0.4  #: regions that overlap more than this hold one face, in pictures that follow each other
ROOM = 1.5  #: width of the square that the mesh sees, by the longer side of the face
_SHARES = np.arange(256, dtype=np.float32) / np.float32(255.0)  #: 0…255 as 0…1
_EYE_CORNERS = (33, 263)  #: of the mesh: outer corners of the eye at the left and at the right of the picture


@dataclasses.dataclass(frozen=True)
class Region:
    """A turned square of a picture in which a face lies."""

    x: float  #: centre, pixels
    y: float
    side: float  #: pixels
    angle: float  #: radians by which the face is turned, clockwise

    def overlap(self, other: "Region") -> float:
        """Intersection by union of the two squares as if they were not turned: 0…1."""
        half, theirs = self.side / 2, other.side / 2
        across = min(self.x + half, other.x + theirs) - max(self.x - half, other.x - theirs)
        down = min(self.y + half, other.y + theirs) - max(self.y - half, other.y - theirs)
        shared = max(0.0, across) * max(0.0, down)
        return shared / (self.side**2 + other.side**2 - shared)

    def turned(self, radians: float) -> "Region":
        """The same square, looked at with the head turned."""
        return dataclasses.replace(self, angle=self.angle + radians)

    def close_to(self, other: "Region") -> bool:
        """Whether a mesh sees nearly the same in both: 5 % of the side, 10 degrees."""
        moved = max(abs(self.x - other.x), abs(self.y - other.y), abs(self.side - other.side) / 2)
        return moved < 0.05 * self.side and math.cos(self.angle - other.angle) > math.cos(math.radians(10))

    def covers(self, other: "Region") -> bool:
        """Whether the middle of another face lies in this one; two networks do not agree on a face's size."""
        reach = self.side / ROOM / 2
        return abs(other.x - self.x) < reach and abs(other.y - self.y) < reach


class FaceMesh:
    """Finds the 468 points of the face in a region."""

    def __init__(self):
        self._network = Network("face_landmark/face_landmark.tflite")

    def measure(self, rgb: np.ndarray, region: Region) -> tuple[np.ndarray, float]:
        """The points of a face, and how sure it is that there is one.

        Returns:
            (float32 [468, 2]: x and y in pixels of the picture; the log odds that this is a face, of this turn: 0 is
            even, 20 a clear face; some 20 less where it stands on its head).
        """
        import cv2

        matrix = _region_matrix(region)
        window = cut_window(rgb, matrix, _MESH_PX)
        points, logit = self._network.run(cv2.LUT(window, _SHARES))
        placed = _back(points.reshape(-1, 3)[:, :2], matrix)
        return placed.astype(np.float32), float(logit.ravel()[0])


def region_of_mesh(points: np.ndarray) -> Region:
    """The region in which the next frame's face is looked for.

    Args:
        points: float32 [468, 2].
    """
    low, high = points.min(0), points.max(0)
    across = points[_EYE_CORNERS[1]] - points[_EYE_CORNERS[0]]
    x, y = (low + high) / 2
    return Region(float(x), float(y), ROOM * float((high - low).max()), math.atan2(across[1], across[0]))


def cut_window(rgb: np.ndarray, matrix: np.ndarray, size_px: int) -> np.ndarray:
    """A quick cut for networks: averaging by a power of two, then one linear warp; beyond the picture its edge repeats.

    Args:
        matrix: float64 [2, 3], similarity from picture to window.
    Returns:
        uint8 [size_px, size_px, 3].
    """
    import cv2

    rgb, matrix = averaged(rgb, matrix, size_px, size_px)
    return cv2.warpAffine(rgb, matrix, (size_px, size_px), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def averaged(rgb: np.ndarray, matrix: np.ndarray, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """The part of a picture that a window shows, averaged by a power of two: what is left is less than half.

    Args:
        rgb: uint8 [height, width, 3].
        matrix: float64 [2, 3], similarity from picture to window.
        width, height: of the window, pixels.
    Returns:
        (uint8 [rows, columns, 3], the similarity from it to the window); both as given where that is so already.
    """
    import cv2

    step = 2 ** max(0, math.floor(-math.log2(math.hypot(matrix[0, 0], matrix[0, 1]))))
    if step == 1:
        return rgb, matrix
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
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
    """Points of a window, float [n, 2], in the picture from which the similarity `matrix` cut it."""
    return (points - matrix[:, 2]) @ matrix[:, :2] / (matrix[0, 0] ** 2 + matrix[0, 1] ** 2)


def sigmoid(logits: np.ndarray | float) -> np.ndarray:
    """1 / (1 + exp(-logits)), without overflow."""
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -80.0, 80.0)))


class Network:
    """A TFLite file, run by one thread.

    Args:
        file: path, or the name of one of the wheel's.
        side: of the pictures, in place of the file's; for networks that convolve only.
    """

    def __init__(self, file: str | Path, side: int = 0):
        import tensorflow as tf

        path = file if isinstance(file, Path) else _wheel() / "modules" / file
        with _quiet():
            self._interpreter = tf.lite.Interpreter(str(path), num_threads=1)
            self._input = self._interpreter.get_input_details()[0]["index"]
            if side:
                self._interpreter.resize_tensor_input(self._input, [1, side, side, 3])
            self._interpreter.allocate_tensors()
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]

    def run(self, picture: np.ndarray) -> list[np.ndarray]:
        """The outputs, without the batch, for a picture float32 [height, width, 3]."""
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
    """MediaPipe's folder; it is not imported."""
    found = importlib.util.find_spec("mediapipe")
    if found is None or found.origin is None:
        raise MediaError("MediaPipe is not installed: its wheel carries the networks that find faces; run make install")
    return Path(found.origin).parent


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
