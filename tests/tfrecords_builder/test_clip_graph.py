"""The graph of a shard gives each clip the record that it would have by itself."""

import threading

import numpy as np
import pytest
import soundfile

from tfrecords_builder.clip import Clip
from tfrecords_builder.clip_graph import make_records
from tfrecords_builder.clip_record import process_clip
from vfgan.config.data import BuildConfig
from vfgan.data import schema
from vfgan.errors import MediaError
from vfgan.voice import mfsc

CONFIG = BuildConfig()
#: Samples of each clip: of unequal length, and in the second call one that is too short.
LENGTHS = (16_000, 8_000, 23_456, 400, 9_999, 16_001, 30_000, 12_345, 100, 20_000)


@pytest.fixture
def clips(tmp_path):
    rng = np.random.default_rng(2)
    for index, length in enumerate(LENGTHS):
        soundfile.write(tmp_path / f"{index}.wav", 0.1 * rng.standard_normal(length), 16_000)
    return tuple(Clip("c", str(i), 4, audio=str(tmp_path / f"{i}.wav")) for i in range(len(LENGTHS)))


def make(clips, threads=1, started=lambda clip: None, strict=False):
    return list(make_records(clips, CONFIG, strict=strict, started=started, threads=threads))


@pytest.mark.medium
@pytest.mark.parametrize(("threads", "most"), [(1, 10**7), (3, 10**7), (1, 50_000)])
def test_records_are_those_of_single_clips(clips, threads, most, monkeypatch):
    monkeypatch.setattr(mfsc, "_MOST_SAMPLES", most)  # the last: one by one
    made = make(clips, threads)
    assert [clip for clip, _, _ in made] == list(clips)
    for clip, content, reading in made:
        if clip.key == "8":
            assert content == b""
            assert isinstance(reading, MediaError)
            assert "8.wav: the sound has 100 samples at 16000 Hz: expected at least 400" in str(reading)
        else:
            assert content == schema.encode(process_clip(clip, CONFIG)[0])


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("a bug"), MediaError("stopped")])
def test_what_stops_the_reading_comes_out_as_it_is(clips, error):
    def started(clip):
        if clip.key == "3":
            raise error

    with pytest.raises(type(error)) as caught:
        make(clips, started=started)
    assert caught.value is error
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("clip-reader")]
