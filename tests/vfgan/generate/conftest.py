"""A small generator, and a voice and a face to give it."""

import pytest
import soundfile

from vfgan.generate.voice_face import VoiceFace
from vfgan.media.images import write_image
from vfgan.media.video import read_frames
from vfgan.media.video_writer import write_video


@pytest.fixture(scope="session")
def model(exported):
    return VoiceFace(exported.folder / "vfgan")


@pytest.fixture(scope="session")
def folder(tmp_path_factory, voice_samples):
    """voice.wav, person.png, person.mp4 (12 frames of 256 px at 10 fps)."""
    from tfrecords_builder.synthetic.config import SyntheticConfig
    from tfrecords_builder.synthetic.corpus import synthesize

    folder = tmp_path_factory.mktemp("media")
    config = SyntheticConfig(actors=1, statements=1, intensities=(1,), seconds=0.7, workers=1)
    clips = synthesize(folder / "corpus", config)
    frames = [rgb for _, rgb in read_frames(clips[0])][:12]
    write_image(folder / "person.png", frames[0])
    write_video(folder / "person.mp4", frames, 10)
    soundfile.write(folder / "voice.wav", voice_samples, 16_000)
    return folder
