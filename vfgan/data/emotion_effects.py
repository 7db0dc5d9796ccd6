"""What an emotion changes in faces, measured over many people and corpora: a linear mixed model."""

import numpy as np

from vfgan.data.face_set import Faces, spread_faces
from vfgan.emotions import FACE_EMOTIONS

#: Variance of what is left over, against that of people, and that of how corpora differ in one emotion.
_PEOPLE, _MANNERS = 0.1, 1.0
#: Keeps the system solvable: emotions and corpora have no prior.
_FREE = 1e-3
#: At most so many faces of one person and emotion, and so many in all.
_EACH, _MOST = 40, 4_000
_COUNT = len(FACE_EMOTIONS)


def emotion_effects(values: np.ndarray, emotion: np.ndarray, corpus: np.ndarray, person: np.ndarray) -> np.ndarray:
    """By how much emotions differ from neutral faces.

        v = m(emotion) + c(corpus) + d(corpus, emotion) + p(person) + e

    m and c are free, d and p have variances of their own, and all are found at once by ridge regression: the best
    linear unbiased prediction (Henderson, 1975). So people who are seen neutral and with an emotion count most, others
    tell what they can, and no corpus outvotes the rest by its size: each poses in its own manner, d.

    Args:
        values: float [faces, n].
        emotion: int [faces], 0 neutral.
        corpus: str [faces].
        person: str [faces]; "" is somebody of whom there is no other face.
    Returns:
        m: float64 [emotions, n], of each emotion but neutral; 0 of one that nobody shows.
    """
    corpora, of_corpus = np.unique(corpus, return_inverse=True)
    people, of_person = np.unique(person, return_inverse=True)
    faces, shown, known = np.arange(len(values)), emotion > 0, person != ""
    first_person = _COUNT - 1 + _COUNT * len(corpora)
    design = np.zeros((len(values), first_person + len(people)))
    design[faces[shown], emotion[shown] - 1] = 1.0
    design[faces, _COUNT - 1 + _COUNT * of_corpus] = 1.0
    design[faces[shown], _COUNT - 1 + _COUNT * of_corpus[shown] + emotion[shown]] = 1.0
    design[faces[known], first_person + of_person[known]] = 1.0
    ridge = [_FREE] * (_COUNT - 1) + [_FREE, *[_MANNERS] * (_COUNT - 1)] * len(corpora) + [_PEOPLE] * len(people)
    # a person of one face adds their own variance to what is left over
    weighted = design * np.where(known, 1.0, _PEOPLE / (1.0 + _PEOPLE))[:, None]
    return np.linalg.solve(weighted.T @ design + np.diag(ridge), weighted.T @ values)[: _COUNT - 1]


def evenly_chosen(faces: Faces) -> Faces:
    """Faces that show their emotion, few enough to measure in memory, evenly spread over people and emotions."""
    faces = faces.showing
    kinds = np.char.add(faces.person, faces.emotion.astype(np.str_))
    kept = [np.flatnonzero(faces.person == "")]
    for kind in np.unique(kinds[faces.person != ""]):
        own = np.flatnonzero(kinds == kind)
        kept.append(own[np.linspace(0, len(own) - 1, min(_EACH, len(own))).astype(np.int64)])
    return spread_faces(faces.where(np.sort(np.concatenate(kept))), _MOST)
