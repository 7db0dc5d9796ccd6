"""What posed faces hardly show of fear, sadness and disgust is moved further than it was measured."""

import numpy as np

from vfgan.emotions import FACE_EMOTIONS

#: Of the face mesh, corners of the eyes. Down to so many crop sides below them a mesh does not see all that moves.
_EYES, _BELOW = (33, 133, 362, 263), 0.06
#: Brows begin so many crop sides above these corners, and are brows altogether from there on.
_BROWS = (0.035, 0.075)
#: A jaw begins so many crop sides below these corners, and follows altogether from there on.
_JAW = (0.06, 0.14)
#: Of the face mesh: upper lip and wings of the nose, how far around them skin follows, crop sides, and the lips' line.
_SNARL, _AROUND, _LINE = (0, 37, 267, 39, 269, 98, 327, 64, 294), 0.04, (13, 14)
#: With a share of 1 fear's mouth opens so much of the way to surprise's but stays as wide, and disgust raises nose and
#: upper lip so far, crop sides.
_DROPPED, _RAISED = 0.35, 0.025
_SAD, _FEARFUL, _DISGUST, _SURPRISED = (
    FACE_EMOTIONS.index(name) - 1 for name in ("sad", "fearful", "disgust", "surprised")
)


def emphasise(muscles, landmarks: np.ndarray, share: float) -> None:
    """Moves fear, sadness and disgust further than people who pose for a camera do.

    By action units (Ekman & Friesen, Facial Action Coding System, 1978): sadness raises the inner ends of the brows as
    fear does (1). Fear opens the eyes (5) and drops the jaw as surprise does (26): else its teeth are taken for a grin.
    Disgust raises nose and upper lip (9, 10). An emotion that was not measured stays as it is.

    Args:
        muscles: `vfgan.models.muscles.Muscles`; its displacements are changed.
        landmarks: float [faces, 468, 2], crop sides.
        share: of fear's brows and lids so much is added to fear, and of its brows twice as much to sadness; jaw, nose
            and lip move by it times `_DROPPED` and `_RAISED`. 0 changes nothing.
    """
    rest = landmarks.mean(axis=0)
    basis = muscles.basis.numpy().reshape(-1, *rest.shape)
    fear, surprise = basis[_FEARFUL].copy(), basis[_SURPRISED]
    below = rest[:, 1] - rest[list(_EYES), 1].mean()
    if basis[_SAD].any():
        basis[_SAD] += 2.0 * share * _from_to(-below, *_BROWS) * fear
    if fear.any():
        basis[_FEARFUL] += share * upper(rest) * fear
    if fear.any() and surprise.any():
        basis[_FEARFUL, :, 1:] += _DROPPED * share * _from_to(below, *_JAW) * (surprise - fear)[:, 1:]
    if basis[_DISGUST].any():
        far = np.sqrt(np.square(rest[:, None] - rest[list(_SNARL)]).sum(axis=2)).min(axis=1)
        follows = np.exp(-0.5 * np.square(far / _AROUND)) * (rest[:, 1] < rest[list(_LINE), 1].mean())
        basis[_DISGUST, :, 1] -= _RAISED * share * follows
    muscles.measure(basis)


def upper(rest: np.ndarray) -> np.ndarray:
    """1 at eyes and brows, 0 from a little below them on: float [468, 1]; rest: float [468, 2], crop sides."""
    return 1.0 - _from_to(rest[:, 1] - rest[list(_EYES), 1].mean(), 0.0, _BELOW)


def _from_to(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """0 up to the start, 1 from the end on: float [468, 1]."""
    return np.clip((values - start) / (end - start), 0.0, 1.0)[:, None]
