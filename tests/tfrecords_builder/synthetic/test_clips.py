"""Which clips a corpus has, and their names."""

from tfrecords_builder.synthetic.clips import list_clips
from tfrecords_builder.synthetic.corpus import SyntheticConfig
from vfgan.emotions import EMOTIONS


def test_neutral_is_never_strong_and_disgust_is_never_sung():
    clips = list_clips(SyntheticConfig(actors=2, channels=("speech", "song"), repetitions=2))
    assert len(clips) == len(set(clips)) == 2 * 2 * 2 * (15 + 11)
    assert not [c for c in clips if c.emotion == "neutral" and c.intensity == 2]
    assert {c.emotion for c in clips if c.channel == "song"} == set(EMOTIONS) - {"disgust", "surprised"}
    assert {c.emotion for c in clips if c.channel == "speech"} == set(EMOTIONS)
