"""One face several times: over the intensity dial, and with several voices."""

from collections.abc import Mapping

import numpy as np

from vfgan.face.crop import crop_face, crop_matrix
from vfgan.face.face import Face
from vfgan.face.finder import FaceFinder, find_face
from vfgan.face.readability import Readability
from vfgan.generate.voice_face import VoiceFace

#: The dial's marks in a strip.
INTENSITIES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
_LEAST_PX = 128


def strip_crop(model: VoiceFace, rgb: np.ndarray, name: str, face: Face | None = None) -> np.ndarray:
    """The aligned crop that a strip repeats: uint8 [size * crop_height, size, 3], at least 128 px wide.

    Args:
        rgb: uint8 [height, width, 3].
        name: of the picture, for errors.
        face: the one that is meant; None: the largest.
    Raises:
        NoFaceError: there is none.
    """
    if face is None:
        with FaceFinder() as finder:
            face = find_face(finder, rgb, name)
    return crop_face(rgb, face, model.crop, max(_LEAST_PX, model.crop_size(face)), model.crop_height)


def rows_shown(model: VoiceFace, rgb: np.ndarray, face: Face, crop: np.ndarray) -> int:
    """How many rows of a crop the picture has; further down its edge repeats, which is not to be shown.

    Args:
        crop: from `strip_crop`.
    """
    height, size = crop.shape[:2]
    bottom = crop_matrix(face, model.crop, size) @ np.array([0.5 * rgb.shape[1], rgb.shape[0], 1.0])
    return int(np.clip(round(bottom[1]), min(size, height), height))


def over_intensity(
    model: VoiceFace, crop: np.ndarray, z: np.ndarray, reading: Readability | None = None
) -> list[np.ndarray]:
    """The crop with a voice at each of `INTENSITIES`.

    Args:
        crop: from `strip_crop`.
        z: float32 [z_size].
        reading: of the face: what is covered is left alone.
    """
    before, faces, shown = model.intensity, [], crop if reading is None else reading.shown(crop)
    try:
        for intensity in INTENSITIES:
            model.intensity = intensity
            faces.append(model.edit(shown[None], z[None])[0])
    finally:
        model.intensity = before
    return _left_alone(crop, faces, reading)


def over_voices(
    model: VoiceFace, crop: np.ndarray, voices: Mapping[str, np.ndarray], reading: Readability | None = None
) -> list[np.ndarray]:
    """The crop with each of several voices.

    Args:
        crop: from `strip_crop`.
        voices: name -> z, float32 [z_size].
        reading: of the face: what is covered is left alone.
    """
    shown = crop if reading is None else reading.shown(crop)
    faces = list(model.edit(np.repeat(shown[None], len(voices), axis=0), np.stack(list(voices.values()))))
    return _left_alone(crop, faces, reading)


def _left_alone(crop: np.ndarray, faces: list[np.ndarray], reading: Readability | None) -> list[np.ndarray]:
    return faces if reading is None else [reading.without_spoilt(crop, face) for face in faces]
