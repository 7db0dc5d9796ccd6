"""The face of a picture that is meant, how well it can be read, and what is said about both."""

import dataclasses

import numpy as np

from vfgan.face.face import Face
from vfgan.face.finder import FaceFinder, no_face
from vfgan.face.readability import Readability, Reader
from vfgan.face.selection import WhichFace, said_of_several


@dataclasses.dataclass(frozen=True)
class ChosenFace:
    """One of a picture's faces."""

    face: Face
    reading: Readability
    faces: int  #: in the picture
    notes: list[str]  #: for a person: how many faces, and what makes this one hard to read


def choose_in_picture(rgb: np.ndarray, name: str, which: str = "largest") -> ChosenFace:
    """Finds the face that is meant.

    Args:
        rgb: uint8 [height, width, 3].
        name: of the picture, for errors.
        which: which face, where there are several (`vfgan.face.selection.WhichFace`).
    Raises:
        ConfigError: which is no choice.
        NoFaceError: there is no face, or not that one.
    """
    choice = WhichFace(which)
    with FaceFinder() as finder:
        faces = finder.find(rgb)
    if not faces:
        raise no_face(rgb, name)
    face = choice.first(faces, rgb.shape)
    if face is None:
        raise choice.missing(len(faces), name)
    reading = Reader().read(rgb, face)
    return ChosenFace(face, reading, len(faces), said_of_several(len(faces), choice) + reading.note())
