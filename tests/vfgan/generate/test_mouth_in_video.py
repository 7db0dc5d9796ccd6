"""What moves the mouth of a video: the sound, the footage, or nothing."""

import numpy as np
import pytest

from vfgan.errors import ConfigError
from vfgan.generate.video import generate_video
from vfgan.generate.voice_face import VoiceFace
from vfgan.media.video import read_frames

pytestmark = pytest.mark.medium


@pytest.fixture(scope="module")
def bends(exported):
    """Its mouth can follow a sound."""
    return VoiceFace(exported.folder / "bends")


@pytest.fixture
def video(bends, folder, tmp_path):
    """video(face, mouth): the frames, float [frames, height, width, 3]."""

    def make(face, mouth):
        generate_video(bends, folder / "voice.wav", folder / face, tmp_path / "out.mp4", mouth=mouth)
        return np.stack([rgb for _, rgb in read_frames(tmp_path / "out.mp4")]).astype(float)

    return make


def moves(frames):
    """The largest mean change of a region of 16 x 16 px from one frame to another."""
    change = np.abs(frames - frames[:1]).mean(axis=-1)
    height, width = (side // 16 * 16 for side in change.shape[1:])
    blocks = change[:, :height, :width].reshape(len(change), height // 16, 16, width // 16, 16)
    return blocks.mean(axis=(2, 4)).max()


def test_a_photo_talks_where_the_model_can(video):
    talking, still = video("person.png", "auto"), video("person.png", "footage")
    assert moves(talking) > moves(still) + 2
    np.testing.assert_array_equal(talking, video("person.png", "sound"))


def test_footage_keeps_its_own_mouth_unless_asked(video):
    kept, own, spoken = (video("person.mp4", mouth) for mouth in ("auto", "footage", "sound"))
    np.testing.assert_array_equal(kept, own)
    assert np.abs(spoken - own).max(axis=(1, 2, 3)).min() > 10


def test_what_a_mouth_cannot_do_is_one_line(model, folder, tmp_path):
    asked = (model, folder / "voice.wav", folder / "person.png", tmp_path / "out.mp4")
    with pytest.raises(ConfigError, match="mouth sound: this model has no mouth"):
        generate_video(*asked, mouth="sound")
    with pytest.raises(ConfigError, match="mouth: expected auto, sound or footage, got"):
        generate_video(*asked, mouth="lips")
    assert not (tmp_path / "out.mp4").exists()
