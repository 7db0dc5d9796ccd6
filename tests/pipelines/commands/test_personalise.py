"""`vfgan personalise` on the embedded corpus: what it says, learns, leaves, and how it goes on."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from pipelines.commands.personalise import Personalise, PersonaliseStages
from pipelines.console import Bar
from tests.pipelines.commands.conftest import TINY
from vfgan.errors import ConfigError, MediaError, SchemaError
from vfgan.generate.voice_face import VoiceFace
from vfgan.storage.files import read_json
from vfgan.training.runs import load_gan

pytestmark = pytest.mark.slow

NAMES = {"01": "neutral", "03": "happy", "04": "sad"}


@pytest.fixture(scope="module")
def footage(tmp_path_factory):
    """table.csv of one person's clips in three emotions."""
    from tfrecords_builder.synthetic.config import SyntheticConfig
    from tfrecords_builder.synthetic.corpus import synthesize

    folder = tmp_path_factory.mktemp("footage")
    clips = synthesize(folder, SyntheticConfig(actors=1, statements=2, intensities=(1,), seconds=0.7, workers=1))
    wanted = [clip for clip in clips if clip.name.split("-")[2] in NAMES]
    with open(folder / "table.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "emotion"])
        writer.writerows([clip.relative_to(folder), NAMES[clip.name.split("-")[2]]] for clip in wanted)
    return folder / "table.csv"


@pytest.fixture(scope="module")
def short():
    """Seconds instead of minutes, and one process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vfgan.data.footage_report.LEAST_FACE_SECONDS", 1.0)
        patch.setattr("pipelines.commands.personalise.WARM_UP_STEPS", 2)
        patch.setattr("pipelines.commands.personalise.WORKERS", 1)
        yield


@pytest.fixture(scope="module")
def done(tiny_models, footage, short, tmp_path_factory):
    """Arguments of a finished run."""
    folder = tmp_path_factory.mktemp("teammate")
    args = Personalise(
        footage=(footage,), out=folder / "models" / "ann", model=str(tiny_models / "vfgan"), minutes=0.001,
        run=folder / "run",
    )  # fmt: skip
    args.main()
    return args


def test_it_ends_in_a_model_that_knows_what_it_has_learnt_from(done, tiny_models):
    model = VoiceFace(done.out)
    assert model.card["resolved"]["people"] == ["ann"]
    assert set(model.card["resolved"]["faces"]) == {"before: data", "data"}
    before = VoiceFace(tiny_models / "vfgan")
    assert set(before.card["resolved"]["voices"]["train_actors"]) < set(
        model.card["resolved"]["voices"]["train_actors"]
    )
    np.testing.assert_allclose(model.track(np.ones(16_000, np.float32)).outputs["z"].shape, [4])
    assert (done.out.parent / "ann_video" / "1" / "saved_model.pb").is_file()
    assert list((done.run / "gan" / "samples").glob("*.png"))  # previews


def test_voices_are_those_that_were_shipped(done, tiny_models):
    """z of the person's own few would make the generator forget how strangers sound."""
    shipped = tiny_models / "vfgan" / "1" / "assets.extra" / "attributes.npz"
    for path in (done.run / "gan" / "attributes.npz", done.out / "1" / "assets.extra" / "attributes.npz"):
        assert path.read_bytes() == shipped.read_bytes()
    np.testing.assert_array_equal(VoiceFace(done.out).neutral_z, VoiceFace(tiny_models / "vfgan").neutral_z)


def test_a_generator_without_its_voices_is_refused(tiny_models, footage, tmp_path):
    shutil.copytree(tiny_models, tmp_path / "models")
    (tmp_path / "models" / "vfgan" / "1" / "assets.extra" / "attributes.npz").unlink()
    with pytest.raises(SchemaError, match=r"no .*attributes\.npz, the voices that it has learnt with: train it"):
        PersonaliseStages(
            Personalise((footage,), tmp_path / "ann", str(tmp_path / "models" / "vfgan"), run=tmp_path / "run")
        )


def test_the_generator_rests_while_the_others_warm_up(done):
    """Its weights after the warm-up are those that were shipped; the discriminators' are not their first ones."""
    from vfgan.models.build import make_cyclegan

    model = load_gan(done.run / "gan").model
    shipped = make_cyclegan(TINY, 4, None).g
    shipped.load_weights(done.run / "start" / "generator.weights.h5")
    learnt = [weight.copy() for weight in model.g.get_weights()]
    model.load_weights(done.run / "warm-up" / "model.weights.h5")
    for one, two in zip(model.g.get_weights(), shipped.get_weights()):
        np.testing.assert_array_equal(one, two)
    assert any((a != b).any() for a, b in zip(learnt, shipped.get_weights()))
    with open(done.run / "warm-up" / "log.csv", newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)][-1] == "2"


