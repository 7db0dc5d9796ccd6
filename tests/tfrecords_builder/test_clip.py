"""What a source knows of a clip."""

from pathlib import Path

import pytest

from tfrecords_builder.clip import Clip, input_files


@pytest.mark.parametrize(
    ("files", "modality"),
    [
        ({"image": "a.jpg"}, "image"),
        ({"audio": "a.wav", "video": "a.mp4"}, "full-av"),
        ({"audio": "a.wav"}, "audio-only"),
        ({"video": "a.mp4"}, "video-only"),
    ],
)
def test_modality_is_that_of_the_files(files, modality):
    assert Clip("corpus", "key", 2, **files).modality == modality


def test_a_file_of_two_media_is_one_input():
    assert input_files(Clip("corpus", "key", 2, audio="a.mp4", video="a.mp4")) == [Path("a.mp4")]
    assert input_files(Clip("corpus", "key", 2, audio="b.wav", video="a.mp4")) == [Path("b.wav"), Path("a.mp4")]


def test_clips_of_two_corpora_have_different_names():
    assert Clip("one", "a", 0).clip_id == "one/a" != Clip("two", "a", 0).clip_id
