"""Faces in pictures: finding them, measuring them, and the one crop geometry (eyes level, same place, same scale).

Landmarks are those of MediaPipe's 468-point face mesh.
"""

import dataclasses
import functools
import math
from typing import Literal

import numpy as np

from vfgan.colour import luma_uint8
from vfgan.config.data import CropConfig
from vfgan.errors import NoFaceError
from vfgan.media.face_networks import FaceDetector, FaceMesh, Region, averaged, check_opencv, region_of_mesh
from vfgan.media.head_pose import head_pose_degrees
from vfgan.oval import fade_mask

# indices of the face mesh
_RIGHT_EYE_CORNERS, _LEFT_EYE_CORNERS = (33, 133), (263, 362)  # the person's right eye is left in the picture
_RIGHT_EYE_LIDS, _LEFT_EYE_LIDS = (159, 145), (386, 374)
_INNER_LIPS, _SUBNASALE = (13, 14), 2
#: Eye line to nose base in eye distances where a face looks straight ahead: a turned head has a larger ratio.
_NOSE_RATIO = 0.80
#: The detector's own threshold: the mesh then says whether it is a face.
_LIKELY = 0.3
#: While faces are followed, new ones are looked for once in so many pictures.
_LOOK_EVERY = 12
#: Regions that overlap more than this are one face.
_SAME = 0.4
#: Ratio by which a face beats the one that was chosen before.
_CLEARLY = 1.3


@dataclasses.dataclass(frozen=True)
class Face:
    """One face in a picture."""

    landmarks: np.ndarray  #: float32 [468, 2], (x, y) in pixels of the picture
    confidence: float = 1.0  #: probability that this is a face, 0…1, of the network that placed the landmarks

    @functools.cached_property
    def eye_centres(self) -> np.ndarray:
        """float32 [2, 2]: (x, y) of the eye at the left and of the eye at the right of the picture."""
        points = self.landmarks
        return np.stack([points[list(_RIGHT_EYE_CORNERS)].mean(0), points[list(_LEFT_EYE_CORNERS)].mean(0)])

    @functools.cached_property
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
    def head_pose(self) -> np.ndarray:
        """float64 [3]: yaw, pitch and roll in degrees; see `vfgan.media.head_pose`."""
        return head_pose_degrees(self.landmarks)

    def share_inside(self, height: int, width: int) -> float:
        """Share of the landmarks that lie in a picture of this size, 0…1: below 1 where its edge cuts the face."""
        return float(((self.landmarks >= 0) & (self.landmarks <= (width, height))).all(axis=1).mean())

    @property
    def box(self) -> np.ndarray:
        """float32 [4]: left, top, right, bottom of the landmarks in pixels."""
        return np.concatenate([self.landmarks.min(0), self.landmarks.max(0)])


class FaceFinder:
    """Finds faces, largest first.

    One instance a video: with `tracking` it follows faces from picture to picture, which is quicker and steadier than
    looking for them anew in each, and looks for more of them now and then.
    """

    def __init__(self, *, tracking: bool = False, max_faces: int = 3, min_confidence: float = 0.5):
        check_opencv()
        self._tracking, self._max_faces, self._min_confidence = tracking, max_faces, min_confidence
        self._detector, self._mesh = FaceDetector(), FaceMesh()
        self.close()

    def __enter__(self) -> "FaceFinder":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Forgets the faces that it followed; the next picture may be another video's first."""
        self._followed, self._since_look = [], 0

    def find(self, rgb: np.ndarray) -> list[Face]:
        """All faces of a picture, largest first.

        Args:
            rgb: uint8 [height, width, 3].
        """
        found = self._measure(rgb, self._followed)
        self._since_look += 1
        if not found or self._since_look >= _LOOK_EVERY:
            self._since_look = 0
            places = [region_of_mesh(face.landmarks) for face in found]
            likely = self._detector.find(rgb, _LIKELY)
            unknown = [region for region in likely if not any(place.covers(region) for place in places)]
            # where a face was only detected, its mesh is measured twice: the second region fits better
            detected = [self._mesh_region(rgb, region) for region in unknown]
            found += self._measure(rgb, [region for region in detected if region], found)
        found = sorted(found, key=lambda face: -face.eye_distance)[: self._max_faces]
        self._followed = [region_of_mesh(face.landmarks) for face in found] if self._tracking else []
        return found

    def _mesh_region(self, rgb: np.ndarray, detected: Region) -> Region | None:
        points, confidence = self._mesh.measure(rgb, detected)
        return region_of_mesh(points) if confidence >= self._min_confidence else None

    def _measure(self, rgb: np.ndarray, regions: list[Region], known: list[Face] = ()) -> list[Face]:
        """The faces in some regions, without those that are known or were in an earlier region."""
        faces, taken = [], [region_of_mesh(face.landmarks) for face in known]
        for region in regions:
            points, confidence = self._mesh.measure(rgb, region)
            place = region_of_mesh(points)
            if confidence >= self._min_confidence and all(place.overlap(other) < _SAME for other in taken):
                faces.append(Face(points, confidence))
                taken.append(place)
        return faces


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


