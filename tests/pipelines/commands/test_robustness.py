"""`vfgan robustness`: every test clip once, resuming, refusing."""

import shutil

import pytest

import pipelines.commands.robustness
from pipelines.commands.robustness import Robustness, robustness
from tfrecords_builder.build import build
from vfgan.config.data import BuildConfig
from vfgan.errors import SchemaError
from vfgan.storage.files import read_json

pytestmark = pytest.mark.medium


def test_robustness_is_of_every_test_clip_and_ignores_gain(data, finished):
    scores = robustness(Robustness(data, finished))
    assert scores["as recorded"] == pytest.approx(read_json(finished / "results.json")["seeds"]["1"]["uar"])
    assert scores["20 dB louder"] == scores["as recorded"]
    assert read_json(finished / "robustness.json") == scores
    assert "as recorded" in (finished / "robustness.txt").read_text()


def test_interrupted_robustness_keeps_finished_folds(data, finished, tmp_path, monkeypatch):
    whole, again = robustness(Robustness(data, finished)), tmp_path / "cv"
    shutil.copytree(finished, again)
    (again / "robustness.json").unlink()
    (again / "seed-1" / "fold-02" / "degraded.json").unlink()
    heard = []
    listener = pipelines.commands.robustness.listener
    monkeypatch.setattr(
        pipelines.commands.robustness, "listener", lambda run, data: heard.append(run.name) or listener(run, data)
    )
    assert robustness(Robustness(data, again)) == whole
    assert heard == ["fold-02"]
    (again / "seed-1" / "fold-01" / "model.weights.h5").write_bytes(
        (again / "seed-1" / "fold-02" / "model.weights.h5").read_bytes()
    )  # trained again: what was heard before is not of these weights
    robustness(Robustness(data, again))
    assert heard == ["fold-02", "fold-01"]


def test_robustness_needs_waveforms_and_a_cross_validation(data, finished, tmp_path):
    with pytest.raises(SchemaError, match="holds no finished cross-validation"):
        robustness(Robustness(data, tmp_path))
    with pytest.raises(SchemaError, match="has no seed 7"):
        robustness(Robustness(data, finished, seed=7))
    build([f"ravdess:{data.parent / 'corpus'}"], tmp_path / "silent", BuildConfig(), workers=1)
    with pytest.raises(SchemaError, match="--keep-waveform"):
        robustness(Robustness(tmp_path / "silent", finished))
