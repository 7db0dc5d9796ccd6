"""Mouths of long recordings: read in pieces, nothing lost and nothing twice."""

import numpy as np
import pytest

from vfgan.config.data import MfscConfig
from vfgan.voice import mouth_track as module
from vfgan.voice.mouth_track import MouthTrack, mouth_track

MFSC = MfscConfig()
HOP = MFSC.hops_per_frame * MFSC.hop_samples


def numbered(samples):
    """The number of each frame, from a waveform that says its own sample numbers."""
    frames = -(-(1 + (len(samples) - MFSC.window_samples) // MFSC.hop_samples) // MFSC.hops_per_frame)
    return samples[: frames * HOP : HOP][:frames, None] / HOP


@pytest.mark.parametrize("seconds", [119, 121, 181.7, 240])
def test_pieces_give_each_frame_once(seconds, monkeypatch):
    lengths = []

    def read(samples):
        lengths.append(len(samples))
        return numbered(samples)

    waveform = np.arange(round(seconds * 16_000), dtype=np.float64)
    track = mouth_track(read, waveform, MFSC)
    np.testing.assert_array_equal(track.values[:, 0], np.arange(len(numbered(waveform))))
    assert max(lengths) <= 120 * 16_000
    assert len(lengths) == 1 or min(lengths) > (module._PIECE_SECONDS + module._MARGIN_SECONDS) * 16_000


def test_before_and_after_the_voice_the_mouth_rests():
    track = MouthTrack(np.ones((10, 2), np.float32), MFSC)
    np.testing.assert_array_equal(track.at(np.array([-0.1, 0.0, 0.15, 0.31]))[:, 0], [0, 1, 1, 0])
