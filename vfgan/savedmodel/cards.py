"""What every model card of a kind says: what the model does, what limits it, and whose licence it has."""

#: With a larger gain, z lies outside the range of real voices.
MOST_GAIN = 3.0

LICENCE = "CC BY-NC-SA 4.0 for weights trained on RAVDESS; otherwise that of the training data"

_GEOMETRY = "Faces are aligned crops (eyes level, geometry in card.json); `vfgan generate` makes them."

_FACE = "Face -> probabilities of the seven emotions that a face can show, and features."

SUMMARIES = {
    "extractor": "Voice attribute extractor: waveform -> probabilities of eight emotions and the attribute z.",
    "emotion-cnn": _FACE,
    "judge": _FACE,
    "vfgan": "Voice-conditioned generator: waveform + face -> the face with the voice's emotion.",
}

LIMITS = {
    "extractor": (
        "Voices of other corpora, languages and manners than those that it has learnt from are recognised much worse. "
        "It says when a voice is unlike those it knows (strangeness above 1.33). Not tested on spontaneous speech."
    ),
    "emotion-cnn": f"Posed and web faces, mostly frontal. {_GEOMETRY}",
    "judge": f"Only for evaluations; its errors limit what an evaluation can tell. {_GEOMETRY}",
    "vfgan": (
        "Frontal faces. Where the mouth follows the sound, it follows loudness and vowels; it forms no words. "
        f"{_GEOMETRY} Use with consent of the person."
    ),
}


def video_summary(name: str) -> str:
    """What the twin for videos of a generator does."""
    return (
        f"{name} for videos, unbatched: one waveform, N faces, N times -> N faces. "
        f"Its figures are on the card of {name}."
    )
