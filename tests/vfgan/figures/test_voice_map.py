"""Maps have their frames in seconds and their bands in Hz."""

import numpy as np
import pytest

from vfgan.config.data import MfscConfig
from vfgan.figures.plots import new_figure
from vfgan.figures.voice_map import VoiceMap, draw_voice_map
from vfgan.voice.mfsc import band_centres_hz, frame_times, mfsc_of_waveform

CONFIG = MfscConfig()


def drawn(energy, times):
    _, axes = new_figure(4, 2)
    draw_voice_map(axes[0, 0], VoiceMap(energy, times, band_centres_hz(CONFIG)))
    (mesh,) = axes[0, 0].collections
    return axes[0, 0], mesh


def test_a_tone_lies_at_its_time_and_its_frequency():
    wave = np.zeros(32_000, np.float32)
    wave[16_000:] = 0.3 * np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)
    energy = mfsc_of_waveform(wave, CONFIG)[..., 0]
    axes, mesh = drawn(energy, frame_times(len(energy), CONFIG))
    corners = mesh.get_coordinates()  # [bands + 1, frames + 1, x and y]
    band, frame = np.unravel_index(np.argmax(mesh.get_array()), (40, len(energy)))
    (left, low), (right, high) = corners[band, frame], corners[band + 1, frame + 1]
    assert 1.0 < left < right < 2.0
    assert low < 1000 < high
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("s", "Hz")


def test_long_maps_are_drawn_as_means():
    energy = np.repeat(np.arange(1500.0)[:, None], 40, axis=1)
    _, mesh = drawn(energy, 0.03 * np.arange(1500))
    values = np.asarray(mesh.get_array()).reshape(40, -1)
    np.testing.assert_allclose(values[0, :3], [0.5, 2.5, 4.5])
    assert values.shape == (40, 750)


def test_silence_is_drawn():
    drawn(np.zeros((3, 40)), 0.03 * np.arange(3))


@pytest.mark.parametrize("bands", [8, 40])
def test_bands_lie_where_their_filters_peak(bands):
    from vfgan.voice.mfsc import mel_filters

    config = MfscConfig(mel_bands=bands, fft_samples=8192)
    peaks_hz = mel_filters(config).argmax(axis=0) * 16_000 / 8192
    np.testing.assert_allclose(band_centres_hz(config), peaks_hz, atol=1.0)
