"""How often each utterance is drawn in training, and which answers it may be taken for."""

import numpy as np

from vfgan.data.voice_set import Voices
from vfgan.emotions import EMOTIONS

#: In a label: an emotion that the utterance's corpus does not have, which its loss says nothing about.
ABSENT = -1.0

_NEUTRAL, _CALM = EMOTIONS.index("neutral"), EMOTIONS.index("calm")


def clip_chances(voices: Voices, corpus_power: float) -> np.ndarray:
    """The probability of each utterance: a corpus first, then an emotion, a person, and one of their utterances.

    A corpus is as likely as its number of people to the power of `corpus_power` (0: all the same); its emotions are as
    likely as one another, and so are the people who show one. Speech and song are corpora of their own.

    Returns:
        float64 [clips], sum 1.
    """
    names, group = np.unique(voices.domain, return_inverse=True)
    _, person = np.unique(voices.person, return_inverse=True)
    chance = np.zeros(len(voices))
    weight = np.array([len(np.unique(person[group == index])) ** corpus_power for index in range(len(names))], float)
    for index, of_corpus in enumerate(weight / weight.sum()):
        emotions = np.unique(voices.emotion[group == index])
        for emotion in emotions:
            chosen = np.flatnonzero((group == index) & (voices.emotion == emotion))
            _, who, clips = np.unique(person[chosen], return_inverse=True, return_counts=True)
            chance[chosen] = of_corpus / len(emotions) / len(clips) / clips[who]
    return chance


def clip_labels(voices: Voices) -> np.ndarray:
    """What each utterance may be taken for: 1 right, 0 wrong, `ABSENT` for an emotion that its corpus does not have.

    Where a corpus has neutral voices and no calm ones, neutral is what another corpus calls neutral or calm.

    Returns:
        float32 [clips, 8].
    """
    present = emotions_of(voices.domain, voices.emotion)
    merged = present[:, _NEUTRAL] & ~present[:, _CALM]
    labels = np.where(present, 0.0, ABSENT).astype(np.float32)
    labels[np.arange(len(voices)), voices.emotion] = 1.0
    labels[merged, _CALM] = labels[merged, _NEUTRAL]
    return labels


def emotions_of(domain: np.ndarray, emotion: np.ndarray) -> np.ndarray:
    """Which emotions each clip's corpus has: bool [clips, 8].

    Args:
        domain: str [clips], the corpus of each clip.
        emotion: int [clips], 0…7.
    """
    present = np.zeros((len(emotion), len(EMOTIONS)), bool)
    names, group = np.unique(domain, return_inverse=True)
    for index in range(len(names)):
        present[group == index] = np.isin(np.arange(len(EMOTIONS)), emotion[group == index])
    return present
