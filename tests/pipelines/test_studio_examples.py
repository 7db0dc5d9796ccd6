"""The studio's sample voices: heard as what they are called, by the model that the page offers first."""

import pytest

from pipelines.studio_examples import TAKES, make_examples
from vfgan.emotions import EMOTIONS
from vfgan.generate.voice_face import VoiceFace
from vfgan.media.images import read_image
from vfgan.media.video import probe_video

pytestmark = pytest.mark.medium


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return make_examples(tmp_path_factory.mktemp("studio") / "examples")


def test_every_sample_voice_is_heard_as_what_it_is_called(examples):
    model = VoiceFace("vfgan")
    heard = {emotion: model.hear(model.load_voice(path)).emotion for emotion, path in examples.voices.items()}
    assert heard == {emotion: emotion for emotion in EMOTIONS}
    assert set(TAKES) == set(EMOTIONS)


def test_ready_examples_are_photos_and_footage_with_thumbnails(examples):
    assert len({one.title for one in examples.ready}) == len(examples.ready) == 3
    for one in examples.ready:
        assert one.voice.stat().st_size > 10_000
        assert 128 <= len(read_image(one.thumbnail)) < 256
    photo, _, footage = (one.face for one in examples.ready)
    assert read_image(photo).shape == (512, 512, 3)
    assert probe_video(footage).fps == 25
