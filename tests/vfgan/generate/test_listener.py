"""Listening to recordings over time."""

import numpy as np
import pytest
import soundfile

from tests.vfgan.generate.swelling_tones import RATE, write
from vfgan.config.data import MfscConfig
from vfgan.config.serialise import to_dict
from vfgan.emotions import EMOTIONS
from vfgan.errors import MediaError, SchemaError
from vfgan.generate.listener import LONGEST_SECONDS, Listener
from vfgan.models.extractor import build_extractor
from vfgan.models.voice_reader import VoiceReader
from vfgan.savedmodel.signatures import ExtractorServing
from vfgan.savedmodel.write import export_model


@pytest.fixture(scope="module")
def listener(exported):
    return Listener(exported.folder / "extractor")


def test_utterances_lie_between_the_pauses(listener, tmp_path):
    path = write(tmp_path / "v.wav", (1, 0), (3, 0.3), (1, 0), (0.5, 0.1), (1, 0))
    first, second = listener.listen(path)
    assert (first.start_seconds, first.end_seconds) == pytest.approx((0.8, 4.2), abs=0.05)
    assert (second.start_seconds, second.end_seconds) == pytest.approx((4.8, 5.7), abs=0.05)
    for one in (first, second):
        assert one.probabilities.sum() == pytest.approx(1, abs=1e-5)
        np.testing.assert_allclose(one.window_probabilities.sum(axis=1), 1, atol=1e-5)
        assert (np.diff(one.window_times) > 0).all()
        assert one.start_seconds < one.window_times[0]
        assert one.window_times[-1] < one.end_seconds + 0.2
    np.testing.assert_allclose(np.diff(first.window_times), 0.15, atol=1e-5)
    assert first.window_times[0] == pytest.approx(first.start_seconds + 0.6, abs=1e-5)
    assert second.window_times == pytest.approx([5.25])  # shorter than a window: its own middle


def test_one_utterance_is_what_serving_hears(listener, exported, tmp_path):
    """A recording without a pause is one utterance, and gain does not matter."""
    quiet, loud = (next(listener.listen(write(tmp_path / f"{g}.wav", (2, g)))) for g in (0.02, 0.4))
    z = exported.reader.embed(soundfile.read(tmp_path / "0.4.wav", dtype="float32")[0])
    np.testing.assert_allclose(loud.z, z, atol=1e-3)
    np.testing.assert_allclose(quiet.probabilities, loud.probabilities, atol=0.01)


def test_long_sounds_are_cut(listener, tmp_path):
    parts = list(listener.listen(write(tmp_path / "long.wav", (45, 0.2))))
    assert len(parts) >= 3
    assert all(part.end_seconds - part.start_seconds <= LONGEST_SECONDS for part in parts)
    assert parts[-1].end_seconds == pytest.approx(45, abs=0.05)


@pytest.mark.parametrize("parts", [[(2, 0.0)], [(2, 1e-5)], [(1, 0), (0.02, 0.5), (1, 0)], [(0.3, 1e-4)]])
def test_silence_and_clicks_are_no_voice(listener, tmp_path, parts):
    assert list(listener.listen(write(tmp_path / "v.wav", *parts))) == []


@pytest.mark.parametrize("kind", ["noise", "music", "clipped", "short"])
def test_what_is_no_speech_gets_a_defined_answer(listener, tmp_path, kind):
    rng = np.random.default_rng(2)
    time = np.arange(3 * RATE) / RATE
    sounds = {
        "noise": 0.3 * rng.standard_normal(3 * RATE),
        "music": sum(0.1 * np.sin(2 * np.pi * f * time) for f in (220.0, 277.2, 329.6, 440.0)),
        "clipped": np.sign(np.sin(2 * np.pi * 100 * time)),
        "short": 0.3 * rng.standard_normal(round(0.3 * RATE)),
    }
    soundfile.write(tmp_path / "v.wav", sounds[kind], RATE, subtype="FLOAT")
    (one,) = listener.listen(tmp_path / "v.wav")
    assert np.isfinite(one.probabilities).all()
    assert np.isfinite(one.window_probabilities).all()
    assert np.isfinite(one.z).all()
    assert one.emotion in EMOTIONS


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_no_silence(listener, tmp_path, value):
    sound = np.full(2 * RATE, 0.1, np.float32)
    sound[RATE] = value
    soundfile.write(tmp_path / "v.wav", sound, RATE, subtype="FLOAT")
    with pytest.raises(MediaError, match=r"v\.wav holds a value that is not finite at about 1\.00 s"):
        list(listener.listen(tmp_path / "v.wav"))


@pytest.mark.medium
def test_no_extractor_and_no_recording(exported, listener, tmp_path):
    with pytest.raises(SchemaError, match="is no extractor"):
        Listener(exported.folder / "vfgan")
    with pytest.raises(MediaError, match="does not exist"):
        list(listener.listen(tmp_path / "nothing.wav"))


@pytest.mark.medium
def test_an_exported_extractor_tells_how_strange_a_voice_is(tmp_path):
    extractor = build_extractor(40, widths=(4, 4, 4, 4), dense=8, z_size=3, familiar_range=1.5)
    rng = np.random.default_rng(1)
    extractor.familiarity.measure(rng.normal(size=(100, 3)), np.zeros(100))
    module = ExtractorServing(VoiceReader(extractor, MfscConfig()))
    export_model(module, "extractor", tmp_path, {"mfsc": to_dict(MfscConfig())})
    (heard,) = Listener(tmp_path / "extractor").listen(write(tmp_path / "v.wav", (2, 0.3)))
    attributes = heard.z * extractor.standardise_z.deviation + extractor.standardise_z.mean
    assert heard.strangeness == pytest.approx(float(extractor.strangeness(attributes[None])[0]), rel=1e-3)
    assert heard.strangeness > 0
