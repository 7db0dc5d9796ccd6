"""From a SavedModel back to the networks of a training."""

import shutil

import numpy as np
import pytest

from vfgan.errors import SchemaError
from vfgan.generate.voice_face import VoiceFace
from vfgan.models.build import make_cyclegan
from vfgan.models.extractor import build_extractor
from vfgan.models.voice_reader import VoiceReader
from vfgan.savedmodel.load import find_model, load_model
from vfgan.savedmodel.restore import restore_runs, take_weights
from vfgan.savedmodel.signatures import ExtractorServing, GeneratorServing
from vfgan.storage.files import read_json, write_json
from vfgan.training.runs import load_face_classifier, load_mouth, load_voice_reader


@pytest.fixture(scope="module")
def extractor(exported):
    """The SavedModel of a small extractor, and what it was exported from."""
    loaded, _ = load_model(exported.folder / "extractor")
    return loaded, exported.reader


def small(config, dense=8):
    network = build_extractor(config.window_frames, widths=(4,) * 4, dense=dense, z_size=6, towers=1)
    return ExtractorServing(VoiceReader(network, config))


def test_every_variable_gets_its_value(extractor):
    loaded, reader = extractor
    module = small(reader.config)
    take_weights(module, loaded, "extractor")
    for one, two in zip(module.voice.extractor.get_weights(), reader.extractor.get_weights()):
        np.testing.assert_array_equal(one, two)


def test_another_network_is_refused(extractor):
    loaded, reader = extractor
    with pytest.raises(SchemaError, match="extractor is of another network than its card says"):
        take_weights(small(reader.config, dense=16), loaded, "extractor")


def test_weights_of_another_computation_are_refused(extractor, monkeypatch):
    """As where a later version normalises before it pools."""
    loaded, reader = extractor
    module = small(reader.config)
    network = module.voice.extractor
    own = network.attributes
    monkeypatch.setattr(network, "attributes", lambda windows, training=False: 2.0 * own(windows, training=training))
    with pytest.raises(SchemaError, match="extractor was made by a version that computes otherwise"):
        take_weights(module, loaded, "extractor")


def test_what_is_no_generator_is_refused(exported, tmp_path):
    with pytest.raises(SchemaError, match="extractor is no generator"):
        restore_runs(exported.folder / "extractor", tmp_path)


@pytest.mark.slow
def test_the_shipped_networks_come_back(tmp_path):
    """Extractor and emotion CNN are those whose digests the generator's card names; G makes the same faces."""
    restored = restore_runs("vfgan", tmp_path)
    voice = load_voice_reader(restored.extractor)
    assert voice.digest == restored.resolved["extractor"]["digest"]
    assert voice.resolved["data"]["train_actors"] == restored.resolved["extractor"]["train_actors"]  # not all 20
    assert load_face_classifier(restored.emotion_cnn, "emotion-cnn").digest == restored.resolved["emotion_cnn"]
    config, model = restored.config, VoiceFace("vfgan")
    generator = make_cyclegan(config, len(model.neutral_z), None).g
    restored.load_generator(generator)
    serving = GeneratorServing(
        generator, voice.reader, model.neutral_z, config.networks.size_px, restored.crop, gain=restored.gain,
        mouth=load_mouth(restored.mouth).network,
    )  # fmt: skip
    rng = np.random.default_rng(1)
    crops = rng.integers(0, 256, (2, 64, 64, 3)).astype(np.uint8)
    z = rng.normal(size=(2, len(model.neutral_z))).astype(np.float32)
    made = serving.from_z(crops, z)["generated_face"].numpy()
    assert np.abs(model.edit(crops, z).astype(int) - made).max() <= 1
    samples = rng.normal(0, 0.1, 16_000).astype(np.float32)
    track = model.mouth_track(samples)
    np.testing.assert_allclose(serving.mouth_of_sound(samples[None])["mouth"], track.values, atol=1e-4)
    mouth = 2.0 * track.values[:2]
    made = serving.talking(crops, z, mouth, np.full(2, 0.3, np.float32))["generated_face"].numpy()
    assert np.abs(model.edit(crops, z, mouth, closed=0.3).astype(int) - made).max() <= 1


@pytest.mark.slow
def test_a_card_that_tells_of_another_network_is_refused(tmp_path):
    for name in ("vfgan", "extractor", "emotion_cnn"):
        shutil.copytree(find_model(name).parent, tmp_path / name)
    card = read_json(tmp_path / "vfgan" / "card.json")
    card["resolved"]["config"]["motion"]["paint_units"] += 8
    write_json(tmp_path / "vfgan" / "card.json", card)
    with pytest.raises(SchemaError, match="vfgan is of another network than its card says"):
        restore_runs(tmp_path / "vfgan", tmp_path / "out")
