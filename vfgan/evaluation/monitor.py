"""The monitor of a CycleGAN's training: scores on fixed held-back faces and voices, each with its standard error.

score             what it says
agreement         share of generated faces in which the emotion CNN sees the voice's emotion; emotions count the same
shuffled          the same faces against another voice's emotion: what chance agreement is worth
voice_effect      agreement - shuffled; a generator that copies its input has 0
identity          structural similarity (SSIM, Wang et al., 2004) of the luma of output and source
frechet           Frechet distance to real faces in the emotion CNN's features
monitor           voice_effect x identity: the score by which the best weights are kept

The emotion CNN is what the generator is trained to please, so these scores choose between steps of one training; the
judge of `vfgan evaluate` measures.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from vfgan.data.face_set import Faces, spread_faces
from vfgan.evaluation.feature_distances import frechet_distance
from vfgan.evaluation.identity import similarity
from vfgan.evaluation.scores import balanced_mean

#: Real faces of the Frechet distance at most, evenly spread.
_MOST_REAL = 8_192
#: Resamplings of the Frechet distance's error.
_RESAMPLINGS = 10


@dataclasses.dataclass(frozen=True)
class WatchedVoices:
    """Voices whose emotion is to be seen."""

    z: np.ndarray  #: float32 [voices, z_size]
    emotion: np.ndarray  #: int [voices], 0…6


class MonitorScores:
    """Scores a generator the same way each time: every source with a voice of every emotion.

    Args:
        change: (uint8 [n, size, size, 1], z [n, z_size]) -> uint8 [n, size, size, 1].
        classify: uint8 [n, size, size, 1] -> (probabilities [n, 7], features [n, features]): the emotion CNN.
        sources: held-back faces X.
        real: held-back faces that show their emotion.
        voices: one or more of each emotion.
        faces_per_voice: sources drawn for each voice.
        seed: of the draws.
    """

    def __init__(
        self,
        change: Callable[[np.ndarray, np.ndarray], np.ndarray],
        classify: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
        sources: Faces,
        real: Faces,
        voices: WatchedVoices,
        *,
        faces_per_voice: int = 8,
        seed: int = 0,
    ):
        rng = np.random.default_rng(seed)
        self._change, self._classify = change, classify
        voice = np.repeat(np.arange(len(voices.z)), faces_per_voice)
        self._sources = sources.pixels[rng.integers(0, len(sources), len(voice))]
        self._z, self._emotion = voices.z[voice], voices.emotion[voice]
        others = {e: voices.emotion[voices.emotion != e] for e in np.unique(voices.emotion)}
        self._other = np.array([rng.choice(others[e]) if len(others[e]) else e for e in self._emotion])
        shown = spread_faces(real, _MOST_REAL).pixels
        parts = [classify(shown[start : start + 256])[1] for start in range(0, len(shown), 256)]
        self._real_features = np.concatenate(parts)
        self._seed = seed

    def scores(self) -> dict[str, float]:
        """Each score, and its standard error under its name with `_error`."""
        made = self._change(self._sources, self._z)
        probabilities, features = self._classify(made)
        seen = probabilities.argmax(axis=1)
        right, chance = (seen == self._emotion), (seen == self._other)
        values = {
            "agreement": balanced_mean(right, self._emotion),
            "shuffled": balanced_mean(chance, self._emotion),
            "voice_effect": balanced_mean(right.astype(float) - chance, self._emotion),
            "identity": balanced_mean(similarity(made, self._sources), self._emotion),
            "frechet": self._distance(features),
        }
        scores: dict[str, float] = {}
        for name, (value, error) in values.items():
            scores |= {name: value, f"{name}_error": error}
        return scores | {"monitor": scores["voice_effect"] * scores["identity"]}

    def _distance(self, features: np.ndarray) -> tuple[float, float]:
        rng = np.random.default_rng(self._seed)
        again = [
            frechet_distance(features[rng.integers(0, len(features), len(features))], self._real_features)
            for _ in range(_RESAMPLINGS)
        ]
        return frechet_distance(features, self._real_features), float(np.std(again, ddof=1))
