"""Faces for people to judge: half of them generated, half of them real, alike in everything else."""

import dataclasses
from collections.abc import Callable

import numpy as np

from vfgan.data.face_set import Faces
from vfgan.emotions import FACE_EMOTIONS
from vfgan.evaluation.measure import PredictedVoices


@dataclasses.dataclass(frozen=True)
class RatedFace:
    """A face that people judge."""

    pixels: np.ndarray  #: uint8 [size, size, 3]
    emotion: str  #: of `FACE_EMOTIONS`: heard in the voice that it was made with; of a real face its label
    made: bool
    intensity: int  #: of the voice; of a real face that of its clip; 0 where it is not known
    person: str


def draw_faces(
    edit: Callable[[np.ndarray, np.ndarray], np.ndarray],
    sources: Faces,
    real: Faces,
    voices: PredictedVoices,
    count: int,
    *,
    seed: int = 0,
) -> list[RatedFace]:
    """Draws pairs of a real face and a generated one, of one emotion and one corpus.

    Emotions take turns. A real face is drawn once. A source may become several faces, each of another emotion; clips
    that were drawn from least come first. There may be fewer faces than asked for.

    Args:
        edit: (uint8 [n, size, size, 3], z [n, z_size]) -> uint8 [n, size, size, 3].
        sources: faces X in colour that were not in training.
        real: faces in colour that show their emotion and were not in training.
        voices: of actors that neither extractor nor generator was trained on.
        count: faces, both kinds together.
    Returns:
        Real and generated ones mixed.
    """
    rng = np.random.default_rng(seed)
    pairs = _draw_pairs(sources, real, np.unique(voices.predicted), count // 2, rng)
    if not len(pairs):
        return []
    shown, source = pairs.T
    voice = np.array([rng.choice(np.flatnonzero(voices.predicted == emotion)) for emotion in real.emotion[shown]])
    made = edit(sources.pixels[source], voices.z[voice])
    found = [
        *(_face(real.pixels[i], real.emotion[i], False, real.intensity[i], real.person[i]) for i in shown),
        *(
            _face(pixels, voices.predicted[v], True, voices.intensity[v], sources.person[i])
            for pixels, v, i in zip(made, voice, source)
        ),
    ]
    return [found[index] for index in rng.permutation(len(found))]


def _face(pixels: np.ndarray, emotion: int, made: bool, intensity: int, person: str) -> RatedFace:
    return RatedFace(pixels, FACE_EMOTIONS[emotion], made, int(intensity), str(person))


def _draw_pairs(sources: Faces, real: Faces, emotions: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """(real face, source of the same corpus): int [at most count, 2]; emotions take turns."""
    wanted = np.isin(real.emotion, emotions) & np.isin(real.corpus, sources.corpus)
    kept = _kept_for_real(sources, set(_keys(real.where(wanted))), rng)
    never_real = set(_keys(sources)) - kept
    shown = wanted & np.array([key not in never_real for key in _keys(real)])
    hands = [_in_turn(real, np.flatnonzero(shown & (real.emotion == emotion)), rng) for emotion in emotions]
    candidates = [i for i, key in enumerate(_keys(sources)) if key not in kept]
    order = np.array(_in_turn(sources, np.array(candidates, int), rng), int)
    names, corpus_of_real = sources.corpus[order], real.corpus
    uses, used = np.zeros(len(order), int), np.zeros((len(emotions), len(order)), bool)
    pairs: list[tuple[int, int]] = []
    while len(pairs) < count and any(hands):
        for number, hand in enumerate(hands):
            while hand:
                face = hand.pop(0)
                left = np.flatnonzero((names == corpus_of_real[face]) & ~used[number])
                if len(left):
                    source = left[np.argmin(uses[left])]  # the first of those used least
                    uses[source] += 1
                    used[number, source] = True
                    pairs.append((face, int(order[source])))
                    break
    return np.array(pairs[:count], int).reshape(-1, 2)


def _keys(faces: Faces) -> list[tuple[str, float]]:
    """What tells a picture from all others."""
    return list(zip(faces.clip_id.tolist(), faces.time.tolist()))


def _kept_for_real(sources: Faces, real: set[tuple[str, float]], rng: np.random.Generator) -> set[tuple[str, float]]:
    """Half of each corpus' clips that might be sources and real faces: no picture is shown as both.

    Args:
        real: keys of the real faces.
    """
    is_both = np.array([key in real for key in _keys(sources)])
    kept: set[str] = set()
    for name in np.unique(sources.corpus):
        clips = rng.permutation(np.unique(sources.clip_id[is_both & (sources.corpus == name)]))
        kept |= set(clips[: len(clips) // 2].tolist())
    return {key for key in _keys(sources) if key[0] in kept}


def _in_turn(faces: Faces, chosen: np.ndarray, rng: np.random.Generator) -> list[int]:
    """The chosen faces in random order, clip after clip: the second face of a clip comes after the first of all."""
    order = rng.permutation(chosen)
    nth = np.zeros(len(order), int)
    for clip_id in np.unique(faces.clip_id[order]):
        mine = faces.clip_id[order] == clip_id
        nth[mine] = np.arange(mine.sum())
    return order[np.argsort(nth, kind="stable")].tolist()
