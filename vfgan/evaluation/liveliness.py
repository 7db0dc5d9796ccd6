"""Does a face keep its movement? The authors of the method saw faces go stiff when the verification loss is strong."""

from collections.abc import Callable

import numpy as np

from vfgan.data.records import Faces
from vfgan.evaluation.flicker import Flicker

#: Faces of a clip that are looked at, at most.
_FACES = 16


def liveliness(change: Callable[[np.ndarray, np.ndarray], np.ndarray], faces: Faces, z: np.ndarray) -> float:
    """Movement from frame to frame of generated faces, as a share of the source's: below 1 is stiff.

    Args:
        change: (uint8 [n, size, size, 1], z [n, z_size]) -> uint8 [n, size, size, 1].
        faces: of clips, with their times; clips of fewer than three faces are left out.
        z: float32 [voices, z_size]; each clip gets one of them for all its faces.
    Returns:
        Mean over clips; NaN where there is none, or none moves.
    """
    shares = []
    for number, clip in enumerate(np.unique(faces.clip_id)):
        index = np.flatnonzero(faces.clip_id == clip)
        index = index[np.argsort(faces.time[index])][:_FACES]
        if len(index) < 3:
            continue
        before = faces.pixels[index]
        after = change(before, np.repeat(z[number % len(z)][None], len(index), axis=0))
        flicker = Flicker()
        for one, two in zip(before, after):
            flicker.add(one, two)
        if flicker.source > 0:
            shares.append(flicker.generated / flicker.source)
    return float(np.mean(shares)) if shares else float("nan")
