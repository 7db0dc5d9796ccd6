"""Performances: each of seed, actor and clip changes them."""

import dataclasses

import numpy as np

from tfrecords_builder.synthetic.clips import ClipKey
from tfrecords_builder.synthetic.corpus import SyntheticConfig


def test_seed_actor_and_clip_each_change_the_performance():
    from tfrecords_builder.synthetic.actor import draw_actor
    from tfrecords_builder.synthetic.performance import act

    clip = ClipKey("speech", "happy", 1, 1, 1, 1)
    others = [
        (1, clip), (2, clip), (1, dataclasses.replace(clip, repetition=2)), (1, dataclasses.replace(clip, actor=3)),
    ]  # fmt: skip
    sounds = [act(c, draw_actor(s, c.actor), SyntheticConfig(seed=s)).waveform for s, c in others]
    assert all(len(a) != len(b) or not np.allclose(a, b) for i, a in enumerate(sounds) for b in sounds[:i])
