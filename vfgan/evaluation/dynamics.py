"""Does the mouth move with the sound?"""

import dataclasses
import itertools
from collections.abc import Callable, Iterable

import numpy as np

#: Below this the movement of a mouth between two frames is lost. Films of 23.976 and 24 frames/s are left out by it.
LEAST_FPS = 25.0
_LEAST_FACES = 9


@dataclasses.dataclass(frozen=True)
class Dynamics:
    """Correlations of mouth opening and sound energy, means over clips."""

    rows: dict[str, float]  #: what was measured -> -1…1
    intervals: dict[str, tuple[float, float]]  #: the same, and clip by clip "generated - shuffled voice" -> where the
    #: mean is with 95 % (bootstrap over clips)
    absent: str  #: why there is none; empty where there is


def measure_dynamics(
    drive: Callable[[dict, np.ndarray], np.ndarray], records: Iterable[dict], finder, clips: int
) -> Dynamics:
    """Still faces driven by their clips' voices, beside the real faces and the voices of all other clips.

    Args:
        drive: (record, face uint8 [size, size, 3]) -> the face at each of its `face_times`, uint8 [faces, …].
        records: clips as data sets hold them (`vfgan.data.schema`).
        finder: `vfgan.face.finder.FaceFinder` with tracking.
        clips: so many of those that can be used are, the first ones.
    """
    seen = {"clips": 0, "talking": 0, "fps": 0.0}
    found: dict[str, list[float]] = {"generated": [], "real faces": [], "shuffled voice": []}
    mouths, sounds = [], []
    for record in itertools.islice(_usable(records, seen), clips):
        times, sound = record["face_times"], (record["mfsc"][..., 0].mean(axis=1), record["mfsc_times"])
        opening = mouth_openings(finder, drive(record, _decoded(record["faces"][0])))
        found["generated"].append(mouth_sound_correlation(opening, times, *sound))
        found["real faces"].append(mouth_sound_correlation(record["mouth_opening"], times, *sound))
        mouths.append((opening, times))
        sounds.append(sound)
    for clip, mouth in enumerate(mouths):
        others = [mouth_sound_correlation(*mouth, *sound) for other, sound in enumerate(sounds) if other != clip]
        found["shuffled voice"].append(_mean_of_known(others))
    known = {row: np.array(values)[np.isfinite(values)] for row, values in found.items()}
    rows = {row: float(values.mean()) for row, values in known.items() if len(values)}
    advantage = np.subtract(found["generated"], found["shuffled voice"])
    known["generated - shuffled voice"] = advantage[np.isfinite(advantage)]
    intervals = {row: mean_interval(values) for row, values in known.items() if len(values) > 1}
    return Dynamics(rows, intervals, "" if rows else _why(seen, used=bool(mouths)))


def measure_kept_mouth(
    edit: Callable[[int, np.ndarray], np.ndarray], records: Iterable[dict], finder, clips: int
) -> float:
    """Does driven footage keep its own mouth? Correlation of the source's opening and the output's, mean over clips.

    Args:
        edit: (number of the clip, its faces uint8 [faces, size, size, 3]) -> uint8 [faces, size, size, 3], with a
            voice that is not the clip's.
        records, finder, clips: as above; clips need no sound.
    Returns:
        -1…1; NaN where there is no footage of enough faces a second, or nothing moves.
    """
    found, number = [], 0
    for record in records:
        if number == clips:
            break
        times, opening = record["face_times"], record["mouth_opening"]
        if len(times) < _LEAST_FACES or 1.0 / float(np.median(np.diff(times))) < 0.99 * LEAST_FPS:
            continue
        known = np.isfinite(opening)
        if known.any():
            made = mouth_openings(finder, edit(number, np.stack([_decoded(face) for face in record["faces"]])))
            found.append(mouth_sound_correlation(made, times, opening[known], times[known]))
            number += 1
    return _mean_of_known(found)


def _usable(records: Iterable[dict], seen: dict) -> Iterable[dict]:
    """Clips with sound, and with faces at a rate that shows a mouth's movement; counts what it sees."""
    for record in records:
        seen["clips"] += 1
        if not len(record["mfsc"]) or len(record["faces"]) < _LEAST_FACES:
            continue
        seen["talking"] += 1
        fps = 1.0 / float(np.median(np.diff(record["face_times"])))
        seen["fps"] = max(seen["fps"], fps)
        if fps >= 0.99 * LEAST_FPS:
            yield record


def _why(seen: dict, *, used: bool) -> str:
    if used:
        return "no face was found, or nothing moves, in the clips that have sound and enough frames"
    if not seen["talking"]:
        return f"none of {seen['clips']} test clips has both a voice and {_LEAST_FACES} faces"
    return (
        f"the faces of the test clips come at most {seen['fps']:.1f} times a second, expected {LEAST_FPS:g}: build the "
        "data set with --face-fps 0, from footage of as many frames"
    )


def _mean_of_known(values: list[float]) -> float:
    """NaN where none is known."""
    known = np.array(values)[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _decoded(encoded: bytes) -> np.ndarray:
    """uint8 [size, size, 3] RGB."""
    import cv2

    return cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """Where the mean of two values or more lies with 95 %: percentiles of its bootstrap (Efron, 1979), seeded."""
    from scipy.stats import bootstrap

    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    interval = bootstrap((values,), np.mean, method="percentile", random_state=0).confidence_interval
    return float(interval.low), float(interval.high)


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
    """Mouth opening of a clip's face crops, by landmarks, in eye distances: float [faces], NaN where no face is found.

    Args:
        finder: `vfgan.face.finder.FaceFinder` with tracking; what it followed before is forgotten.
        faces: uint8 [faces, size, size, 3], one after the other.
    """
    finder.close()
    found = [finder.find(face) for face in faces]
    return np.array([f[0].mouth_opening if f else np.nan for f in found])
