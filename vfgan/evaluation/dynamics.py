"""Does the mouth move with the sound?"""

import numpy as np

#: Below this the movement of a mouth between two frames is lost.
LEAST_FPS = 12.0


def mouth_sound_correlation(
    opening: np.ndarray, opening_times: np.ndarray, energy: np.ndarray, energy_times: np.ndarray
) -> float:
    """Pearson correlation of mouth opening and sound energy at the same moments.

    Args:
        opening: float [frames], NaN where there is none.
        opening_times: float [frames], seconds.
        energy: float [n], mean log mel energy.
        energy_times: float [n], seconds.
    Returns:
        -1…1; NaN where fewer than 8 moments are known or one of the two never moves.
    """
    known = np.isfinite(opening) & (opening_times >= energy_times[0]) & (opening_times <= energy_times[-1])
    if known.sum() < 8:
        return float("nan")
    sound = np.interp(opening_times[known], energy_times, energy)
    mouth = opening[known]
    if mouth.std() < 1e-6 or sound.std() < 1e-6:
        return float("nan")
    return float(np.corrcoef(mouth, sound)[0, 1])


def mouth_openings(finder, faces: np.ndarray) -> np.ndarray:
    """Mouth opening of face crops, by landmarks, in eye distances: float [faces], NaN where no face is found.

    Args:
        finder: `vfgan.media.faces.FaceFinder` without tracking.
        faces: uint8 [faces, size, size, 3].
    """
    found = [finder.find(face) for face in faces]
    return np.array([f[0].mouth_opening if f else np.nan for f in found])
