"""The paper's figure and the strip over the dial: who stands where."""

from types import SimpleNamespace

import numpy as np
import pytest

import pipelines.commands.figure_paper as module
from pipelines.commands.figure_paper import INTENSITIES, FigureIntensity, FigurePaper, draw_intensity, draw_paper
from vfgan.config.data import CropConfig
from vfgan.errors import ConfigError
from vfgan.face.pixels import luma
from vfgan.media.images import read_image, write_image
from vfgan.media.video_writer import write_video

pytestmark = pytest.mark.medium


@pytest.fixture(scope="module")
def portrait(tmp_path_factory):
    """A drawn face as photo and as footage of six frames."""
    from tfrecords_builder.synthetic.actor import draw_actor
    from tfrecords_builder.synthetic.clips import ClipKey
    from tfrecords_builder.synthetic.config import SyntheticConfig
    from tfrecords_builder.synthetic.face import FaceRenderer
    from tfrecords_builder.synthetic.performance import act

    actor = draw_actor(1, 1)
    acted = act(ClipKey("speech", "neutral", 1, 1, 1, 1), actor, SyntheticConfig(seconds=0.4, silence_seconds=0.0))
    rgb = FaceRenderer(actor.look, 256).render(acted.poses[0])
    folder = tmp_path_factory.mktemp("portrait")
    write_image(folder / "face.png", rgb)
    write_video(folder / "face.mp4", [rgb] * 6, 25)
    return folder


class Model:
    """Paints a face in the grey level that voice and model name, times the dial."""

    crop, crop_height = CropConfig(), 1.0

    def __init__(self, name):
        self.level, self.intensity = float(name), 1.0

    def load_voice(self, path):
        return float(path.name)

    def hear(self, level):
        return SimpleNamespace(z=np.array([level]), emotion="happy", probabilities=np.eye(8)[2])

    def crop_size(self, face):
        return 100

    def edit(self, crops, z):
        assert crops.shape[1] == 128
        return np.broadcast_to(self.intensity * (z + self.level)[:, :, None, None], crops.shape).astype(np.uint8)


def test_blocks_of_the_paper_s_figure(portrait, tmp_path, monkeypatch):
    from pathlib import Path

    monkeypatch.setattr(module, "VoiceFace", Model)
    args = FigurePaper(
        happy=Path("40"), sad=Path("80"), driver=portrait / "face.mp4", target_models=("1", "2"),
        unseen=portrait / "face.png", unseen_models=("3", "4"), out=tmp_path / "paper.png", frames=3,
    )  # fmt: skip
    draw_paper(args)
    figure = read_image(args.out)[:, 190:]
    assert figure.shape == (10 * 128, 3 * 128, 3)
    levels = [int(np.median(figure[128 * row : 128 * (row + 1)])) for row in range(10)]
    assert levels[1:5] == [41, 42, 81, 82]
    assert levels[6:] == [43, 44, 83, 84]
    assert figure[:128].std() > 20
    assert figure[5 * 128 : 6 * 128].std() > 20
    assert (figure.max(axis=2) > figure.min(axis=2)).any()
    draw_paper(FigurePaper(**{**vars(args), "grey": True}))
    grey = read_image(args.out)[:, 190:]
    assert (grey.max(axis=2) == grey.min(axis=2)).all()
    np.testing.assert_allclose(grey[..., :1], luma(figure.astype(np.float32)), atol=0.6)
    with pytest.raises(ConfigError, match="--frames: expected at least 1, got 0"):
        draw_paper(FigurePaper(**{**vars(args), "frames": 0}))


def test_the_strip_goes_along_the_dial(portrait, tmp_path, monkeypatch):
    from pathlib import Path

    import tensorflow as tf

    def judge(face):
        """Sees as much happiness as there is light."""
        level = tf.reduce_mean(tf.cast(face, tf.float32), axis=(1, 2, 3)) / 255
        return {"probabilities": level[:, None] * tf.one_hot([1], 7)}

    monkeypatch.setattr(module, "VoiceFace", Model)
    monkeypatch.setattr(
        "vfgan.evaluation.subject.load_judge",
        lambda name: (SimpleNamespace(signatures={"serving_default": judge}), {}),
    )
    args = FigureIntensity(Path("100"), portrait / "face.png", tmp_path / "strip.png", model="20", judge="judge")
    scores = draw_intensity(args)
    np.testing.assert_allclose(scores, 120 * np.array(INTENSITIES) / 255, atol=0.01)
    strip = read_image(args.out)
    assert strip.shape == (22 + 160, 8 * 160, 3)
    levels = [int(np.median(strip[40:, 160 * column + 5 : 160 * (column + 1) - 5])) for column in range(1, 8)]
    assert levels == [int(120 * intensity) for intensity in INTENSITIES]
