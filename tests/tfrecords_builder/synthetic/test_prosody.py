"""How an emotion changes a voice."""

import dataclasses

import numpy as np

from tfrecords_builder.synthetic.actor import draw_actor
from tfrecords_builder.synthetic.prosody import Prosody, draw_prosody
from vfgan.emotions import EMOTIONS

VOICE = draw_actor(1, 1).voice


def mean(emotion, intensity, name):
    """Over many utterances."""
    rng = np.random.default_rng(3)
    return np.mean([getattr(draw_prosody(emotion, intensity, VOICE, rng), name) for _ in range(200)])


def test_directions_are_those_of_the_literature():
    assert mean("happy", 1, "pitch_semitones") > mean("neutral", 1, "pitch_semitones") + 3
    assert mean("angry", 1, "level_db") > mean("neutral", 1, "level_db") > mean("sad", 1, "level_db")
    assert mean("sad", 1, "breath") > mean("angry", 1, "breath")


def test_strong_goes_further_from_neutral_than_normal():
    assert mean("happy", 2, "pitch_semitones") > mean("happy", 1, "pitch_semitones") + 1
    assert mean("angry", 2, "tilt_db") > mean("angry", 1, "tilt_db")


def test_no_draw_leaves_what_a_voice_can_do():
    rng = np.random.default_rng(1)
    for emotion in EMOTIONS:
        for _ in range(100):
            drawn = draw_prosody(emotion, 2, VOICE, rng)
            assert drawn.rate >= 0.55
            assert min(drawn.breath, drawn.jitter, drawn.tremor_semitones, drawn.creak) >= 0
            assert all(np.isfinite(value) for value in dataclasses.astuple(drawn))
    assert draw_prosody("sad", 1, VOICE, np.random.default_rng(5)) == draw_prosody(
        "sad", 1, VOICE, np.random.default_rng(5)
    )
    assert dataclasses.astuple(Prosody())[0] == 0.0  # neutral speech is the default
