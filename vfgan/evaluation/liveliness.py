"""Does a face keep its movement? The authors of the method saw faces go stiff when the verification loss is strong."""

from collections.abc import Callable

import numpy as np

from vfgan.data.face_set import Faces
from vfgan.face.pixels import fade_mask

#: Faces of a clip that are looked at, at most.
_FACES = 16
#: And at least.
LEAST_FRAMES = 3


def liveliness(edit: Callable[[np.ndarray, np.ndarray], np.ndarray], faces: Faces, z: np.ndarray) -> float:
    """How far generated faces move along with the source: below 1 is stiff, above 1 exaggerated.

    The slope sum(dG dS) / sum(dS^2) of the differences dG, dS between successive frames, generated and source, where
    `vfgan.face.pixels.fade_mask` is 1. What trembles by itself moves it neither way.

    Args:
        edit: (uint8 [n, size, size, 1], z [n, z_size]) -> uint8 [n, size, size, 1].
        faces: of clips, with their times; clips of fewer than three faces are left out.
        z: float32 [voices, z_size]; each clip gets one of them for all its faces.
    Returns:
        Mean over clips; NaN where there is none, or none moves.
    """
    shares: list[float] = []
    for number, clip in enumerate(np.unique(faces.clip_id)):
        index = np.flatnonzero(faces.clip_id == clip)
        index = index[np.argsort(faces.time[index])][:_FACES]
        if len(index) < LEAST_FRAMES:
            continue
        before = faces.pixels[index]
        after = edit(before, np.repeat(z[number % len(z)][None], len(index), axis=0))
        inside = fade_mask(before.shape[1]) == 1
        source, generated = (np.diff(frames[:, inside].astype(np.float64), axis=0) for frames in (before, after))
        if source.any():
            shares.append(np.sum(source * generated) / np.sum(source**2))
    return float(np.mean(shares)) if shares else float("nan")