def test_the_same_command_does_nothing_twice(done):
    done.main()
    assert sorted(path.name for path in done.out.iterdir() if path.is_dir()) == ["1"]


def test_another_seed_needs_another_folder(done, short):
    import dataclasses

    with pytest.raises(SchemaError, match=r"another configuration: seed is 7 here and 1 there"):
        PersonaliseStages(dataclasses.replace(done, seed=7))


def test_footage_with_too_little_to_learn_from_is_refused(tiny_models, footage, short, tmp_path, monkeypatch):
    monkeypatch.setattr("vfgan.data.footage_report.LEAST_FACE_SECONDS", 1000.0)
    args = {"out": tmp_path / "ann", "model": str(tiny_models / "vfgan"), "run": tmp_path / "run"}
    stages = PersonaliseStages(Personalise(footage=(footage,), **args))
    with pytest.raises(MediaError, match=r"(?s)6 utterances.*emotions: .*too little: the face is seen for"):
        stages.examine(Bar)
    looked = PersonaliseStages(Personalise(footage=(footage,), look=True, **args)).examine(Bar)
    assert looked[-1].startswith("too little")
    with pytest.raises(MediaError, match=r"absent\.mp4 does not exist"):
        PersonaliseStages(Personalise(footage=(tmp_path / "absent.mp4",), **args))
    with pytest.raises(ConfigError, match="expected either one table or videos, not both"):
        PersonaliseStages(Personalise(footage=(footage, footage), **args))


@pytest.mark.slow
def test_killed_while_it_learns_it_goes_on(tmp_path):
    """With the shipped models; some minutes."""
    from tfrecords_builder.synthetic.config import SyntheticConfig
    from tfrecords_builder.synthetic.corpus import synthesize

    emotions = {**NAMES, "05": "angry"}
    clips = synthesize(tmp_path / "corpus", SyntheticConfig(actors=1, statements=4, intensities=(1, 2)))
    rows = [f"{clip},{emotions[clip.name.split('-')[2]]}" for clip in clips if clip.name.split("-")[2] in emotions]
    (tmp_path / "table.csv").write_text("\n".join(["file,emotion", *rows]))
    options = ["--footage", "table.csv", "--out", "models/ann", "--run", "run", "--minutes", "1.5"]
    command = [sys.executable, "-m", "pipelines.cli", "personalise", *options]
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment)
    while process.poll() is None and not (tmp_path / "run" / "gan" / "samples").is_dir():
        time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "models" / "ann").exists()
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    with open(tmp_path / "run" / "gan" / "log.csv", newline="") as file:
        steps = [int(row["step"]) for row in csv.DictReader(file)]
    assert steps == sorted(set(steps))
    assert read_json(tmp_path / "models" / "ann" / "card.json")["name"] == "ann"
    personal, shipped = VoiceFace(tmp_path / "models" / "ann"), VoiceFace("vfgan")
    samples = np.random.default_rng(1).normal(0, 0.1, 16_000).astype(np.float32)
    np.testing.assert_array_equal(personal.mouth_track(samples).values, shipped.mouth_track(samples).values)
