"""Faces for people to judge: half of them generated, half of them real, alike in everything else."""

import dataclasses
from collections.abc import Callable

import numpy as np

from vfgan.data.face_examples import corpora
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

    Emotions take turns. No face is drawn twice, so there may be fewer than asked for; clips that were drawn from least
    come first.

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
    shown = _draw_real(real, sources, voices, count // 2, rng)
    chosen = _draw_sources(sources, real, shown, rng)
    shown = shown[: len(chosen)]
    voice = np.array([rng.choice(np.flatnonzero(voices.predicted == emotion)) for emotion in real.emotion[shown]], int)
    made = edit(sources.pixels[chosen], voices.z[voice]) if len(chosen) else sources.pixels[:0]
    found = [
        *(_face(real.pixels[i], real.emotion[i], False, real.intensity[i], real.person[i]) for i in shown),
        *(
            _face(pixels, voices.predicted[v], True, voices.intensity[v], sources.person[i])
            for pixels, v, i in zip(made, voice, chosen)
        ),
    ]
    return [found[index] for index in rng.permutation(len(found))]


def _face(pixels: np.ndarray, emotion: int, made: bool, intensity: int, person: str) -> RatedFace:
    return RatedFace(pixels, FACE_EMOTIONS[emotion], made, int(intensity), str(person))


def _draw_real(
    real: Faces, sources: Faces, voices: PredictedVoices, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Real faces of corpora that have sources: int [at most count]; emotions take turns."""
    of_sources = np.isin(corpora(real), corpora(sources))
    hands = [_Hand(real, rng, of_sources & (real.emotion == emotion)) for emotion in np.unique(voices.predicted)]
    drawn: list[int] = []
    while len(drawn) < count and any(map(len, hands)):
        drawn += [hand.draw() for hand in hands if len(hand)]
    return np.array(drawn[:count], int)


def _draw_sources(sources: Faces, real: Faces, shown: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A source of the same corpus for each real face, as long as there are some: int [at most real faces]."""
    faces = set(zip(real.clip_id[shown].tolist(), real.time[shown].tolist()))
    is_free = np.array([face not in faces for face in zip(sources.clip_id.tolist(), sources.time.tolist())])
    names, wanted = corpora(sources), corpora(real)[shown]
    hands = {name: _Hand(sources, rng, is_free & (names == name)) for name in np.unique(wanted)}
    drawn: list[int] = []
    for name in wanted:
        if not len(hands[name]):
            break
        drawn.append(hands[name].draw())
    return np.array(drawn, int)


class _Hand:
    """Faces to draw from, each once: those of clips that were drawn from least come first, in random order."""

    def __init__(self, faces: Faces, rng: np.random.Generator, chosen: np.ndarray):
        order = rng.permutation(np.flatnonzero(chosen))
        nth = np.zeros(len(order), int)  # the face is its clip's n-th in this order
        for clip_id in np.unique(faces.clip_id[order]):
            mine = faces.clip_id[order] == clip_id
            nth[mine] = np.arange(mine.sum())
        self._left = order[np.argsort(nth, kind="stable")[::-1]].tolist()

    def __len__(self) -> int:
        return len(self._left)

    def draw(self) -> int:
        """The index of a face."""
        return self._left.pop()
