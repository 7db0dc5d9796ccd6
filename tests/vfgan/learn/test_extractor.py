"""The extractor as a whole Keras model: adapt, compile, fit, save, load, export."""

import json
import subprocess
import sys
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

import vfgan
from vfgan.errors import ConfigError, SchemaError

SMALL = {"widths": (4, 4, 4, 4), "dense": 8, "z_size": 4}


@pytest.fixture(scope="module")
def data(small_world):
    return vfgan.load_dataset(small_world.data)


def adapted(data, optimizer="adam", **options):
    keras.utils.set_random_seed(3)
    extractor = vfgan.Extractor(**SMALL)
    extractor.adapt(data.train)
    extractor.compile(optimizer, **options)
    return extractor


def batches_of(dataset):
    return [windows.numpy() for windows, _ in dataset]


def test_defaults_are_the_configuration_s():
    from vfgan.config.networks import ExtractorConfig

    extractor, config = vfgan.Extractor(), ExtractorConfig()
    for name, value in extractor.settings.items():
        assert value == getattr(config, name, value), name
    assert (extractor.settings["bands"], extractor.mfsc.window_frames) == (40, 40)
    with pytest.raises(ConfigError, match="dropout: expected 0 to 1, got 2"):
        vfgan.Extractor(dropout=2.0)


def test_the_first_call_says_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert vfgan.Extractor(**SMALL)(np.zeros((2, 40, 40, 3), np.float32)).shape == (2, 8)


@pytest.mark.medium
def test_other_epochs_see_other_windows(data):
    windows = data.train.windows(4, seed=5)
    assert windows.cardinality() == 4  # 12 clips of 50 frames
    first, second = batches_of(windows), batches_of(windows)
    assert not np.array_equal(first[0], second[0])
    again = data.train.windows(4, seed=5)
    again.vfgan_source.epochs.next = 1
    np.testing.assert_array_equal(batches_of(again), second)
    held = data.validation.windows(4)
    np.testing.assert_array_equal(batches_of(held)[0], batches_of(held)[0])


def test_scores_are_of_every_window_as_it_is(data):
    windows = batches_of(data.validation.windows(5))
    assert [len(batch) for batch in windows] == [5, 5, 5, 3]  # 6 clips, windows from frame 0, 5 and 10
    assert data.validation.windows(5).cardinality() == 4
    np.testing.assert_array_equal(windows[0][1], data.validation.voices.clip(0)[5:45])


@pytest.mark.medium
def test_adapt_measures_the_windows_that_are_learnt_from(data):
    extractor = adapted(data)
    seen = np.concatenate([w.numpy() for w, _ in data.train.windows(64, steps=50)]).reshape(-1, 40, 3)
    np.testing.assert_allclose(extractor.standardise.mean, seen.mean(axis=0, dtype=np.float64), atol=1e-5)
    assert extractor.origin["train_actors"] == ["01", "02"]


@pytest.mark.slow
def test_fit_resumes_where_it_was_interrupted(data, tmp_path):
    """Epochs 1 and 2, then a new process' epochs 3 and 4 from the backup, equal four in one go."""

    def trained(folder, epochs, stop=False):
        extractor = adapted(data)
        backup = keras.callbacks.BackupAndRestore(folder, delete_checkpoint=False)
        extractor.fit(data.train.windows(8), epochs=epochs, callbacks=[backup], verbose=0)
        return [np.array(weight) for weight in extractor.weights]

    whole = trained(tmp_path / "whole", 4)
    trained(tmp_path / "parts", 2)
    for one, two in zip(trained(tmp_path / "parts", 4), whole):
        np.testing.assert_array_equal(one, two)


