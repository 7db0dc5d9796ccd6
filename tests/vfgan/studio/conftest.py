"""Voices and faces for the studio: drawn and spoken by the embedded corpus, and what cannot be used."""

import dataclasses
import functools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.vfgan.studio.orders import CONFIG, order_of
from vfgan.media.images import write_image
from vfgan.studio.job import Studio


@dataclasses.dataclass(frozen=True)
class Media:
    """Files that a visitor might give."""

    voice: Path  #: 1.5 s of speech
    photo: Path
    footage: Path  #: 0.4 s
    silence: Path
    text: Path  #: no sound, whatever its name says
    long: Path  #: 9 s
    wall: Path  #: a photo without a face


@pytest.fixture(scope="session")
def media(tmp_path_factory) -> Media:
    """A folder of them."""
    from tfrecords_builder.synthetic.actor import draw_actor
    from tfrecords_builder.synthetic.clips import ClipKey
    from tfrecords_builder.synthetic.config import SyntheticConfig
    from tfrecords_builder.synthetic.face import FaceRenderer
    from tfrecords_builder.synthetic.performance import act
    from vfgan.media.video_writer import write_video

    folder, actor = tmp_path_factory.mktemp("media"), draw_actor(1, 2)
    config = SyntheticConfig(seconds=1.0, silence_seconds=0.1)
    acted = act(ClipKey("speech", "surprised", 2, 1, 1, 2), actor, config)
    renderer = FaceRenderer(actor.look, 256)
    frames = [renderer.render(pose) for pose in acted.poses[:10]]
    write_image(folder / "person.png", frames[0])
    write_video(folder / "person.mp4", frames, 25)
    write_image(folder / "wall.png", np.full((240, 320, 3), 120, np.uint8))
    soundfile.write(folder / "voice.wav", acted.waveform, 48_000)
    soundfile.write(folder / "silence.wav", np.zeros(16_000), 16_000)
    soundfile.write(folder / "long.wav", 0.1 * np.sin(np.arange(9 * 16_000) / 20), 16_000)
    (folder / "text.wav").write_text("This is no sound.")
    return Media(*(folder / name for name in (
        "voice.wav", "person.png", "person.mp4", "silence.wav", "text.wav", "long.wav", "wall.png",
    )))  # fmt: skip


@pytest.fixture(scope="session")
def studio(exported, media):
    """The small networks of `exported`."""
    from vfgan.savedmodel.load import load_model

    @functools.cache
    def load(name):
        return load_model(exported.folder / name)

    return Studio(("vfgan",), {"calm": media.voice, "happy": media.voice}, CONFIG, load)


@pytest.fixture(scope="session")
def made(studio, media, tmp_path_factory):
    """(what was there after each step, what was said of the progress)."""
    said = []
    order = order_of(media.voice, media.photo, intensity=1.4)
    steps = studio.make(order, tmp_path_factory.mktemp("job"), lambda share, what: said.append((share, what)))
    return [dataclasses.replace(step, notes=list(step.notes)) for step in steps], said
