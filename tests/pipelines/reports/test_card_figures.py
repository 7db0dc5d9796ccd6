"""Figures that are known only after the export come into the cards."""

import json

import pytest

from pipelines.commands.export import Export, export
from vfgan.errors import ConfigError, SchemaError
from vfgan.storage.files import write_json

pytestmark = pytest.mark.medium


def evaluation(folder, model="vfgan 1"):
    rows = {"generated": {"judge = heard": 0.75, "Frechet": 5.5}, "real faces": {"Frechet": 7.0}}
    values = {
        "model": model, "judge": "judge 1", "voice_actors": ["20"], "rows": rows,
        "counts": {"generated": 480, "voices": 60},
    }  # fmt: skip
    write_json(folder / "evaluation.json", values)
    return folder / "evaluation.json"


def test_figures_of_an_evaluation_come_into_the_card(models, tmp_path):
    for _ in range(2):  # the second time they are the same, not more
        export(Export(out=models, figures=(evaluation(tmp_path / "people"), evaluation(tmp_path / "films"))))
    card = json.loads((models / "vfgan" / "card.json").read_text())
    assert card["figures"]["people: generated, judge = heard"] == 0.75
    assert len(card["figures"]) == 6
    text = (models / "vfgan" / "README.md").read_text()
    assert "| films: real faces, Frechet | 7 |" in text
    assert "people: 480 faces, 60 voices of actors 20, by judge 1" in text
    assert "**Trained**: 5 steps" in text
    assert sorted(path.name for path in (models / "vfgan").iterdir()) == ["1", "README.md", "card.json"]


def cross_validation(folder, resolved):
    whole = {
        "accuracy": 0.5, "by_emotion": {"happy": 0.25}, "by_intensity": {"strong": 0.75}, "by_sex": {"male": 0.5},
        "calibration": {"expected_error": 0.1},
        "by_corpus": {"savee": {"uar": 0.4, "uar_own": 0.5, "expected_calibration_error": 0.04}},
    }  # fmt: skip
    rows = [{"fold": 1, "seed": 1}, {"fold": 2, "seed": 1}]
    values = {"folds": rows, "seeds": {"1": {"uar": 0.625}}, "uar": 0.625, "all_seeds": whole, "probes": {"sex": 0.9}}
    write_json(folder / "results.json", values)
    write_json(folder / "robustness.json", {"as recorded": 0.625, "20 dB louder": 0.5})
    write_json(folder / "config.json", resolved)
    return folder / "results.json"


def test_cross_validation_figures_come_into_the_extractors_card(models, gan_run, tmp_path):
    export(Export(out=models, extractor=gan_run / "extractor"))
    resolved = json.loads((models / "extractor" / "card.json").read_text())["resolved"]
    for _ in range(2):
        export(Export(out=models, figures=(cross_validation(tmp_path / "folds", resolved),)))
    text = (models / "extractor" / "README.md").read_text()
    assert "| folds: UAR, mean of the seeds | 0.625 |" in text
    assert text.count("folds: UAR, 20 dB louder") == 1
    assert "folds: 2 folds of actors, 1 seeds" in text
    assert "| folds: UAR, savee, among its own emotions | 0.5 |" in text
    before = {name: value for name, value in resolved["config"].items() if name != "features"}  # an option since
    export(Export(out=models, figures=(cross_validation(tmp_path / "older", resolved | {"config": before}),)))
    for part, name in (("config", "dense"), ("mfsc", "delta_span")):
        other = resolved | {part: resolved[part] | {name: 99}}
        with pytest.raises(SchemaError, match=f"measured another extractor: {name} is "):
            export(Export(out=models, figures=(cross_validation(tmp_path / "others", other),)))


def test_figures_of_something_else_are_refused(models, tmp_path):
    for model, message in (("vfgan 7", "holds version 1: evaluate that one"), ("other 1", "does not exist")):
        with pytest.raises(SchemaError, match=message):
            export(Export(out=models, figures=(evaluation(tmp_path, model),)))
    write_json(tmp_path / "scores.json", {"uar": 1})
    with pytest.raises(SchemaError, match="expected evaluation.json"):
        export(Export(out=models, figures=(tmp_path / "scores.json",)))
    with pytest.raises(ConfigError, match="nothing to export"):
        export(Export(out=models))
