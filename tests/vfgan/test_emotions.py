"""The emotions' order and names."""

import pytest

from vfgan.emotions import ALIASES, EMOTIONS, FACE_EMOTIONS, FACE_LABEL, emotion_label
from vfgan.errors import ConfigError


def test_order_is_ravdess():
    codes = {1: "neutral", 2: "calm", 3: "happy", 4: "sad", 5: "angry", 6: "fearful", 7: "disgust", 8: "surprised"}
    assert {index + 1: name for index, name in enumerate(EMOTIONS)} == codes


def test_calm_has_the_neutral_face():
    for label, name in enumerate(EMOTIONS):
        assert FACE_EMOTIONS[FACE_LABEL[label]] == ("neutral" if name == "calm" else name)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("happy", 2),
        ("smiling", 2),
        (" Fear ", 5),
        ("ANG", 4),
        ("disgusted", 6),
        ("surprise", 7),
        ("calm", 1),
        ("neu", 0),
    ],
)
def test_labels(name, label):
    assert emotion_label(name) == label


def test_aliases_lead_to_emotions():
    assert set(ALIASES.values()) <= set(EMOTIONS)
    assert not set(ALIASES) & set(EMOTIONS)


@pytest.mark.parametrize("name", ["", "bored", "contempt"])
def test_unknown_names(name):
    with pytest.raises(ConfigError, match="unknown emotion .*expected one of neutral"):
        emotion_label(name)
