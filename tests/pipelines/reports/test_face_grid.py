"""The figure: who stands where."""

import types
from pathlib import Path

import numpy as np
import pytest

from pipelines.reports.face_grid import draw_figure, first_frame
from vfgan.config.data import CropConfig
from vfgan.errors import NoFaceError
from vfgan.media.images import read_image
from vfgan.media.video_writer import write_video

pytestmark = pytest.mark.medium


@pytest.fixture(scope="module")
def portrait():
    """A drawn face, uint8 [256, 256, 3]."""
    from tfrecords_builder.synthetic.actor import draw_actor
    from tfrecords_builder.synthetic.clips import ClipKey
    from tfrecords_builder.synthetic.config import SyntheticConfig
    from tfrecords_builder.synthetic.face import FaceRenderer
    from tfrecords_builder.synthetic.performance import act

    actor = draw_actor(1, 1)
    acted = act(ClipKey("speech", "neutral", 1, 1, 1, 1), actor, SyntheticConfig(seconds=0.4, silence_seconds=0.0))
    return FaceRenderer(actor.look, 256).render(acted.poses[0])


class Model:
    """Paints a face in the grey level that the voice's path names."""

    crop, crop_height = CropConfig(), 1.0

    def load_voice(self, path):
        return float(path.name)

    def hear(self, level):
        return types.SimpleNamespace(z=np.array([level]))

    def crop_size(self, face):
        return 100

    def edit(self, crops, z):
        return np.broadcast_to(z[:, :, None, None], crops.shape).astype(np.uint8)


@pytest.mark.parametrize("with_source", [True, False])
def test_rows_are_faces_and_columns_voices(portrait, tmp_path, with_source):
    voices = {"low": Path("40"), "high": Path("200")}
    pictures = {"a": portrait, "b": portrait}
    draw_figure(Model(), pictures, voices, tmp_path / "figure.png", with_source=with_source)
    figure = read_image(tmp_path / "figure.png")
    first = 128 if with_source else 0
    assert figure.shape == (22 + 2 * 128, first + 2 * 128, 3)
    for row in (22, 22 + 128):
        cells = figure[row : row + 128]
        assert (cells[:, first : first + 128] == 40).all()
        assert (cells[:, first + 128 :] == 200).all()
        if with_source:
            assert cells[:, :128].std() > 20


def test_a_picture_without_a_face_is_named(tmp_path):
    with pytest.raises(NoFaceError, match="nobody: no face"):
        draw_figure(Model(), {"nobody": np.full((64, 64, 3), 90, np.uint8)}, {"x": Path("1")}, tmp_path / "f.png")


def test_first_frame(tmp_path):
    write_video(tmp_path / "a.mp4", [np.full((48, 64, 3), level, np.uint8) for level in (50, 150)], 10)
    assert first_frame(tmp_path / "a.mp4").shape == (48, 64, 3)
    assert abs(first_frame(tmp_path / "a.mp4").mean() - 50) < 4
