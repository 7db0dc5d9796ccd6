"""Gives a generator that bends faces the displacements that a face mesh sees in full."""

import numpy as np

from vfgan.data.gan_material import GanMaterial
from vfgan.data.motion_examples import paired_faces
from vfgan.emotions import FACE_EMOTIONS
from vfgan.evaluation.subject import find_landmarks
from vfgan.face.pixels import from_pm1, pm1
from vfgan.models.calibration import seen_in_full
from vfgan.models.motion_gan import MotionGan
from vfgan.models.motion_generator import Motion

#: Faces that are bent and measured.
_FACES = 24


def calibrate(model: MotionGan, data: GanMaterial) -> None:
    """Tells a generator at the end of its training how far to bend faces: as far as real ones are seen to move.

    Of each emotion the mean displacement is measured again, enlarged until a mesh sees it in full
    (`vfgan.models.calibration`), and given to the mean voice (`vfgan.models.muscles.Muscles.calibrate`).
    """
    muscles = model.g.muscles
    muscles.measure(*data.mean_displacements())
    if data.config.motion.calibration_rounds:
        _enlarge(model.g, data)
    muscles.calibrate(data.attributes.z, data.attributes.emotion)


def _enlarge(generator, data: GanMaterial) -> None:
    """Enlarges displacements on neutral faces of the people in whom they were measured, one emotion after the other."""
    people = paired_faces(data.everyone)
    neutral = np.flatnonzero(people.emotion == FACE_EMOTIONS.index("neutral"))
    pixels = people.pixels[neutral[np.linspace(0, len(neutral) - 1, min(_FACES, len(neutral))).astype(int)]]
    before = find_landmarks(pixels)
    count = generator.muscles.settings["emotions"]
    basis = generator.muscles.basis.numpy().reshape(count, -1, 2)
    for index in range(count):

        def seen(moved: np.ndarray) -> np.ndarray:
            """The displacement that is measured in most of these faces."""
            measured = find_landmarks(_bent(generator, pixels, moved)) - before
            known = np.isfinite(measured).all(axis=(1, 2))
            return np.median(measured[known], axis=0) if known.any() else np.full(moved.shape, np.nan)

        if basis[index].any():
            basis[index] = seen_in_full(seen, basis[index], data.config.motion.calibration_rounds)
    generator.muscles.basis.assign(basis.reshape(count, -1))


def _bent(generator, pixels: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Faces bent by a displacement and painted: uint8 as `pixels`."""
    face = pm1(pixels)
    neutral = np.zeros((len(pixels), generator.settings["z_size"]), np.float32)
    found = generator.motion(face, neutral)
    made, _ = generator.drawn(face, Motion(found.landmarks, found.landmarks + moved.astype(np.float32)))
    return from_pm1(made)
