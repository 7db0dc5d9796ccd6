"""Which of several faces is meant: the largest, the one on the left, or a number."""

from typing import Literal

import numpy as np

from vfgan.errors import ConfigError, NoFaceError
from vfgan.face.face import Face
from vfgan.face.networks import SAME_FACE, region_of_mesh

#: Faces that are told apart in one picture (`vfgan.face.finder.FaceFinder`).
MAX_FACES = 10
#: A face is the one of before if their boxes share this much of what both cover.
_SAME_PERSON = 0.2
#: Ratio by which a face beats the one that was chosen before.
_CLEARLY = 1.3


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
        same = last is not None and last.overlap(region_of_mesh(face.landmarks)) > SAME_FACE
        return value * _CLEARLY if same else value

    return max(faces, key=worth)


class WhichFace:
    """Chooses a face, and stays with it in a video.

    "largest" goes over to another face where that is clearly larger. "left" and a number (0 is the largest face of the
    first picture, 1 the next, …) mean one person: while that one is not found, nobody is.

    Args:
        which: largest, left, or 0 to 9.
    Raises:
        ConfigError: it is something else.
    """

    def __init__(self, which: str = "largest"):
        if which not in ("largest", "left", *map(str, range(MAX_FACES))):
            raise ConfigError(f"which: expected largest, left, or 0 to {MAX_FACES - 1} (by size), got {which!r}")
        self.which, self._most = which, 0
        self._known: Face | None = None

    def first(self, faces: list[Face]) -> Face | None:
        """The face that is meant in a picture, or None where there are fewer.

        Args:
            faces: largest first.
        """
        if not faces:
            return None
        if self.which == "left":
            return min(faces, key=lambda face: float(face.landmarks[:, 0].mean()))
        number = 0 if self.which == "largest" else int(self.which)
        return faces[number] if number < len(faces) else None

    def missing(self, most: int, where: str) -> NoFaceError:
        """What is said where there is no such face.

        Args:
            most: faces that were found at once.
            where: the picture or the footage.
        """
        return NoFaceError(f"{where}: there is no face number {self.which} (0 is the largest), only {most} at a time")

    def next(self, faces: list[Face], shape: tuple[int, ...], before: Face | None) -> Face | None:
        """The face that is meant in the next frame of a video, or None.

        Args:
            faces: of the frame, largest first.
            shape: of the frame: height, width, …
            before: the one in the frame before, if there was one.
        """
        if self.which == "largest":
            return choose_face(faces, shape, before=before) if faces else None
        chosen = self._same(faces)
        if chosen is None and len(faces) >= max(1, self._most):  # all are there: nobody is taken for another
            chosen = self.first(faces)
        self._most = max(self._most, len(faces))
        self._known = chosen or self._known
        return chosen

    def _same(self, faces: list[Face]) -> Face | None:
        """The face that is where the chosen one was last."""
        if self._known is None:
            return None
        last = region_of_mesh(self._known.landmarks)
        shared = [last.overlap(region_of_mesh(face.landmarks)) for face in faces]
        return faces[shared.index(max(shared))] if shared and max(shared) > _SAME_PERSON else None
