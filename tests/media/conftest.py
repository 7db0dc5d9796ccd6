"""Material for the media tests: tones, moving pictures, and a drawn face of which the eyes' places are known."""

from pathlib import Path

import numpy as np
import pytest

#: --doctest-modules would import it again, and the conftest.py of another folder has the same name
collect_ignore = ["conftest.py"]


@pytest.fixture(scope="session")
def tone():
    """tone(hz, seconds, rate_hz, level): float32 [samples], a sine."""

    def make(hz: float = 440.0, seconds: float = 2.0, rate_hz: int = 16_000, level: float = 0.5) -> np.ndarray:
        return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def moving():
    """moving(count, height, width): smooth colour pictures, each different from the one before."""

    def make(count: int, height: int = 96, width: int = 128) -> list[np.ndarray]:
        y, x = np.mgrid[:height, :width]
        return [
            np.stack(
                [
                    40 + 160 * x / width,
                    40 + 160 * y / height,
                    127 + 80 * np.sin((x + 2 * y) / 40 + index / 5),
                ],
                axis=-1,
            ).astype(np.uint8)
            for index in range(count)
        ]

    return make


@pytest.fixture(scope="session")
def talking_mp4(tmp_path_factory, tone, moving) -> Path:
    """Three seconds of 128 x 96 at 25 frames/s with a tone of 440 Hz; read only."""
    from vfgan.media.video import write_video

    path = tmp_path_factory.mktemp("media") / "talking.mp4"
    write_video(path, moving(75), 25, waveform=tone(seconds=3.0))
    return path


@pytest.fixture(scope="session")
def portrait():
    """portrait(size_px, actor): a drawn face, uint8 [size, size, 3], and its true eye centres, float64 [2, 2]."""
    from tfrecords_builder.synthetic.actor import draw_actor
    from tfrecords_builder.synthetic.clips import ClipKey
    from tfrecords_builder.synthetic.config import SyntheticConfig
    from tfrecords_builder.synthetic.face import FaceRenderer
    from tfrecords_builder.synthetic.performance import act

    def make(size_px: int = 256, actor: int = 1) -> tuple[np.ndarray, np.ndarray]:
        drawn = draw_actor(1, actor)
        clip = ClipKey("speech", "neutral", 1, 1, 1, actor)
        pose = act(clip, drawn, SyntheticConfig(actors=actor, seconds=0.4, silence_seconds=0.0)).poses[0]
        renderer = FaceRenderer(drawn.look, size_px)
        truth = renderer.truth(pose)
        return renderer.render(pose), np.array([truth.left_eye_px, truth.right_eye_px])

    return make


@pytest.fixture(scope="session")
def finder():
    """A detector of faces in single pictures."""
    from vfgan.face.finder import FaceFinder

    with FaceFinder() as detector:
        yield detector
