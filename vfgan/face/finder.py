"""Finds faces with detector and face mesh, and tracks them from frame to frame."""

from collections.abc import Sequence

import numpy as np

from vfgan.errors import NoFaceError
from vfgan.face.face import Face
from vfgan.face.networks import SAME_FACE, FaceDetector, FaceMesh, Region, check_opencv, region_of_mesh

#: Threshold of the detector. It is low, because the mesh then decides whether it is a face.
_LIKELY = 0.3
#: While faces are tracked, the detector looks for new ones once in this many frames.
_LOOK_EVERY = 12


class FaceFinder:
    """Finds faces, largest first.

    Use one instance for each video. With `tracking` it follows faces from frame to frame, which is quicker and steadier
    than detecting them in each frame. It still looks for new faces from time to time.
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
        """Forgets the tracked faces; the next frame may belong to another video."""
        self._followed: list[Region] = []
        self._since_look = 0

    def find(self, rgb: np.ndarray) -> list[Face]:
        """Finds all faces of a picture, largest first.

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
            # measure the mesh of a newly detected face twice: the second region fits better
            detected = [self._mesh_region(rgb, region) for region in unknown]
            found += self._measure(rgb, [region for region in detected if region], found)
        found = sorted(found, key=lambda face: -face.eye_distance)[: self._max_faces]
        self._followed = [region_of_mesh(face.landmarks) for face in found] if self._tracking else []
        return found

    def _mesh_region(self, rgb: np.ndarray, detected: Region) -> Region | None:
        points, confidence = self._mesh.measure(rgb, detected)
        return region_of_mesh(points) if confidence >= self._min_confidence else None

    def _measure(self, rgb: np.ndarray, regions: list[Region], known: Sequence[Face] = ()) -> list[Face]:
        """Finds the faces in some regions, without those that are known or were in an earlier region."""
        faces = []
        taken = [region_of_mesh(face.landmarks) for face in known]
        for region in regions:
            points, confidence = self._mesh.measure(rgb, region)
            place = region_of_mesh(points)
            if confidence >= self._min_confidence and all(place.overlap(other) < SAME_FACE for other in taken):
                faces.append(Face(points, confidence))
                taken.append(place)
        return faces


def find_face(finder: FaceFinder, rgb: np.ndarray, name: str) -> Face:
    """Finds the largest face of a picture.

    Args:
        name: name of the picture, for the message.
    Raises:
        NoFaceError: there is no face.
    """
    faces = finder.find(rgb)
    if not faces:
        raise NoFaceError(
            f"{name}: no face found in {rgb.shape[1]}x{rgb.shape[0]} pixels: expected a face that looks at the "
            "camera, upright, in good light, and at least 40 pixels wide"
        )
    return faces[0]
