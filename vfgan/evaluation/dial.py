"""Does the intensity dial turn the emotion up?"""

from collections.abc import Callable, Iterable

import numpy as np

from vfgan.data.face_set import Faces
from vfgan.emotions import FACE_EMOTIONS
from vfgan.evaluation.measure import PredictedVoices
from vfgan.evaluation.scores import balanced_mean


def measure_dial(
    edit: Callable[[np.ndarray, np.ndarray, float], np.ndarray],
    judge: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    sources: Faces,
    voices: PredictedVoices,
    intensities: Iterable[float],
    *,
    sources_per_voice: int = 8,
    seed: int = 0,
) -> dict[float, float]:
    """The judge's probability of the emotion that was heard, by the dial's mark; each emotion counts the same.

    Voices that are heard as neutral are left out: the dial changes nothing there. All marks have the same faces.

    Args:
        edit: (luma uint8 [n, size, size, 1], z [n, z_size], mark of the dial) -> uint8 [n, size, size, 1].
        judge: uint8 [n, size, size, 1] -> (probabilities [n, 7], features [n, features]).
        sources, voices: as `vfgan.evaluation.measure.measure` takes them.
        intensities: the marks.
    Returns:
        Mark -> 0…1; nothing where no voice is heard as emotional.
    """
    emotional = np.flatnonzero(voices.predicted != FACE_EMOTIONS.index("neutral"))
    if not len(emotional):
        return {}
    voice = np.repeat(emotional, sources_per_voice)
    pixels = sources.pixels[np.random.default_rng(seed).integers(0, len(sources), len(voice))]
    heard, scores = voices.predicted[voice], {}
    for intensity in intensities:
        starts = range(0, len(voice), 32)
        made = [edit(pixels[start : start + 32], voices.z[voice[start : start + 32]], intensity) for start in starts]
        shown = judge(np.concatenate(made))[0][np.arange(len(voice)), heard]
        scores[intensity] = balanced_mean(shown, heard)[0]
    return scores
