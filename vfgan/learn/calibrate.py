"""What a generator that bends faces is told at the end of its training: how far, and how they are shaded then."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from vfgan.data.emotion_effects import effect_errors, effect_weights, evenly_chosen
from vfgan.data.face_set import Faces
from vfgan.data.gan_material import GanMaterial
from vfgan.data.motion_examples import mirrored_mean, moving_share, paired_faces, ways_to_rest
from vfgan.emotions import FACE_EMOTIONS
from vfgan.evaluation.subject import find_landmarks
from vfgan.face.crop import CROP_HEIGHT, going_on_below
from vfgan.face.mirror import mirror_order, mirrored
from vfgan.face.pixels import from_pm1, pm1
from vfgan.learn.emphasis import emphasise, upper
from vfgan.models.calibration import seen_in_full
from vfgan.models.motion_gan import MotionGan
from vfgan.models.motion_generator import Motion
from vfgan.models.shading import OUTLINE, SIZE, folds

#: Faces that are bent and measured, and textures that are read at once.
_FACES, _TEXTURES = 24, 16
#: So far from the outline of the face displacements are enlarged in full, crop sides.
_OUTER = 0.06
#: Faces are laid on a shape so far from rest to surprised: lips and lids are open, so nothing is squeezed there.
_OPEN = 0.6
_NEUTRAL, _HAPPY, _SURPRISED = (FACE_EMOTIONS.index(name) for name in ("neutral", "happy", "surprised"))


def calibrate(model: MotionGan, data: GanMaterial) -> None:
    """Tells a generator at the end of its training how far to bend faces, and how to shade them: as real ones are seen.

    Of each emotion the mean displacement is measured again, enlarged until a mesh sees it in full
    (`vfgan.models.calibration`), and given to the mean voice (`vfgan.models.muscles.Muscles.calibrate`). So is the
    shading of real faces (`vfgan.models.shading`), and how smiles go back to rest.
    """
    muscles, motion = model.g.muscles, data.config.motion
    wanted = data.emotion_displacements()
    model.g.measure_motion(wanted)
    if motion.calibration_rounds:
        _enlarge(model.g, data)
    pairs = paired_faces(data.everyone)
    if (pairs.emotion == _HAPPY).any():
        model.g.measure_rest(*ways_to_rest(pairs))
    faces = evenly_chosen(data.everyone)
    measured = _changes(model.g, faces, wanted) if model.g.shading else ()
    if motion.emphasis:  # after the shading: real faces move as measured
        emphasise(muscles, np.asarray(faces.landmarks), motion.emphasis)
    scale = muscles.calibrate(data.attributes.z, data.attributes.emotion)
    if measured:
        changes, errors = (motion.shading * scale[:, None, None] * pictures for pictures in measured)
        model.g.shading.measure(changes, errors, one_person=len(np.unique(data.everyone.person)) == 1)


def _enlarge(generator, data: GanMaterial) -> None:
    """Enlarges displacements on neutral faces of the people in whom they were measured, one emotion after the other."""
    people = paired_faces(data.everyone)
    neutral = np.flatnonzero(people.emotion == _NEUTRAL)
    pixels = people.pixels[neutral[np.linspace(0, len(neutral) - 1, min(_FACES, len(neutral))).astype(int)]]
    faces = going_on_below(pixels, CROP_HEIGHT)
    before, bent = find_landmarks(faces), _bending(generator, pixels, faces)
    landmarks = np.asarray(people.landmarks)
    order, share, inner = mirror_order(landmarks), moving_share(landmarks)[:, None], _inner(landmarks)[:, None]
    count = generator.muscles.settings["emotions"]
    basis = generator.muscles.basis.numpy().reshape(count, -1, 2)
    for index in range(count):

        def seen(moved: np.ndarray) -> np.ndarray:
            """The displacement that is measured in most of these faces, the same on the left as on the right."""
            measured = find_landmarks(bent(moved)) - before
            known = np.isfinite(measured).all(axis=(1, 2))
            if not known.any():
                return np.full(moved.shape, np.nan)
            return mirrored_mean(np.median(measured[known], axis=0), order)

        if basis[index].any():
            enlarged = seen_in_full(seen, basis[index], data.config.motion.calibration_rounds)
            basis[index] += inner * (share * enlarged - basis[index])
    generator.muscles.basis.assign(basis.reshape(count, -1))


def _inner(landmarks: np.ndarray) -> np.ndarray:
    """How much of the enlargement landmarks get: 0 at the outline of the face, whose place a mesh infers: a jaw would
    swell; 1 from `_OUTER` on.

    Args:
        landmarks: float [faces, 468, 2], crop sides.
    Returns:
        float [468].
    """
    rest = landmarks.mean(axis=0)
    far = np.sqrt(np.square(rest[:, None] - rest[list(OUTLINE)]).sum(axis=2)).min(axis=1)
    far = np.clip(far / _OUTER, 0.0, 1.0)
    return far * far * (3.0 - 2.0 * far)


def _bending(generator, pixels: np.ndarray, faces: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """What bends some faces by a displacement and paints them.

    Args:
        pixels: uint8 [n, size, size, channels], crops.
        faces: uint8 [n, higher, size, channels], the crops and what goes on below them.
    Returns:
        float [468, 2], crop sides -> uint8 of the faces' shape.
    """
    neutral = np.zeros((len(pixels), generator.settings["z_size"]), np.float32)
    landmarks, unbent = generator.motion(pm1(pixels), neutral).landmarks, tf.constant(pm1(faces))

    @tf.function(autograph=False)
    def drawn(moved):
        return generator.drawn(unbent, Motion(landmarks, landmarks + moved))[0]

    return lambda moved: from_pm1(drawn(tf.constant(moved, tf.float32)))


def _changes(generator, faces: Faces, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What emotions change in faces that are laid upon each other, logits of luma, and its folds' standard errors.

    Brows and lids move further than a mesh sees, lips do not; so those of real faces are looked for further along, too.

    Args:
        faces: whose landmarks are known.
        seen: float [emotions, 468, 2], how far landmarks are seen to move; the generator moves them further.
    Returns:
        float [emotions, SIZE, SIZE] each.
    """
    landmarks = np.asarray(faces.landmarks, np.float32)
    rest = landmarks[faces.emotion == _NEUTRAL].mean(axis=0)
    rest = 0.5 * (rest + mirrored(rest, mirror_order(landmarks)))
    unseen = upper(rest) * (generator.muscles.basis.numpy().reshape(seen.shape) - seen)
    neutral_first = np.concatenate([np.zeros_like(unseen[:1]), unseen]).astype(np.float32)
    there = landmarks + neutral_first[faces.emotion]
    generator.shading.places.assign(rest + _OPEN * seen[_SURPRISED - 1])
    weights = effect_weights(faces.emotion, faces.corpus, faces.person)
    textures = np.zeros((len(faces), SIZE, SIZE), np.float32)
    texture = tf.function(generator.shading.texture, autograph=False, reduce_retracing=True)
    for start in range(0, len(faces), _TEXTURES):
        part = slice(start, start + _TEXTURES)
        textures[part] = texture(tf.constant(pm1(faces.pixels[part])), tf.constant(there[part]))
    changes = np.tensordot(weights, textures, axes=1)
    for start in range(0, len(faces), _TEXTURES):
        textures[start : start + _TEXTURES] = folds(textures[start : start + _TEXTURES])
    flat = textures.reshape(len(faces), -1)
    errors = effect_errors(weights, flat, faces.emotion, faces.corpus, faces.person)
    return changes, errors.reshape(changes.shape)
