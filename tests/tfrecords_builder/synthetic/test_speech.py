"""Syllables laid out in time."""

import itertools

import numpy as np
import pytest

from tfrecords_builder.synthetic.prosody import Prosody
from tfrecords_builder.synthetic.speech import CONSONANTS, VOWELS, lay_out


def syllables(statement=1, channel="speech", emotion="happy", rate=1.0, seed=1):
    return lay_out(statement, channel, emotion, Prosody(rate=rate), 2.0, np.random.default_rng(seed))


@pytest.mark.parametrize("channel", ["speech", "song"])
@pytest.mark.parametrize("statement", [1, 2, 3])
def test_syllables_follow_each_other(statement, channel):
    found = syllables(statement, channel)
    assert len(found) == 7
    assert found[0].start_seconds == 0.0
    for before, after in itertools.pairwise(found):
        assert after.start_seconds == pytest.approx(before.start_seconds + before.seconds)
    assert all(one.consonant in CONSONANTS and one.vowel in VOWELS for one in found)


def test_twice_the_rate_takes_half_the_time():
    slow, fast = syllables(rate=1.0), syllables(rate=2.0)
    assert [one.seconds for one in slow] == pytest.approx([2 * one.seconds for one in fast])


def test_only_songs_have_notes_and_dark_ones_another_scale():
    assert all(one.note_semitones == 0 for one in syllables())
    happy, sad = ([one.note_semitones for one in syllables(channel="song", emotion=name)] for name in ("happy", "sad"))
    assert len(set(happy)) > 1
    assert set(happy) <= {0, 2, 4, 5, 7, 9, 11, 12}
    assert set(sad) <= {0, 2, 3, 5, 7, 8, 10, 12}


def test_a_statement_is_always_the_same():
    words = [[(one.consonant, one.vowel) for one in syllables(3, seed=seed)] for seed in (1, 2)]
    assert words[0] == words[1] != [(one.consonant, one.vowel) for one in syllables(4)]
