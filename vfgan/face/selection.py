"""Which of several faces is meant: by size, by place, or by number. One rule for pictures, videos and data sets."""

import numpy as np

from vfgan.errors import ConfigError, NoFaceError
from vfgan.face.face import Face
from vfgan.face.networks import SAME_FACE, region_of_mesh

#: Words for the face that is meant; the other choices are numbers, 0 the largest.
CHOICES = ("largest", "central", "left", "right")
#: Numbers go up to this one less.
MAX_FACES = 100
#: A face is the one of before if their boxes share this much of what both cover.
_SAME_PERSON = 0.2
#: Ratio by which a face beats the one that was chosen before.
_CLEARLY = 1.3
_NAMED = {
    "largest": "the largest", "central": "the most central", "left": "the leftmost", "right": "the rightmost",
}  # fmt: skip


class WhichFace:
    """Chooses a face, and stays with it in a video.

    "left" and "right" are as the picture is shown. "largest" and "central" go over to another face where that is
    clearly larger or nearer the centre. "left", "right" and a number (0 is the largest face of the first picture, 1 the
    next, …) mean one person: while that one is not found, nobody is.

    Args:
        which: largest, central, left, right, or 0 to 99, also as a number.
    Raises:
        ConfigError: it is something else.
    """

    def __init__(self, which: str | int = "largest"):
        which = str(which)
        if which not in (*CHOICES, *map(str, range(MAX_FACES))):
            raise ConfigError(f"which: expected {', '.join(CHOICES)}, or 0 to {MAX_FACES - 1} (by size), got {which!r}")
        self.which, self._most = which, 0
        self._known: Face | None = None

    @property
    def named(self) -> str:
        """The choice in words, for notes.

        >>> WhichFace("left").named, WhichFace("2").named
        ('the leftmost', 'number 2 (0 is the largest)')
        """
        return _NAMED.get(self.which, f"number {self.which} (0 is the largest)")

    def first(self, faces: list[Face], shape: tuple[int, ...]) -> Face | None:
        """The face that is meant in a picture, or None where there are fewer.

        Args:
            faces: largest first.
            shape: of the picture: height, width, …
        """
        if not self.which.isdigit():
            return max(faces, key=lambda face: self._worth(face, shape), default=None)
        return faces[int(self.which)] if int(self.which) < len(faces) else None

    def _worth(self, face: Face, shape: tuple[int, ...]) -> float:
        """The larger, the rather this face is meant."""
        x, y = face.landmarks.mean(axis=0)
        if self.which in ("left", "right"):
            return float(x if self.which == "right" else -x)
        from_centre = float(np.hypot(x - shape[1] / 2, y - shape[0] / 2))
        return face.eye_distance if self.which == "largest" else 1.0 / (face.eye_distance + from_centre)

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
        if self.which in ("largest", "central"):
            return self._steady(faces, shape, before)
        chosen = self._same(faces)
        if chosen is None and len(faces) >= max(1, self._most):  # all are there: nobody is taken for another
            chosen = self.first(faces, shape)
        self._most = max(self._most, len(faces))
        self._known = chosen or self._known
        return chosen

    def _steady(self, faces: list[Face], shape: tuple[int, ...], before: Face | None) -> Face | None:
        """The face of most worth; the one of before stays unless another is worth clearly more."""
        last = region_of_mesh(before.landmarks) if before else None

        def worth(face: Face) -> float:
            same = last is not None and last.overlap(region_of_mesh(face.landmarks)) > SAME_FACE
            return self._worth(face, shape) * (_CLEARLY if same else 1.0)

        return max(faces, key=worth, default=None)

    def _same(self, faces: list[Face]) -> Face | None:
        """The face that is where the chosen one was last."""
        if self._known is None:
            return None
        last = region_of_mesh(self._known.landmarks)
        shared = [last.overlap(region_of_mesh(face.landmarks)) for face in faces]
        return faces[shared.index(max(shared))] if shared and max(shared) > _SAME_PERSON else None


def said_of_several(most: int, which: WhichFace) -> list[str]:
    """A note where there is more than one face.

    >>> said_of_several(5, WhichFace("left"))
    ['there are 5 faces: the leftmost is taken']
    """
    return [f"there are {most} faces: {which.named} is taken"] if most > 1 else []
