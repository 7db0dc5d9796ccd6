"""`vfgan export`: runs -> models with cards, and figures that are known only later."""

import json

import numpy as np
import pytest

from pipelines.commands.export import Export, export
from vfgan.config.data import CropConfig, MfscConfig
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.config.serialise import to_dict
from vfgan.config.training import TrainConfig
from vfgan.errors import ConfigError, SchemaError
from vfgan.storage.files import write_json, write_text

TRAIN = TrainConfig(steps=5, batch_size=2)


@pytest.fixture(scope="module")
def gan_run(tmp_path_factory):
    """A run folder as `vfgan train gan` leaves it, of untrained networks."""
    from vfgan.models.build import make_cyclegan, make_extractor
    from vfgan.training.runs import weights_digest

    run = tmp_path_factory.mktemp("runs") / "gan"
    (run / "extractor").mkdir(parents=True)
    heard = ExtractorConfig(widths=(4, 4, 4, 4), dense=8, z_size=4, train=TRAIN)
    extractor = make_extractor(heard, MfscConfig())
    extractor.save_weights(run / "extractor" / "model.weights.h5")
    resolved = {"kind": "extractor", "config": to_dict(heard), "mfsc": to_dict(MfscConfig())}
    write_json(run / "extractor" / "config.json", resolved)
    config = GanConfig.of(size_px=32, filters=4, blocks=1, discriminator_filters=4, discriminator_layers=2, train=TRAIN)
    make_cyclegan(config, 4, None).save_weights(run / "model.weights.h5")
    resolved = {
        "kind": "gan", "config": to_dict(config), "crop": to_dict(CropConfig()), "people": ["01"],
        "extractor": {"digest": weights_digest(extractor), "z_size": 4},
    }  # fmt: skip
    write_json(run / "config.json", resolved)
    write_json(run / "neutral_z.json", {"z": [0.0, 1.0, 2.0, 3.0]})
    write_text(run / "log.csv", "step,seconds\n3,60\n5,130\n")
    return run


@pytest.fixture(scope="module")
def models(gan_run, tmp_path_factory):
    """Where `export` wrote the generator and its twin for videos."""
    out = tmp_path_factory.mktemp("models")
    written = export(Export(out=out, gan=gan_run, data="nothing", command="vfgan train gan"))
    assert written == [out / "vfgan" / "1", out / "vfgan_video" / "1"]
    return out


def test_a_generator_is_written_with_its_twin_for_videos(models):
    from vfgan.generate.voice_face import VoiceFace
    from vfgan.savedmodel.load import load_model

    model = VoiceFace(models / "vfgan")
    np.testing.assert_array_equal(model.neutral_z, [0, 1, 2, 3])
    video, card = load_model(models / "vfgan_video")
    assert set(video.signatures["serving_default"].structured_input_signature[1]) == {"waveform", "faces", "times"}
    assert card["parameters"] == model.card["parameters"]
    assert card["crop"] == model.card["crop"]


def test_the_card_says_what_was_measured_and_no_more(models):
    card = (models / "vfgan" / "README.md").read_text()
    assert "**Trained**: 5 steps in 2 minutes\n" in card  # on what, nobody has noted


def test_without_the_twin(gan_run, tmp_path):
    assert export(Export(out=tmp_path, gan=gan_run, name="small", video=False)) == [tmp_path / "small" / "1"]


def test_the_gain_is_in_the_graph_and_on_the_card(models, gan_run, tmp_path):
    from vfgan.generate.voice_face import VoiceFace

    export(Export(out=tmp_path, gan=gan_run, name="more", gain=1.5))
    more, video = (VoiceFace(tmp_path / "more"), json.loads((tmp_path / "more_video" / "card.json").read_text()))
    assert more.card["gain"] == video["gain"] == 1.5
    assert "**Gain**: 1.5\n" in (tmp_path / "more" / "README.md").read_text()
    plain = VoiceFace(models / "vfgan", intensity=1.5)
    assert plain.card["gain"] == 1.0
    rng = np.random.default_rng(0)
    face, z = rng.integers(0, 256, (2, 32, 32, 3)).astype(np.uint8), rng.normal(0, 3, (2, 4)).astype(np.float32)
    assert np.abs(more.edit(face, z).astype(int) - plain.edit(face, z)).max() <= 1
    for gain in (0.0, -1.0, 4.0, float("nan")):
        with pytest.raises(ConfigError, match="--gain: expected more than 0, at most 3"):
            export(Export(out=tmp_path, gan=gan_run, gain=gain))


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
    }  # fmt: skip
    rows = [{"fold": 1, "seed": 1}, {"fold": 2, "seed": 1}]
    values = {"folds": rows, "seeds": {"1": {"uar": 0.625}}, "uar": 0.625, "all_seeds": whole, "probes": {"sex": 0.9}}
    write_json(folder / "results.json", values)
    write_json(folder / "robustness.json", {"as recorded": 0.625, "20 dB louder": 0.5})
    write_json(folder / "config.json", resolved)
    return folder / "results.json"


def test_figures_of_a_cross_validation_come_into_the_extractors_card(models, gan_run, tmp_path):
    export(Export(out=models, extractor=gan_run / "extractor"))
    resolved = json.loads((models / "extractor" / "card.json").read_text())["resolved"]
    for _ in range(2):
        export(Export(out=models, figures=(cross_validation(tmp_path / "folds", resolved),)))
    text = (models / "extractor" / "README.md").read_text()
    assert "| folds: UAR, mean of the seeds | 0.625 |" in text
    assert text.count("folds: UAR, 20 dB louder") == 1
    assert "folds: 2 folds of actors, 1 seeds" in text
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
