"""`vfgan adapt-voice`: what it learns, what stays, and what it writes."""

import dataclasses
import shutil

import numpy as np
import pytest

from pipelines.commands.adapt_voice import AdaptVoice, adapt_voice
from vfgan.errors import ConfigError, SchemaError
from vfgan.generate.voice_face import VoiceFace
from vfgan.savedmodel.restore import restore_runs
from vfgan.storage.files import read_json, write_json
from vfgan.training.runs import load_voice_reader

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def args(tiny_models, small_world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("adapted")
    return AdaptVoice(
        data=small_world.data, out=folder / "mine", model=str(tiny_models / "vfgan"), run=folder / "run", steps=3
    )


@pytest.fixture(scope="module")
def adapted(args):
    return adapt_voice(args)


def test_it_tells_what_it_heard_before_and_hears_now(adapted):
    scores, written = adapted
    assert {"train_uar_before", "train_uar"} <= set(scores)
    assert [path.parent.name for path in written] == ["extractor", "emotion_cnn", "vfgan", "vfgan_video"]


def test_the_layer_after_z_and_its_scale_stay(adapted, args):
    old = load_voice_reader(args.run / "start" / "extractor").reader.extractor
    new = load_voice_reader(args.run / "extractor").reader.extractor
    for layer in ("head", "standardise_z", "standardise"):
        for before, after in zip(getattr(old, layer).get_weights(), getattr(new, layer).get_weights()):
            np.testing.assert_allclose(after, before, rtol=1e-6)
    assert any((a != b).any() for a, b in zip(old.towers[1].get_weights(), new.towers[1].get_weights()))


def test_the_generator_hears_with_the_adapted_extractor(adapted, args, tiny_models):
    old, new = VoiceFace(args.model), VoiceFace(args.out / "vfgan")
    samples = np.random.default_rng(3).normal(0, 0.1, 24_000).astype(np.float32)
    z = new.hear(samples).z
    assert np.abs(z - old.hear(samples).z).max() > 1e-5
    alone = VoiceFace(args.out / "vfgan").signature("neutral_z")()["z"].numpy()
    np.testing.assert_array_equal(alone, old.neutral_z)
    face = np.random.default_rng(4).integers(0, 255, (1, 64, 64, 3), dtype=np.uint8)
    np.testing.assert_array_equal(new.edit(face, z[None]), old.edit(face, z[None]))


def test_what_was_adapted_can_be_gone_on_from(adapted, args, tmp_path):
    restored = restore_runs(args.out / "vfgan", tmp_path / "again")
    digest = load_voice_reader(args.run / "extractor").digest
    assert load_voice_reader(restored.extractor).digest == digest


def test_a_finished_adaptation_is_not_made_again(adapted, args):
    assert adapt_voice(args) == adapted


def test_what_was_written_is_not_written_again(adapted, args):
    stamp = read_json(args.run / "exported.json")
    write_json(args.run / "exported.json", {name: stamp[name] for name in ("digest", "extractor", "emotion_cnn")})
    for name in ("vfgan", "vfgan_video"):
        shutil.rmtree(args.out / name)
    assert adapt_voice(args) == adapted
    assert sorted(path.name for path in (args.out / "extractor").iterdir() if path.is_dir()) == ["1"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"out": "elsewhere"}, "holds an adaptation of another order: out is"),
        ({"keep": 0.9}, "holds a run of another configuration: start.keep is"),
    ],
)
def test_a_run_folder_belongs_to_one_order(adapted, args, tmp_path, change, message):
    change = {name: tmp_path / value if name == "out" else value for name, value in change.items()}
    with pytest.raises(SchemaError, match=message):
        adapt_voice(dataclasses.replace(args, **change))


def test_more_steps_are_measured_and_exported_anew(adapted, args, tmp_path):
    shutil.copytree(args.run, tmp_path / "run")
    plan = read_json(tmp_path / "run" / "plan.json")
    write_json(tmp_path / "run" / "plan.json", plan | {"out": str(tmp_path / "mine")})
    _, written = adapt_voice(dataclasses.replace(args, out=tmp_path / "mine", run=tmp_path / "run", steps=5))
    assert [path.parents[1] for path in written] == [tmp_path / "mine"] * 4
    digests = {load_voice_reader(run / "extractor").digest for run in (args.run, tmp_path / "run")}
    assert len(digests) == 2


def test_it_does_not_write_into_the_models_it_starts_from(args, tiny_models):
    with pytest.raises(ConfigError, match="is the folder of --model: choose another one"):
        adapt_voice(dataclasses.replace(args, out=tiny_models))


def test_all_of_the_old_weights_is_no_change(args, tmp_path):
    kept = dataclasses.replace(args, out=tmp_path / "kept", run=tmp_path / "run", keep=1.0)
    scores, _ = adapt_voice(kept)
    assert scores["train_uar"] == scores["train_uar_before"]
    with pytest.raises(ConfigError, match="--keep: expected 0 to 1, got 1.5"):
        adapt_voice(dataclasses.replace(kept, keep=1.5))