def choose_face(
    faces: list[Face],
    shape: tuple[int, ...],
    prefer: Literal["largest", "central"] = "largest",
    before: Face | None = None,
) -> Face:
    """The face that is meant where there are several.

    Args:
        faces: at least one.
        shape: of the picture: height, width, …
        before: the one chosen in the frame before: it stays unless another is `_CLEARLY` larger, or nearer the centre.
    """
    if len(faces) == 1:
        return faces[0]
    centre = np.array([shape[1], shape[0]]) / 2
    last = region_of_mesh(before.landmarks) if before else None

    def worth(face: Face) -> float:
        from_centre = float(np.linalg.norm(face.landmarks.mean(axis=0) - centre))
        value = face.eye_distance if prefer == "largest" else 1.0 / (face.eye_distance + from_centre)
        same = last is not None and last.overlap(region_of_mesh(face.landmarks)) > _SAME
        return value * _CLEARLY if same else value

    return max(faces, key=worth)


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

    What shrinks is averaged, by a power of two first and then by sampling finer than the crop.

    Returns:
        uint8 [size_px, size_px, 3].
    """
    import cv2

    rgb, matrix = averaged(rgb, matrix, size_px)
    factor = 2 if math.hypot(matrix[0, 0], matrix[0, 1]) < 0.75 else 1
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
    corners = np.array([[0, size, 0, size], [0, 0, size, size]]) - matrix[:, 2:]
    in_picture = np.linalg.solve(matrix[:, :2], corners)  # [x and y, corners]
    limits = np.array([[rgb.shape[1]], [rgb.shape[0]]])
    left, top = np.clip(np.floor(in_picture.min(1, keepdims=True)) - 1, 0, limits).astype(int)[:, 0]
    right, bottom = np.clip(np.ceil(in_picture.max(1, keepdims=True)) + 1, 0, limits).astype(int)[:, 0]
    result = rgb.copy()
    if left < right and top < bottom:  # only there: a face is a small part of most pictures
        here = np.hstack([matrix[:, :2], matrix[:, :2] @ [[left], [top]] + matrix[:, 2:]])
        carried = cv2.warpAffine(
            change, here, (int(right - left), int(bottom - top)),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_CONSTANT,
        )  # fmt: skip
        part = result[top:bottom, left:right]
        part[:] = np.clip(np.rint(part + carried), 0, 255)
    return result


def sharpness(rgb: np.ndarray) -> float:
    """Variance of the Laplacian of a crop's luma (0…255) at the crop's own size: some 20 blurred, hundreds sharp.

    It grows with contrast and, as noise does, with the size of the source; a small face that was enlarged is not sharp.

    Args:
        rgb: uint8 [size, size, 3].
    """
    import cv2

    return float(cv2.Laplacian(luma_uint8(rgb)[:, :, 0], cv2.CV_32F, ksize=1).var())
