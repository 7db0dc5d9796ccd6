"""Cross-validation by actor: who is on which side, resuming, refusing."""

import dataclasses
import shutil

import numpy as np
import pytest
import soundfile

from pipelines.commands import train_extractor
from pipelines.commands.cross_validate import CrossValidate, cross_validate
from pipelines.reports.cross_validation import recall_table
from tests.fixtures.folds import CONFIG
from tfrecords_builder.build import build
from vfgan.config.data import BuildConfig, MfscConfig
from vfgan.data.dataset import DataSet
from vfgan.data.voice_examples import MEASURED_STEPS, window_dataset
from vfgan.data.voice_set import load_voices
from vfgan.errors import ConfigError, SchemaError
from vfgan.storage.files import read_json
from vfgan.training.runs import load_voice_reader

pytestmark = pytest.mark.medium


def measured_on(voices, config):
    """Mean and deviation of the first windows that are drawn of some voices."""
    windows = np.concatenate([w.numpy() for w, _ in window_dataset(voices, MfscConfig(), config, 0, MEASURED_STEPS)])
    return windows.mean(axis=(0, 1)), windows.std(axis=(0, 1))


def test_test_actors_are_in_no_training_nor_normalisation(data, finished):
    voices = load_voices(DataSet(data), ["train", "validation", "test"])
    for seed, fold, test in ((1, 1, {"01", "02"}), (1, 2, {"03", "04"}), (2, 1, {"01", "02"})):
        run = finished / f"seed-{seed}" / f"fold-{fold:02d}"
        assert set(read_json(run / "config.json")["data"]["train_actors"]) == {"01", "02", "03", "04"} - test
        learnt = voices.where(~np.isin(voices.actor, sorted(test)))
        assert not set(learnt.actor) & test
        standardise = load_voice_reader(run).reader.extractor.standardise
        config = dataclasses.replace(CONFIG, train=dataclasses.replace(CONFIG.train, seed=seed))
        mean, deviation = measured_on(learnt, config)
        np.testing.assert_allclose(standardise.mean, mean, atol=1e-4)
        np.testing.assert_allclose(standardise.deviation, deviation, atol=1e-3)
        clips = [line.split(",")[1] for line in (run / "predictions.csv").read_text().splitlines()[1:]]
        assert set(clips) == {f"ravdess/{actor}" for actor in test}


def test_results_hold_every_clip_once_a_seed(finished):
    results = read_json(finished / "results.json")
    assert [(row["seed"], row["fold"]) for row in results["folds"]] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert results["seeds"]["1"]["clips"] == 24
    assert set(results["seeds"]["1"]["by_actor"]) == {f"ravdess/0{n}" for n in range(1, 5)}
    assert results["uar"] == pytest.approx((results["seeds"]["1"]["uar"] + results["seeds"]["2"]["uar"]) / 2)
    assert {"male", "female"} == set(results["all_seeds"]["by_sex"])
    assert 0 <= results["probes"]["sex"] <= 1
    assert "intensity" not in results["probes"]  # all of these voices are normal
    assert "expected calibration error" in recall_table(results)
    assert (finished / "results.png").stat().st_size > 10_000
    assert len((finished / "folds.csv").read_text().splitlines()) == 5


def test_finished_folds_are_kept_and_a_missing_one_is_remade(data, finished, tmp_path, monkeypatch):
    again = tmp_path / "cv"
    shutil.copytree(finished, again)
    shutil.rmtree(again / "seed-2" / "fold-01")
    trained = []
    fit = train_extractor.fit_extractor
    monkeypatch.setattr(train_extractor, "fit_extractor", lambda *a, **k: trained.append(a[3].name) or fit(*a, **k))
    cross_validate(CrossValidate(data, again, 2, (1, 2), CONFIG))
    assert trained == ["fold-01"]
    assert (again / "results.json").read_bytes() == (finished / "results.json").read_bytes()


