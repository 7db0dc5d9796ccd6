"""A CycleGAN's run, its exported models, and a comparison of variants."""

import pytest

from pipelines.commands.compare import Compare
from pipelines.commands.export import Export, export
from vfgan.config.data import CropConfig, MfscConfig
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.config.serialise import to_dict
from vfgan.config.training import TrainConfig
from vfgan.storage.files import write_json, write_text

COMPARED = GanConfig.of(
    size_px=32, filters=4, blocks=1, discriminator_filters=4, discriminator_layers=2, pool_size=3,
    train=TrainConfig(steps=4, batch_size=4, log_every=2, save_every=2),
)  # fmt: skip
TRAIN = TrainConfig(steps=5, batch_size=2)


@pytest.fixture(scope="session")
def gan_run(tmp_path_factory):
    """A run folder as `vfgan train gan` leaves it, of untrained networks."""
    from vfgan.models.build import make_cyclegan, make_extractor
    from vfgan.training.runs import weights_digest

    run = tmp_path_factory.mktemp("runs") / "gan"
    (run / "extractor").mkdir(parents=True)
    heard = ExtractorConfig(widths=(4, 4, 4, 4), dense=8, z_size=4, towers=2, train=TRAIN)
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


@pytest.fixture(scope="session")
def models(gan_run, tmp_path_factory):
    """Where `export` wrote the generator and its twin for videos."""
    out = tmp_path_factory.mktemp("models")
    written = export(Export(out=out, gan=gan_run, data="nothing", command="vfgan train gan"))
    assert written == [out / "vfgan" / "1", out / "vfgan_video" / "1"]
    return out


class Judge:
    """Sees what the light of a face says."""

    def __init__(self):
        self.signatures = {"serving_default": self}

    def __call__(self, face):
        import tensorflow as tf

        level = tf.reduce_mean(tf.cast(face, tf.float32), axis=(1, 2, 3))
        return {
            "probabilities": tf.one_hot(tf.cast(level / 37, tf.int32), 7),
            "features": tf.stack([level, level**2], axis=1),
        }


@pytest.fixture
def comparison(small_world, tmp_path, monkeypatch):
    """`vfgan compare` of tiny networks, not run yet."""
    card = {"crop": to_dict(CropConfig()), "resolved": {"data": {}}}
    monkeypatch.setattr("pipelines.gan.scorer.load_judge", lambda name: (Judge(), card))
    return Compare(
        faces=(small_world.data,), voices=small_world.data, extractor=small_world.extractor, judge="judge",
        emotion_cnn=small_world.emotion_cnn, out=tmp_path, voice_actors=("03",), test_voice_actors=("04",),
        minutes=30.0, config=COMPARED,
    )  # fmt: skip
