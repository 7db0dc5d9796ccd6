"""What an emotion changes in faces, measured over many people and corpora: a linear mixed model."""

import numpy as np

from vfgan.data.face_set import Faces
from vfgan.emotions import FACE_EMOTIONS

#: Variance of what is left over, divided by that of people, and by that of manners.
_LEFT_OVER_PEOPLE, _LEFT_OVER_MANNERS = 0.1, 16.0
#: Ridge of emotions and corpora, which have no prior: the system stays solvable.
_SOLVABLE = 1e-3
#: At most so many faces of one person and emotion, and so many in all.
_EACH, _MOST = 20, 4_000
_COUNT = len(FACE_EMOTIONS)


def emotion_effects(values: np.ndarray, emotion: np.ndarray, corpus: np.ndarray, person: np.ndarray) -> np.ndarray:
    """By how much emotions differ from neutral faces: `effect_weights` times values, float [faces, n].

    Returns:
        float64 [emotions, n], of each emotion but neutral.
    """
    return effect_weights(emotion, corpus, person) @ values


def effect_weights(emotion: np.ndarray, corpus: np.ndarray, person: np.ndarray) -> np.ndarray:
    """What each face adds to the effects of emotions, whatever is measured of it.

        v = m(emotion) + c(corpus) + d(corpus, emotion) + p(person) + e

    v is measured. m, the effects, and c are fixed; d, a corpus' manner, and p have variances of their own. Ridge
    regression finds all at once: the best linear unbiased prediction (Henderson, 1975). People who are seen neutral and
    with an emotion count most. Manners vary little (1/16 of what is left over), so a corpus counts as its people do: of
    disgust CK+'s 37 noses that wrinkle outvote JAFFE's four mouths that open.

    Args:
        emotion: int [faces], 0 neutral.
        corpus: str [faces].
        person: str [faces]; "" is somebody of whom there is no other face.
    Returns:
        float64 [emotions, faces]; 0 of an emotion that no corpus links to neutral faces, by itself or by emotions that
        it shares with others.
    """
    corpora, of_corpus = np.unique(corpus, return_inverse=True)
    people, of_person = np.unique(person, return_inverse=True)
    faces, shown, known = np.arange(len(emotion)), emotion > 0, person != ""
    first_person = _COUNT - 1 + _COUNT * len(corpora)
    design = np.zeros((len(emotion), first_person + len(people)))
    design[faces[shown], emotion[shown] - 1] = 1.0
    design[faces, _COUNT - 1 + _COUNT * of_corpus] = 1.0
    design[faces[shown], _COUNT - 1 + _COUNT * of_corpus[shown] + emotion[shown]] = 1.0
    design[faces[known], first_person + of_person[known]] = 1.0
    of_one_corpus = [_SOLVABLE, *[_LEFT_OVER_MANNERS] * (_COUNT - 1)]
    ridge = [_SOLVABLE] * (_COUNT - 1) + of_one_corpus * len(corpora) + [_LEFT_OVER_PEOPLE] * len(people)
    # what is left over of somebody seen once has their own variance, too
    weighted = design * np.where(known, 1.0, _LEFT_OVER_PEOPLE / (1.0 + _LEFT_OVER_PEOPLE))[:, None]
    weights = np.linalg.solve(weighted.T @ design + np.diag(ridge), weighted.T)[: _COUNT - 1]
    weights -= weights.mean(axis=1, keepdims=True)  # as if the mean of v was subtracted
    return weights * _linked_to_neutral(emotion, of_corpus)[1:, None]


def effect_errors(
    weights: np.ndarray, values: np.ndarray, emotion: np.ndarray, corpus: np.ndarray, person: np.ndarray
) -> np.ndarray:
    """Standard errors of the effects, had other people been seen: float [emotions, n].

    The sandwich of Liang & Zeger (1986): sqrt(sum_p (sum_i w_i r_i)^2), i over the faces of a person, r what is left of
    v without the mean of its corpus and emotion. Where a corpus is of one person, each face stands for itself.

    Args:
        weights: of `effect_weights`, of the same emotion, corpus and person.
        values: float [faces, n], what was measured; overwritten.
    """
    kinds = np.char.add(np.char.add(corpus, "/"), emotion.astype(np.str_))
    for kind in np.unique(kinds):
        values[kinds == kind] -= values[kinds == kind].mean(axis=0)
    face = np.arange(len(person)).astype(np.str_)
    alone = [name for name in np.unique(corpus) if len(np.unique(person[corpus == name])) == 1]
    of = np.unique(np.where((person == "") | np.isin(corpus, alone), face, person), return_inverse=True)[1]
    squares = np.zeros((len(weights), values.shape[1]))
    for one in range(of.max() + 1):
        mine = np.flatnonzero(of == one)
        squares += np.square(weights[:, mine] @ values[mine])
    return np.sqrt(squares)


def _linked_to_neutral(emotion: np.ndarray, corpus: np.ndarray) -> np.ndarray:
    """Emotions that can be compared with neutral, through corpora that share emotions: bool [emotions and neutral]."""
    seen = np.zeros((corpus.max() + 1, _COUNT), bool)
    seen[corpus, emotion] = True
    linked = np.arange(_COUNT) == 0
    for _ in range(_COUNT):
        linked = linked | seen[(seen & linked).any(axis=1)].any(axis=0)
    return linked


def evenly_chosen(faces: Faces) -> Faces:
    """Faces that show their emotion, few enough to measure: people with names first, evenly spread over emotions."""
    faces = faces.showing
    person = faces.person
    kinds, strangers = np.char.add(person, faces.emotion.astype(np.str_)), np.flatnonzero(person == "")
    named = [_spread(np.flatnonzero(kinds == kind), _EACH) for kind in np.unique(kinds[person != ""])]
    kept = _spread(np.concatenate([np.zeros(0, np.int64), *named]), _MOST)
    return faces.where(np.sort(np.concatenate([kept, _spread(strangers, _MOST - len(kept))])))


def _spread(index: np.ndarray, most: int) -> np.ndarray:
    """At most so many of them, evenly spread."""
    return index[np.linspace(0, len(index) - 1, min(most, len(index))).astype(np.int64)] if most else index[:0]
