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
    groups = voices.domain
    chance = np.zeros(len(voices))
    names = np.unique(groups)
    weight = np.array([len(np.unique(voices.person[groups == name])) ** corpus_power for name in names], float)
    for name, of_corpus in zip(names, weight / weight.sum()):
        emotions = np.unique(voices.emotion[groups == name])
        for emotion in emotions:
            chosen = np.flatnonzero((groups == name) & (voices.emotion == emotion))
            _, who, clips = np.unique(voices.person[chosen], return_inverse=True, return_counts=True)
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
    for name in np.unique(domain):
        present[domain == name] = np.isin(np.arange(len(EMOTIONS)), emotion[domain == name])
    return present
