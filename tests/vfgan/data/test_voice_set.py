"""Voices of a data set: level-free MFSC, splits and actors."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.data.dataset import DataSet
from vfgan.data.voice_set import load_voices
from vfgan.errors import MediaError
from vfgan.voice.mfsc import frame_loudness
from vfgan.voice.windows import active_frames, remove_level

ALL = ("train", "validation", "test")


def test_voices_are_the_level_free_mfsc_of_the_records(dataset, build_config):
    data = DataSet(dataset)
    voices = load_voices(data, ALL)
    records = sorted(data.records(ALL), key=lambda record: record["clip_id"])
    assert len(voices) == len(records) == 24
    assert voices.clip_id.tolist() == [record["clip_id"] for record in records]
    assert voices.actor.tolist() == [record["actor"] for record in records]
    assert voices.emotion.tolist() == [record["emotion"] for record in records]
    assert voices.starts[-1] == len(voices.planes) == len(voices.active)
    for index in (0, 7, 23):
        planes = records[index]["mfsc"]
        active = active_frames(tf.constant(planes[None]), tf.constant([len(planes)]), build_config.mfsc)
        expected = remove_level(tf.constant(planes[None]), active, tf.constant([len(planes)]), build_config.mfsc)[
            0
        ].numpy()
        np.testing.assert_allclose(voices.clip(index), expected, atol=1e-5)
        mine = voices.active[voices.starts[index] : voices.starts[index + 1]]
        np.testing.assert_array_equal(mine, active[0].numpy() > 0)
        loud = frame_loudness(tf.constant(voices.clip(index)[mine, :, 0]))
        assert float(tf.reduce_mean(loud)) == pytest.approx(0, abs=1e-2)


def test_voices_of_some_splits_and_actors(dataset):
    data = DataSet(dataset)
    assert set(load_voices(data, ["test"]).actor) == {"03"}
    assert set(load_voices(data, ALL, ["01", "03"]).actor) == {"01", "03"}
    assert len(load_voices(data, ["train"], ["01"])) == 8
    with pytest.raises(MediaError, match="no voices of actors 02, 09 in train"):
        load_voices(data, ["train"], ["02", "09"])
