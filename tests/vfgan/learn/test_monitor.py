"""The monitor as a callback: scores join the logs of an epoch, pictures and curves lie in its folder."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

import vfgan
from vfgan.data.attributes import Attributes
from vfgan.data.face_set import Faces
from vfgan.errors import ConfigError, OutputError
from vfgan.learn import monitor as module
from vfgan.learn.monitor import Monitor, rows_of_log


class Copies:
    """A generator that copies its input; counts how often its weights are swapped."""

    def __init__(self):
        self.steps, self.swaps = 0, 0
        self.average = SimpleNamespace(swap=self._swap)

    def _swap(self):
        self.swaps += 1

    def __call__(self, inputs):
        return inputs[0]


def faces(emotions):
    count = len(emotions)
    zeros, names = np.zeros(count, np.int32), np.array([f"a/{i}" for i in range(count)])
    pixels = np.random.default_rng(1).integers(0, 256, (count, 32, 32, 1)).astype(np.uint8)
    times = zeros.astype(np.float32)
    return Faces(pixels, np.array(emotions, np.int32), zeros, zeros, zeros, times, times, names, names)


def watching(folder, model, emotion_cnn=None):
    z = np.random.default_rng(2).normal(size=(6, 4)).astype(np.float32)
    voices = Attributes(z, np.repeat([0, 1, 2], 2).astype(np.int32), np.zeros(6, np.int32))
    return Monitor(folder=folder).watch(
        model, faces([0] * 4), faces([1, 2] * 4), voices, emotion_cnn, seen_px=32, seed=1
    )  # fmt: skip


@pytest.mark.medium
def test_scores_join_the_logs_and_curves_grow(tmp_path, monkeypatch):
    model, drawn = Copies(), []
    monkeypatch.setattr(module, "draw_curves", lambda folder, step, scores, before: drawn.append(len(before)))
    monitor = watching(tmp_path, model, vfgan.FaceClassifier(width=4, features=8, size_px=32))
    for epoch in range(2):
        model.steps = 5 * (epoch + 1)
        logs = {"loss": 1.0}
        monitor.on_epoch_end(epoch, logs)
        assert logs["loss"] == 1.0
        assert logs["identity"] == pytest.approx(1.0)
        assert logs["voice_grey_levels"] == 0.0
        assert "monitor" in logs
    assert drawn == [0, 1]
    assert sorted(path.name for path in (tmp_path / "samples").iterdir()) == ["000005.png", "000010.png"]
    assert model.swaps == 4  # the averages are scored, and the weights put back


def test_without_an_emotion_cnn_there_are_pictures_alone(tmp_path):
    scores = watching(tmp_path, Copies()).look(3)
    assert set(scores) == {"voice_grey_levels"}
    assert not (tmp_path / "curves.png").exists()


def test_it_says_what_it_needs(tmp_path):
    with pytest.raises(ConfigError, match="nothing is watched yet"):
        Monitor(folder=tmp_path).look(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ConfigError, match="in the fit of a vfgan.CycleGan, got Sequential"):
        model.fit(np.zeros((4, 2)), np.zeros((4, 1)), verbose=0, callbacks=[vfgan.Monitor(folder=tmp_path)])


def test_a_log_of_keras_is_no_log_of_scores(tmp_path):
    (tmp_path / "log.csv").write_text("epoch,loss\n0,1.5\n")
    assert rows_of_log(tmp_path, 7) is None
    (tmp_path / "log.csv").write_text("step,monitor\n3,0.5\n7,0.6\n")
    assert [row["step"] for row in rows_of_log(tmp_path, 7)] == ["3"]


def test_weights_come_back_where_a_picture_cannot_be_written(tmp_path):
    model = Copies()
    monitor = watching(tmp_path / "log", model)
    (tmp_path / "log").write_text("a file where the folder should be")
    with pytest.raises(OutputError):
        monitor.look(3)
    assert model.swaps == 2
