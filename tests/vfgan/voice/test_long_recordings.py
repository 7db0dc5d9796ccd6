"""A long voice in pieces is heard as a whole."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.savedmodel.load import load_model
from vfgan.voice import long_recordings as long_voice
from vfgan.voice.long_recordings import hear_in_pieces, pieces

MFSC = MfscConfig()


@pytest.fixture(scope="module")
def windows(exported):
    loaded, _ = load_model(exported.folder / "vfgan")

    def hear(waveform):
        outputs = loaded.signatures["windows"](waveform=tf.constant(waveform[None]))
        return {name: value.numpy() for name, value in outputs.items()}

    return hear


@pytest.mark.parametrize("samples", [16_000 * 13, 16_000 * 13 + 123, 16_000 * 12 + 25_600, 30_000, 401])
def test_pieces_have_all_windows_once(windows, monkeypatch, samples):
    monkeypatch.setattr(long_voice, "_PIECE_SECONDS", 4.0)
    voice = np.sin(np.arange(samples, dtype=np.float32) / 9)
    kept = [len(windows(voice[start:end])["weights"][rows]) for start, end, rows in pieces(samples, MFSC)]
    assert sum(kept) == len(windows(voice)["weights"])


def swelling(seconds):
    """A tone of the same level in every piece: it swells once in two steps of the windows."""
    time = np.arange(round(16_000 * seconds)) / 16_000
    period = 2 * MFSC.window_hop_frames * MFSC.frame_seconds
    return (0.2 * np.sin(2 * np.pi * 220 * time) * (1.2 + np.sin(2 * np.pi * time / period))).astype(np.float32)


def test_in_pieces_it_is_the_same(windows, monkeypatch):
    """The level is the recording's own in every piece: they are of one loudness."""
    monkeypatch.setattr(long_voice, "_PIECE_SECONDS", 4.0)
    voice = swelling(16.0)
    whole, parts = windows(voice), hear_in_pieces(windows, voice, MFSC)
    assert len(pieces(len(voice), MFSC)) == 4
    assert np.abs(whole["window_z"]).max() > 0.1
    np.testing.assert_allclose(parts["window_z"], whole["window_z"], atol=0.03)
    np.testing.assert_allclose(parts["weights"], whole["weights"], atol=0.01)
    np.testing.assert_allclose(parts["weights"].sum(), 1, atol=1e-5)
    np.testing.assert_allclose(parts["z"], whole["z"], atol=0.03)
    np.testing.assert_allclose(parts["probabilities"], whole["probabilities"], atol=0.02)


def test_a_piece_of_background_does_not_count(windows, voice_samples, monkeypatch):
    monkeypatch.setattr(long_voice, "_PIECE_SECONDS", 4.0)
    noise = 1e-4 * np.random.default_rng(0).standard_normal(16_000 * 9).astype(np.float32)
    voice = np.tile(voice_samples, 2)
    parts = hear_in_pieces(windows, np.concatenate([voice, noise]), MFSC)
    behind = 1 + int(len(voice) / 16_000 / (MFSC.window_hop_frames * MFSC.frame_seconds))
    assert len(parts["weights"]) > 2 * behind
    assert parts["weights"][behind:].sum() < 0.01
