"""The CycleGAN as a whole Keras model: fit, callbacks, save, load, export."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import vfgan
from vfgan.config.gan import MotionConfig
from vfgan.errors import ConfigError, SchemaError

SMALL = {
    "size_px": 32, "filters": 4, "blocks": 1, "discriminator_filters": 4, "discriminator_layers": 2, "pool_size": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def data(small_world):
    return vfgan.load_dataset(small_world.data)


@pytest.fixture(scope="module")
def extractor(data):
    keras.utils.set_random_seed(4)
    extractor = vfgan.Extractor(widths=(4, 4, 4, 4), dense=8, z_size=4)
    extractor.adapt(data.train)
    extractor.measure()
    return extractor


@pytest.fixture(scope="module")
def emotion_cnn(data):
    keras.utils.set_random_seed(5)
    network = vfgan.FaceClassifier(width=4, features=8, size_px=32)
    network.adapt(data.train)
    return network


def make(extractor, emotion_cnn=None, **options):
    keras.utils.set_random_seed(6)
    gan = vfgan.CycleGan(extractor, emotion_cnn, **(SMALL | options))
    gan.compile()
    return gan


def state(gan):
    return [np.array(v) for v in [*gan.weights, *gan.own_variables, *gan.generator_optimizer.variables]]


@pytest.mark.slow
def test_fit_and_the_loop_take_the_same_steps(data, extractor, tmp_path):
    """Four steps of `fit` in two epochs, and of the loop on the same examples."""
    from vfgan.config.training import TrainConfig
    from vfgan.learn.material import read_material
    from vfgan.training.loop import train

    fitted, looped = make(extractor), make(extractor)
    fitted.fit(data.train.pairs(4, steps=2), epochs=2, verbose=0)
    pairs = data.train.pairs(4)
    material, _ = read_material(pairs, looped)
    train(looped, material.make_dataset, TrainConfig(steps=4, batch_size=4), tmp_path, resolved={})
    assert int(fitted.steps) == int(looped.steps) == 4
    for one, two in zip(state(fitted), state(looped), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.slow
def test_fit_resumes_where_it_was_interrupted(data, extractor, emotion_cnn, tmp_path):
    def trained(folder, epochs):
        gan = make(extractor, emotion_cnn, average_decay=0.9)
        backup = keras.callbacks.BackupAndRestore(folder, delete_checkpoint=False)
        gan.fit(data.train.pairs(4, steps=2), epochs=epochs, callbacks=[backup], verbose=0)
        return state(gan)

    whole = trained(tmp_path / "whole", 2)
    trained(tmp_path / "parts", 1)
    for one, two in zip(trained(tmp_path / "parts", 2), whole, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.slow
def test_the_guard_goes_back_to_what_another_callback_brought(data, extractor):
    gan, guard, seen = make(extractor), vfgan.Guard(), []

    class Brings(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.g.trainable_weights[0].assign(0 * self.model.g.trainable_weights[0] + 5.0)

        def on_train_batch_begin(self, batch, logs=None):
            guard._kept.restore()
            seen.append(np.unique(self.model.g.trainable_weights[0]))

    gan.fit(data.train.pairs(4, steps=1), verbose=0, callbacks=[guard, Brings()])
    assert seen == [5.0]


@pytest.mark.slow
def test_broken_weights_do_not_outlive_a_short_epoch(data, extractor):
    gan, guard = make(extractor), vfgan.Guard()

    class Breaks(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 1:
                self.model.g.trainable_weights[0].assign(np.nan * self.model.g.trainable_weights[0])

    gan.fit(data.train.pairs(4, steps=2), verbose=0, callbacks=[guard, Breaks()])
    assert all(np.isfinite(np.array(weight)).all() for weight in gan.weights)
    assert "exploding learning rate" in guard.alarms[0]


def test_two_splits_of_a_data_set_are_one_in_its_origin(data, tmp_path):
    from vfgan.learn.material import _actors_of_sets

    dataset = data.train.dataset
    assert _actors_of_sets([dataset, dataset], [["01"], ["03"]]) == {dataset.folder.name: (dataset, ["01", "03"])}
    (tmp_path / dataset.folder.name).symlink_to(dataset.folder)
    other = vfgan.load_dataset(tmp_path / dataset.folder.name)
    with pytest.raises(ConfigError, match="have the same name"):
        _actors_of_sets([dataset, other], [["01"], ["03"]])


@pytest.mark.slow
def test_what_is_saved_is_whole(data, extractor, emotion_cnn, tmp_path):
    gan = make(extractor, emotion_cnn, average_decay=0.9)
    gan.fit(data.train.pairs(4, steps=2), verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = vfgan.load_model(tmp_path / "gan.keras")
    for one, two in zip(state(gan), state(loaded), strict=True):
        np.testing.assert_array_equal(one, two)
    assert loaded.get_config() == gan.get_config()
    np.testing.assert_array_equal(loaded.attributes.z, gan.attributes.z)
    pairs = data.train.pairs(4, steps=1)
    assert loaded.evaluate(pairs, verbose=0, return_dict=True) == pytest.approx(
        gan.evaluate(pairs, verbose=0, return_dict=True), rel=1e-5
    )
    # the running average is what is exported
    vfgan.export(loaded, tmp_path / "models" / "mine", video=False, gain=1.5)
    gan.average.swap()
    face, z = np.full((1, 32, 32, 3), 90, np.uint8), np.full((1, 4), 3.0, np.float32)
    more = gan.neutral_z + 1.5 * (z - gan.neutral_z)
    change = 127.5 * gan.predict([tf.cast(face[..., :1], tf.float32) / 127.5 - 1.0, more], verbose=0) + 127.5 - 90.0
    made = vfgan.VoiceFace(tmp_path / "models" / "mine").edit(face, z).astype(float)
    assert np.abs(change).max() > 1.0
    np.testing.assert_allclose(made.mean(axis=-1, keepdims=True) - 90.0, change, atol=2.0)
    card = json.loads((tmp_path / "models" / "mine" / "card.json").read_text())
    assert card["trained"] == "2 steps"
    assert card["resolved"]["voices"]["train_actors"] == ["03"]  # 01 and 02 taught the extractor, 04 is left
    assert (tmp_path / "models" / "mine" / "1" / "assets.extra" / "attributes.npz").is_file()


@pytest.mark.slow
def test_a_bending_generator_goes_through_its_stages(data, extractor, tmp_path):
    motion = MotionConfig(flow_steps=1, paint_steps=1, paint_units=4, components=4, corrections=2)
    gan = vfgan.MotionGan(extractor, size_px=64, motion=motion, discriminator_filters=4, discriminator_layers=2)
    gan.compile(run_eagerly=False)
    learnt = []

    class Looks(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            learnt.append({name for name in ("voice", "interior", "d_y") if logs[name]})
            self.model.reset_metrics()

    gan.fit(data.train.pairs(4, steps=3), verbose=0, callbacks=[Looks()])
    assert learnt == [{"voice"}, {"interior"}, {"voice", "interior", "d_y"}]
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    faces, z = np.random.default_rng(1).uniform(-1, 1, (2, 64, 64, 3)).astype(np.float32), np.ones((2, 4), np.float32)
    np.testing.assert_array_equal(loaded.predict([faces, z], verbose=0), gan.predict([faces, z], verbose=0))
    vfgan.export(loaded, tmp_path / "models" / "bends", video=False)
    made = vfgan.VoiceFace(tmp_path / "models" / "bends").edit(np.full((1, 70, 70, 3), 90, np.uint8), z[:1])
    assert made.shape == (1, 70, 70, 3)


def test_compile_takes_names_schedules_and_eager_steps(extractor):
    gan = make(extractor)
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(2e-4)  # the configuration's
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 100)
    gan.compile("sgd", keras.optimizers.Adam(schedule), run_eagerly=True)
    assert type(gan.generator_optimizer).__name__ == "SGD"
    assert gan.run_eagerly
    again = vfgan.CycleGan.from_config(gan.get_config())
    again.compile_from_config(gan.get_compile_config())
    assert [type(one).__name__ for one in again.optimizers] == ["SGD", "Adam"]
    assert again.run_eagerly


def test_a_schedule_runs_over_all_epochs(extractor, emotion_cnn):
    gan = make(extractor, emotion_cnn, verification_schedule="rise")
    assert gan.total_steps == 2_400  # the command's
    gan._plan(40)
    assert gan.total_steps == 40
    gan._plan(-2)  # of unknown size
    assert gan.total_steps == 40


@pytest.mark.medium
def test_validation_examples_stay_the_same(data, extractor):
    gan = make(extractor)

    def two(pairs):
        batches = gan.examples(pairs)
        return [next(iter(batches))["x"].numpy() for _ in range(2)]

    assert not np.array_equal(*two(data.train.pairs(4)))
    np.testing.assert_array_equal(*two(data.validation.pairs(4)))


@pytest.mark.medium
def test_mistakes_are_one_clear_line(data, extractor, emotion_cnn, tmp_path):
    gan = make(extractor)
    examples = gan.examples(data.train.pairs(4))
    wrong = {
        "batches have no 'z_wrong': expected x, z, y, z_wrong, got": lambda: gan.fit(
            examples.map(lambda batch: {name: value for name, value in batch.items() if name != "z_wrong"})
        ),
        r"z: expected \[any, 4\], got \[4, 3\]": lambda: gan.fit(
            examples.map(lambda batch: batch | {"z": batch["z"][:, :3]})
        ),
        r"x: expected \[any, 32, 32, 1\], got \[2, 16, 32, 1\]": lambda: gan.predict(
            [np.zeros((2, 16, 32, 1), np.float32), np.zeros((2, 4), np.float32)]
        ),
        r"expected data.train.pairs\(8\) or a tf.data.Dataset": lambda: gan.fit(data.train.windows(4)),
        "expected pairs such as data.train.pairs": lambda: gan.adapt(data.train),
        "head: expected another than motion, got 'motion'; use vfgan.MotionGan": lambda: vfgan.CycleGan(
            extractor, head="motion", size_px=64
        ),
        "emotion_cnn takes faces of 32 px, the CycleGAN shows it 64 px": lambda: vfgan.CycleGan(extractor, emotion_cnn),
        "emotion_cnn: a judge only evaluates": lambda: vfgan.CycleGan(
            extractor, vfgan.FaceClassifier(width=4, features=8, kind="judge")
        ),
        "CycleGan.compile: metrics is not taken": lambda: gan.compile(metrics=["accuracy"]),
        "GanConfig has no option 'lambda'": lambda: vfgan.CycleGan(extractor, **{"lambda": 1.0}),
        "needs a trained extractor": lambda: make(None).fit(data.train.pairs(4)),
        "does not know its faces and voices": lambda: vfgan.export(make(extractor), tmp_path / "models" / "mine"),
        "the network was trained on their voices": lambda: gan.fit(data.train.pairs(4, voice_actors=("01",))),
    }  # fmt: skip
    for message, do in wrong.items():
        with pytest.raises((ConfigError, SchemaError), match=message) as caught:
            do()
        assert "\n" not in str(caught.value)
