"""`vfgan train gan` on a small data set: what it leaves, what it refuses, and the best weights."""

import csv
import dataclasses
import shutil

import numpy as np
import pytest

from pipelines.commands.export import Export, export
from pipelines.commands.train_gan import train_gan
from tests.pipelines.gan.tiny_gan import TRAIN, command
from vfgan.config.gan import MotionConfig
from vfgan.errors import SchemaError
from vfgan.generate.voice_face import VoiceFace
from vfgan.media.images import read_image
from vfgan.storage.files import digest_file, read_json, write_json
from vfgan.training.runs import load_gan

pytestmark = pytest.mark.medium


@pytest.fixture(scope="module")
def trained(small_world, tmp_path_factory):
    """A finished run, with the running average of G."""
    run = tmp_path_factory.mktemp("gan") / "run"
    train_gan(command(small_world, run, average_decay=0.9))
    return run


def rows_of(run):
    with open(run / "log.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_the_monitor_leaves_scores_curves_and_the_best_weights(trained):
    rows = rows_of(trained)
    assert [row["step"] for row in rows] == ["2", "4", "6"]
    for name in ("agreement", "shuffled", "voice_effect", "identity", "frechet"):
        assert all(np.isfinite(float(row[name])) and float(row[f"{name}_error"]) >= 0 for row in rows)
    assert read_image(trained / "curves.png").std() > 5
    assert len(list((trained / "samples").glob("*.png"))) == 3
    # the best are kept with the average in the weights' place, as it is exported
    best, last = load_gan(trained, "best").model, load_gan(trained).model
    scores = [float(row["monitor"]) for row in rows]
    same = all(np.array_equal(a, b) for a, b in zip(best.g.get_weights(), last.g.get_weights()))
    assert same == (int(np.argmax(scores)) == 2)


@pytest.mark.slow
def test_a_run_begins_with_networks_and_origin_of_another(trained, small_world, tmp_path):
    still = {"generator_learning_rate": 1e-12, "discriminator_learning_rate": 1e-12, "average_decay": 0.9}
    args = command(small_world, tmp_path / "run", train=dataclasses.replace(TRAIN, steps=2), **still)
    train_gan(dataclasses.replace(args, start=trained))
    before, after = load_gan(trained), load_gan(tmp_path / "run")
    for name in ("g", "f", "d_x", "d_y"):
        networks = getattr(before.model, name), getattr(after.model, name)
        for a, b in zip(*(network.trainable_variables for network in networks), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-3)  # spectral normalisation takes a step
    assert after.resolved["faces"] == before.resolved["faces"]  # of one data set: named once
    assert after.resolved["start"] == digest_file(trained / "model.weights.h5")


@pytest.mark.slow
def test_a_bending_generator_learns_in_stages_and_is_exported(small_world, tmp_path):
    motion = MotionConfig(flow_steps=1, paint_steps=1, paint_units=4, components=4, corrections=2)
    args = command(
        small_world, tmp_path / "run", emotion_cnn=False, head="motion", size_px=64, motion=motion, guard="off",
        train=dataclasses.replace(TRAIN, steps=3, log_every=1),
    )  # fmt: skip
    train_gan(args)
    learnt = [{name for name in ("voice", "interior", "d_y") if float(row[name])} for row in rows_of(args.run)]
    assert learnt == [{"voice"}, {"interior"}, {"voice", "interior", "d_y"}]
    trained = load_gan(args.run)
    assert trained.model.g.settings["channels"] == 3
    export(Export(out=tmp_path / "models", gan=args.run, video=False))
    made = VoiceFace(tmp_path / "models" / "vfgan").edit(np.full((1, 70, 70, 3), 90, np.uint8), trained.neutral_z[None])
    assert made.shape == (1, 70, 70, 3)
    assert np.abs(made.astype(int) - 90).max() <= 1  # a neutral voice


def test_a_run_begins_with_no_other_networks(trained, small_world, tmp_path):
    with pytest.raises(SchemaError, match="does not fit this network"):
        train_gan(dataclasses.replace(command(small_world, tmp_path / "run", filters=8), start=trained))
    with pytest.raises(SchemaError, match="not finished"):
        (tmp_path / "begun").mkdir()
        (tmp_path / "begun/config.json").write_text((trained / "config.json").read_text())
        train_gan(dataclasses.replace(command(small_world, tmp_path / "other"), start=tmp_path / "begun"))


def test_a_run_begins_with_no_networks_that_heard_otherwise(trained, small_world, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(trained, copy)
    config = read_json(copy / "config.json")
    write_json(copy / "config.json", config | {"extractor": config["extractor"] | {"digest": "0" * 16}})
    with pytest.raises(SchemaError, match="used extractor 0{16}"):
        train_gan(dataclasses.replace(command(small_world, tmp_path / "run"), start=copy))


def test_export_takes_the_best_weights_by_option(trained, tmp_path, monkeypatch):
    import pipelines.commands.export as module

    taken = {}
    monkeypatch.setattr("vfgan.savedmodel.write.export_model", lambda module, name, *_: taken.setdefault(name, module))
    for which in ("last", "best"):
        taken.clear()
        module.export(Export(out=tmp_path, gan=trained, video=False, weights=which))
        exported = [weight.numpy() for weight in taken["vfgan"].generator.weights]
        for one, two in zip(exported, load_gan(trained, which).model.g.get_weights()):
            np.testing.assert_array_equal(one, two)


@pytest.mark.slow
def test_without_an_emotion_cnn_there_are_no_best_weights(small_world, tmp_path):
    args = command(small_world, tmp_path / "run", emotion_cnn=False, guard="off")
    scores = train_gan(args)
    assert "monitor" not in scores
    assert scores["voice_grey_levels"] >= 0
    with pytest.raises(SchemaError, match="no best weights"):
        export(Export(out=tmp_path / "models", gan=tmp_path / "run", weights="best"))
