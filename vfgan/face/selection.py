"""Chooses one of several faces: the largest, the left one, or a number."""

from typing import Literal

import numpy as np

from vfgan.errors import ConfigError, NoFaceError
from vfgan.face.face import Face
from vfgan.face.networks import SAME_FACE, region_of_mesh

#: Most faces found in one picture (`vfgan.face.finder.FaceFinder`).
MAX_FACES = 10
#: Two faces in successive frames are the same person if their boxes overlap by this (intersection over union).
_SAME_PERSON = 0.2
#: Factor by which another face must exceed the one chosen before.
_CLEARLY = 1.3


def choose_face(
    faces: list[Face],
    shape: tuple[int, ...],
    prefer: Literal["largest", "central"] = "largest",
    before: Face | None = None,
) -> Face:
    """Chooses one of several faces.

    Args:
        faces: at least one face.
        shape: shape of the picture: height, width, …
        before: face chosen in the frame before. It is kept unless another is clearly larger or nearer the centre, by
            the factor `_CLEARLY`.
    """
    if len(faces) == 1:
        return faces[0]
    centre = np.array([shape[1], shape[0]]) / 2
    last = region_of_mesh(before.landmarks) if before else None

    def worth(face: Face) -> float:
        from_centre = float(np.linalg.norm(face.landmarks.mean(axis=0) - centre))
        value = face.eye_distance if prefer == "largest" else 1.0 / (face.eye_distance + from_centre)
        same = last is not None and last.overlap(region_of_mesh(face.landmarks)) > SAME_FACE
        return value * _CLEARLY if same else value

    return max(faces, key=worth)


class WhichFace:
    """Chooses a face and stays with it in a video.

    "largest" changes to another face if that is clearly larger. "left" and a number stay with one person: while that
    person is not found, no face is chosen. Numbers go by size in the first picture; 0 is the largest.

    Args:
        which: largest, left, or 0 to 9.
    Raises:
        ConfigError: `which` is something else.
    """

    def __init__(self, which: str = "largest"):
        if which not in ("largest", "left", *map(str, range(MAX_FACES))):
            raise ConfigError(f"which: expected largest, left, or 0 to {MAX_FACES - 1} (by size), got {which!r}")
        self.which = which
        self._known: Face | None = None
        self._most = 0

    def first(self, faces: list[Face]) -> Face | None:
        """Chooses the face in a first picture; None if there are too few.

        Args:
            faces: faces of the picture, largest first.
        """
        if not faces:
            return None
        if self.which == "left":
            return min(faces, key=lambda face: float(face.landmarks[:, 0].mean()))
        number = 0 if self.which == "largest" else int(self.which)
        return faces[number] if number < len(faces) else None

    def missing(self, most: int, where: str) -> NoFaceError:
        """The error for a face that does not exist.

        Args:
            most: most faces found in one frame.
            where: name of the picture or the footage.
        """
        return NoFaceError(f"{where}: there is no face number {self.which} (0 is the largest), only {most} at a time")

    def next(self, faces: list[Face], shape: tuple[int, ...], before: Face | None) -> Face | None:
        """Chooses the face in the next frame of a video, or None.

        Args:
            faces: faces of the frame, largest first.
            shape: shape of the frame: height, width, …
            before: face chosen in the frame before, if any.
        """
        if self.which == "largest":
            return choose_face(faces, shape, before=before) if faces else None
        chosen = self._same(faces)
        if chosen is None and len(faces) >= max(1, self._most):  # everybody is visible, so the choice is safe
            chosen = self.first(faces)
        self._most = max(self._most, len(faces))
        if chosen is not None:
            self._known = chosen
        return chosen

    def _same(self, faces: list[Face]) -> Face | None:
        """The face at the last place of the chosen one, or None."""
        if self._known is None:
            return None
        last = region_of_mesh(self._known.landmarks)
        shared = [last.overlap(region_of_mesh(face.landmarks)) for face in faces]
        return faces[shared.index(max(shared))] if shared and max(shared) > _SAME_PERSON else None
