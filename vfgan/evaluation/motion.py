"""Does a face move as faces move, and how much is painted on it? By landmarks, beside real people.

column      what it says
motion      displacement of the output's landmarks from the source's, projected on the mean displacement of real people
            with that emotion: 1 is as far as they move
direction   cosine of the two mean displacements
strong      how many times as far strong voices move a face as normal ones, along what both together do
paint       what is left of the change after the source is bent to the output's landmarks, as a share of the same in
            real pairs
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from vfgan.data.face_set import Faces
from vfgan.emotions import FACE_EMOTIONS
from vfgan.evaluation.measure import PredictedVoices
from vfgan.face.flow import flow_of_landmarks
from vfgan.face.pixels import fade_mask

_NORMAL, _STRONG = 1, 2  #: intensities of voices
_NEUTRAL = FACE_EMOTIONS.index("neutral")
#: Real pairs of an emotion whose paint is measured, at most.
_MOST_PAIRS = 30


@dataclasses.dataclass(frozen=True)
class RealPairs:
    """How real people move: of one person a neutral face, and one with an emotion."""

    faces: Faces
    neutral: np.ndarray  #: int [pairs], index of a neutral face
    shown: np.ndarray  #: int [pairs], index of the same person's face with an emotion
    moved: np.ndarray  #: float32 [pairs, 468, 2], from the mean of the person's neutral faces, crop sides

    def of(self, emotion: int) -> np.ndarray:
        """The pairs of an emotion: int."""
        return np.flatnonzero(self.faces.emotion[self.shown] == emotion)


def real_pairs(faces: Faces) -> RealPairs:
    """All pairs of people with names, who are known in their corpus."""
    faces = faces.aligned.showing
    person = faces.person
    rest: dict[str, list[int]] = {}
    for index in np.flatnonzero((faces.emotion == _NEUTRAL) & (person != "")):
        rest.setdefault(person[index], []).append(index)
    shown = np.array([i for i, who in enumerate(person) if faces.emotion[i] != _NEUTRAL and who in rest], np.int64)
    neutral = np.array([rest[person[index]][0] for index in shown], np.int64)
    mean = {who: faces.landmarks[several].mean(axis=0) for who, several in rest.items()}
    moved = [faces.landmarks[index] - mean[person[index]] for index in shown]
    return RealPairs(faces, neutral, shown, np.array(moved, np.float32).reshape(-1, 468, 2))


def projection(moved: np.ndarray, real: np.ndarray) -> tuple[float, float]:
    """(d r / r r, d r / |d| |r|) of displacements, float [468, 2]: how far along the real one, and its direction."""
    along = float((moved * real).sum())
    return along / float((real * real).sum()), along / float(np.linalg.norm(moved) * np.linalg.norm(real) + 1e-12)


def painted(source: np.ndarray, made: np.ndarray, points: np.ndarray, moved: np.ndarray) -> float:
    """Mean absolute difference, grey levels, that is left where a face may change after it was bent.

    Args:
        source, made: uint8 [size, size, channels].
        points, moved: float [468, 2], landmarks of the one and of the other, crop sides.
    """
    import cv2

    size = len(source)
    flow = cv2.resize(flow_of_landmarks(points, moved), (size, size), interpolation=cv2.INTER_CUBIC) * size
    columns, rows = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
    bent = cv2.remap(
        source.astype(np.float32), columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    left = np.abs(bent.reshape(size, size, -1) - made.reshape(size, size, -1)).mean(axis=2)
    return float(np.average(left, weights=fade_mask(size)))


def measure_motion(
    edit: Callable[[np.ndarray, np.ndarray], np.ndarray],
    landmarks: Callable[[np.ndarray], np.ndarray],
    sources: Faces,
    pairs: RealPairs,
    voices: PredictedVoices,
    *,
    sources_per_voice: int = 4,
    seed: int = 0,
) -> dict[str, dict[str, float]]:
    """Emotion -> {"motion", "direction", "strong", "paint", "real paint" (grey levels), "pairs"}, of voices heard so.

    "strong" is there where voices of both intensities are heard as the emotion.

    Args:
        edit: (uint8 [n, size, size, channels], z [n, z_size]) -> uint8 of the same shape.
        landmarks: uint8 [n, size, size, channels] -> float [n, 468, 2], crop sides, NaN where no face is found.
        sources: held-back neutral faces.
        pairs: real people.
        voices: held-back voices.
    """
    rng, found = np.random.default_rng(seed), {}
    for emotion in range(1, len(FACE_EMOTIONS)):
        mine, real = np.flatnonzero(voices.predicted == emotion), pairs.of(emotion)
        if not len(mine) or not len(real):
            continue
        voice = np.repeat(mine, sources_per_voice)
        source = sources.pixels[rng.integers(0, len(sources), len(voice))]
        made = np.concatenate([edit(source[i : i + 32], voices.z[voice[i : i + 32]]) for i in range(0, len(voice), 32)])
        before, after = landmarks(source), landmarks(made)
        known = np.flatnonzero(np.isfinite(before).all(axis=(1, 2)) & np.isfinite(after).all(axis=(1, 2)))
        if not len(known):
            continue
        moved, people = after - before, pairs.moved[real].mean(axis=0)
        share, cosine = projection(moved[known].mean(axis=0), people)
        left = np.mean([painted(source[i], made[i], before[i], after[i]) for i in known])
        yard = np.mean([_real_paint(pairs, index) for index in real[:_MOST_PAIRS]])
        found[FACE_EMOTIONS[emotion]] = {
            "motion": share, "direction": cosine, "paint": float(left / yard), "real paint": float(yard),
            "pairs": len(real),
        }  # fmt: skip
        both = [known[voices.intensity[voice[known]] == intensity] for intensity in (_STRONG, _NORMAL)]
        if all(map(len, both)):
            strong, normal = (projection(moved[some].mean(axis=0), moved[known].mean(axis=0))[0] for some in both)
            found[FACE_EMOTIONS[emotion]]["strong"] = strong / normal
    return found


def _real_paint(pairs: RealPairs, index: int) -> float:
    one, other = pairs.neutral[index], pairs.shown[index]
    faces = pairs.faces
    return painted(faces.pixels[one], faces.pixels[other], faces.landmarks[one], faces.landmarks[other])
