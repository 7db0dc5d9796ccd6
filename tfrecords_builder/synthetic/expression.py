"""Action units of each emotion, after the literature on the Facial Action Coding System."""

import numpy as np

from tfrecords_builder.synthetic.motion import ACTION_UNITS

#: emotion -> action unit -> strength at full expression (Ekman, Friesen & Hager 2002; Du, Tao & Martinez 2014).
#: Calm has the face of neutral, as in RAVDESS.
TARGETS: dict[str, dict[int, float]] = {
    "neutral": {},
    "calm": {},
    "happy": {6: 0.9, 12: 1.0},
    "sad": {1: 0.95, 4: 0.6, 15: 1.0, 17: 0.5},
    "angry": {4: 1.0, 5: 0.45, 7: 0.8, 23: 0.8, 24: 0.9, 10: 0.25},
    "fearful": {1: 0.95, 2: 0.6, 4: 0.65, 5: 0.9, 20: 0.95, 26: 0.15},
    "disgust": {9: 1.0, 10: 0.9, 15: 0.45, 4: 0.45, 7: 0.5},
    "surprised": {1: 1.0, 2: 1.0, 5: 0.9, 26: 0.45},
}


def unit_targets(emotion: str) -> np.ndarray:
    """float [16], 0…1: strength of each of `ACTION_UNITS` at the full expression of `emotion`."""
    return np.array([TARGETS[emotion].get(unit, 0.0) for unit in ACTION_UNITS])
