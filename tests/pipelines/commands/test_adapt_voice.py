"""`vfgan adapt-voice`: what it learns, what stays, and what it writes."""

import dataclasses

import numpy as np
import pytest

from pipelines.commands.adapt_voice import AdaptVoice, adapt_voice
from vfgan.errors import ConfigError
from vfgan.generate.voice_face import VoiceFace
from vfgan.savedmodel.restore import restore_runs
from vfgan.training.runs import load_voice_reader

pytestmark = pytest.mark.medium


@pytest.fixture(scope="module")
def args(models, small_world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("adapted")
    return AdaptVoice(
        data=small_world.data, out=folder / "mine", model=str(models / "vfgan"), run=folder / "run", steps=3
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
    assert any((a != b).any() for a, b in zip(old.stages.get_weights(), new.stages.get_weights()))


def test_the_generator_hears_with_the_adapted_extractor(adapted, args, models):
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


def test_all_of_the_old_weights_is_no_change(args, tmp_path):
    kept = dataclasses.replace(args, out=tmp_path / "kept", run=tmp_path / "run", keep=1.0)
    scores, _ = adapt_voice(kept)
    assert scores["train_uar"] == scores["train_uar_before"]
    with pytest.raises(ConfigError, match="--keep: expected 0 to 1, got 1.5"):
        adapt_voice(dataclasses.replace(kept, keep=1.5))