@pytest.mark.medium
def test_what_keras_offers_works(data, tmp_path):
    schedule = keras.optimizers.schedules.ExponentialDecay(1e-2, 2, 0.5)
    extractor = adapted(data, keras.optimizers.Adam(schedule), metrics=["accuracy"], run_eagerly=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        history = extractor.fit(
            data.train.windows(8), validation_data=data.validation.windows(8), epochs=3, verbose=0,
            callbacks=[
                keras.callbacks.EarlyStopping(patience=0, monitor="loss", mode="max"),  # the loss falls
                keras.callbacks.ModelCheckpoint(tmp_path / "x.keras"),
                keras.callbacks.TensorBoard(tmp_path / "logs"),
            ],
        )  # fmt: skip
    assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= set(history.history)
    assert list((tmp_path / "logs").rglob("events*"))
    kept = keras.saving.load_model(tmp_path / "x.keras")
    assert kept.standardise_z.measured
    scores = kept.evaluate(data.validation.windows(8), verbose=0, return_dict=True)
    assert set(scores) == {"loss", "accuracy"}


@pytest.mark.slow
def test_what_is_saved_goes_on_and_is_exported(data, tmp_path):
    extractor = adapted(data)
    extractor.fit(data.train.windows(8), epochs=1, verbose=0)
    extractor.save(tmp_path / "x.keras")
    code = (
        "import sys, json, numpy, vfgan\n"
        "model = vfgan.load_model(sys.argv[1])\n"
        "windows = numpy.random.default_rng(0).normal(size=(2, 40, 40, 3)).astype('float32')\n"
        "logits = model.predict(windows, verbose=0).tolist()\n"
        "print(json.dumps([type(model).__name__, int(model.optimizer.iterations), logits]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x.keras")], capture_output=True, text=True, check=True
    )
    name, updates, logits = json.loads(done.stdout.splitlines()[-1])
    windows = np.random.default_rng(0).normal(size=(2, 40, 40, 3)).astype(np.float32)
    assert (name, updates) == ("Extractor", 2)
    loaded = vfgan.load_model(tmp_path / "x.keras")
    before = np.array(loaded.standardise_z.weights[0])
    loaded.fit(data.validation.windows(8, training=True, steps=1), verbose=0)
    assert not np.array_equal(before, loaded.standardise_z.weights[0])  # the scale of z is that of the new weights
    assert loaded.origin["train_actors"] == ["01", "02", "03"]
    np.testing.assert_allclose(logits, extractor.predict(windows, verbose=0), atol=1e-6)
    (folder,) = vfgan.export(tmp_path / "x.keras", tmp_path / "models" / "ears")
    assert folder == tmp_path / "models" / "ears" / "1"
    waveform = 0.1 * np.random.default_rng(1).standard_normal(16_000).astype(np.float32)
    heard = tf.saved_model.load(folder).signatures["serving_default"](waveform=tf.constant(waveform[None]))
    np.testing.assert_allclose(heard["z"][0], extractor.reader.embed(waveform), atol=1e-4)
    card = json.loads((folder.parent / "card.json").read_text())
    assert card["resolved"]["data"]["train_actors"] == ["01", "02"]
    assert card["trained"] == "2 steps"


@pytest.mark.medium
def test_a_run_of_the_command_goes_on_as_a_keras_model(small_world):
    from vfgan.training.runs import load_voice_reader

    extractor = vfgan.Extractor.from_run(small_world.extractor)
    windows = np.random.default_rng(2).normal(size=(2, 40, 40, 3)).astype(np.float32)
    reader = load_voice_reader(small_world.extractor).reader
    np.testing.assert_allclose(extractor(windows), reader.extractor(windows), atol=1e-6)
    assert extractor.origin["train_actors"] == ["09"]
    classifier = vfgan.FaceClassifier.from_run(small_world.emotion_cnn)
    assert (classifier.config.size_px, classifier.crop.size_px) == (32, 32)


@pytest.mark.medium
def test_mistakes_are_one_clear_line(data, tmp_path):
    fresh = vfgan.Extractor(**SMALL)
    fresh.compile("adam")
    with pytest.raises(ConfigError, match="does not know the scale of its input: call adapt"):
        fresh.fit(data.train.windows(4))
    with pytest.raises(ConfigError, match="expected a split such as"):
        fresh.adapt(data)
    with pytest.raises(ConfigError, match="call adapt.data.train., then fit"):
        vfgan.export(fresh, tmp_path / "models" / "ears")
    extractor = adapted(data)
    with pytest.raises(ConfigError, match=r"windows: expected \[any, 40, 40, 3\], got \[2, 20, 40, 3\]"):
        extractor.predict(np.zeros((2, 20, 40, 3), np.float32))
    with pytest.raises(ConfigError, match=r"expected windows and labels, got \[2, 40, 40, 3\] alone"):
        extractor.fit(np.zeros((2, 40, 40, 3), np.float32))
    with pytest.raises(ConfigError, match="ExtractorConfig has no option 'noise'"):
        data.train.windows(4, noise=1.0)
    with pytest.raises(ConfigError, match="batch_size: expected at least 1, got 0"):
        data.train.windows(0)
    with pytest.raises(ConfigError, match="it with vfgan.Extractor.mfsc=data.config.mfsc"):
        vfgan.Extractor(**SMALL, mfsc=vfgan.config.data.MfscConfig(window_frames=32)).adapt(data.train)
    (tmp_path / "no.keras").write_text("no")
    with pytest.raises(SchemaError, match=r"no\.keras cannot be loaded"):
        vfgan.load_model(tmp_path / "no.keras")
