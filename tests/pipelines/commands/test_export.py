"""`vfgan export`: runs -> models with cards, and figures that are known only later."""

import json

import numpy as np
import pytest

from pipelines.commands.export import Export, export
from vfgan.errors import ConfigError

pytestmark = pytest.mark.medium


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


def test_a_file_of_keras_has_no_mouth_nor_best_weights(tmp_path):
    for option in ({"mouth": tmp_path / "mouth"}, {"weights": "best"}):
        with pytest.raises(ConfigError, match="--mouth and --weights best need a run of `vfgan train gan`: --gan"):
            export(Export(out=tmp_path, gan=tmp_path / "gan.keras", **option))
