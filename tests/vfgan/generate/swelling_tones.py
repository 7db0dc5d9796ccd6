"""Recordings of tones that swell."""

import numpy as np
import soundfile

RATE = 16_000


def write(path, *parts):
    """Parts of (seconds, loudness): a tone that swells, with a little noise."""
    rng = np.random.default_rng(1)
    sound = []
    for seconds, loudness in parts:
        time = np.arange(round(seconds * RATE)) / RATE
        swell = 1 + 0.3 * np.sin(2 * np.pi * 3 * time)
        sound.append(loudness * (swell * np.sin(2 * np.pi * 200 * time) + 0.01 * rng.standard_normal(len(time))))
    soundfile.write(path, np.concatenate(sound) if sound else np.zeros(0), RATE, subtype="FLOAT")
    return path
