"""The eight emotions of RAVDESS, their names in other sets, and which of them share a face."""

from vfgan.errors import ConfigError

#: In the order of RAVDESS' codes 01 to 08; the index in this tuple is the label in every record and output.
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")

#: What a face can show: calm has no face that differs from neutral.
FACE_EMOTIONS = ("neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised")

#: From this strangeness on (1: the border of the familiar) a voice is said to be unlike any that was learnt from. Set
#: on corpora left out: a tenth of unseen speakers of known corpora are beyond it, and almost half of unknown corpora.
UNLIKE = 1.33

#: Label names of common sets (FER2013, London, CREMA-D, MEAD, …) -> ours.
ALIASES = {
    "afraid": "fearful",
    "anger": "angry",
    "ang": "angry",
    "disgusted": "disgust",
    "dis": "disgust",
    "fear": "fearful",
    "fea": "fearful",
    "happiness": "happy",
    "hap": "happy",
    "joy": "happy",
    "neu": "neutral",
    "sadness": "sad",
    "smiling": "happy",
    "surprise": "surprised",
}

#: emotion label (0…7) -> index in `FACE_EMOTIONS` (0…6); calm goes to neutral.
FACE_LABEL = tuple(FACE_EMOTIONS.index("neutral" if e == "calm" else e) for e in EMOTIONS)


def emotion_label(name: str) -> int:
    """Label (0…7) of an emotion's name, ours or an alias.

    >>> emotion_label("fear")
    5

    Raises:
        ConfigError: the name is neither one of `EMOTIONS` nor an alias.
    """
    key = name.strip().lower()
    key = ALIASES.get(key, key)
    if key not in EMOTIONS:
        raise ConfigError(f"unknown emotion {name!r}: expected one of {', '.join(EMOTIONS)} or {', '.join(ALIASES)}")
    return EMOTIONS.index(key)
