"""Voices and faces for the studio: drawn and spoken by the embedded corpus, and what cannot be used."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import soundfile

from vfgan.media.images import write_image


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
    from vfgan.media.video import write_video

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