@pytest.mark.slow
def test_folds_in_parallel_give_the_same_rows_and_resume(data, tmp_path):
    args = CrossValidate(data, tmp_path / "cv", 2, (1,), CONFIG, workers=2)

    def stop(done, total, name, scores):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cross_validate(args, stop)
    assert not (args.out / "results.json").exists()
    told = []
    other = CrossValidate(data, tmp_path / "undisturbed", 2, (1,), CONFIG, workers=2)
    undisturbed = cross_validate(other, lambda done, total, name, scores: told.append((done, total)))
    assert cross_validate(args) == undisturbed
    assert told[-1] == (6, 6)


def test_another_configuration_and_impossible_folds_are_refused(data, finished, tmp_path):
    with pytest.raises(SchemaError, match="another configuration: config.dense is 5 here and 4 there"):
        cross_validate(CrossValidate(data, finished, 2, (1,), dataclasses.replace(CONFIG, dense=5)))
    longer = dataclasses.replace(CONFIG, train=dataclasses.replace(CONFIG.train, steps=4))
    with pytest.raises(SchemaError, match="another configuration: config.train.steps is 4 here and 3 there"):
        cross_validate(CrossValidate(data, finished, 2, (1, 2), longer))  # its folds would stay those of 3 steps
    with pytest.raises(ConfigError, match="--folds: expected 2 to 4"):
        cross_validate(CrossValidate(data, tmp_path / "x", 9, (1,), CONFIG))


def test_folds_of_other_data_are_not_mixed(data, finished, tmp_path):
    build(
        [f"ravdess:{data.parent / 'corpus'}"],
        tmp_path / "other",
        BuildConfig(mfsc=MfscConfig(log_floor=1e-9)),
        workers=1,
    )
    with pytest.raises(SchemaError, match="holds a cross-validation of another configuration"):
        cross_validate(CrossValidate(tmp_path / "other", finished, 2, (1, 2), CONFIG))


def test_patience_has_nobody_to_go_by(data, tmp_path):
    with pytest.raises(ConfigError, match="no validation actors"):
        cross_validate(CrossValidate(data, tmp_path / "out", 2, (1,), dataclasses.replace(CONFIG, patience=3)))
    config, dataset = dataclasses.replace(CONFIG, patience=3), DataSet(data)
    with pytest.raises(ConfigError, match="no validation actors"):
        train_extractor.fit_extractor(config, dataset, load_voices(dataset, ["train"]), tmp_path / "run")


@pytest.mark.slow
def test_a_corpus_is_left_out_with_all_its_people(tmp_path):
    rng = np.random.default_rng(1)
    places = ("r/03-01-05-01-01-01-{a}.wav", "r/03-02-03-01-01-01-{a}.wav", "n/KS{a}_anger_1.wav", "n/KS{a}_fear_1.wav")
    for place in places:
        for actor in range(1, 4):
            path = tmp_path / place.format(a=f"{actor:02d}" if place.startswith("r") else actor)
            path.parent.mkdir(exist_ok=True)
            soundfile.write(path, rng.normal(0, 0.1, 16_000), 16_000)
    build([f"ravdess:{tmp_path / 'r'}", f"nemo:{tmp_path / 'n'}"], tmp_path / "data", BuildConfig(), workers=1)
    results = cross_validate(CrossValidate(tmp_path / "data", tmp_path / "cv", by="corpus", config=CONFIG))
    assert [row["actors"] for row in results["folds"]] == ["nemo", "ravdess"]
    for fold, left in ((1, "nemo"), (2, "ravdess")):
        run = tmp_path / "cv" / "seed-1" / f"fold-{fold:02d}"
        learnt = set(read_json(run / "config.json")["data"]["train_actors"])
        assert learnt == ({"01", "02", "03"} if left == "nemo" else {"KS1", "KS2", "KS3"})
        tested = {line.split(",")[0].split("/")[0] for line in (run / "predictions.csv").read_text().splitlines()[1:]}
        assert tested == {left}
    assert set(results["all_seeds"]["by_corpus"]) == {"nemo", "ravdess", "ravdess song"}
    assert "ravdess song" in recall_table(results)
    with pytest.raises(ConfigError, match="the data set has nemo, ravdess"):
        cross_validate(CrossValidate(tmp_path / "data", tmp_path / "x", by="corpus", left=("savee",), config=CONFIG))
