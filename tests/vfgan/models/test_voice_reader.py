"""Hearing: from a waveform, and from the MFSC of a data set, the same z."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.data.attributes import measure_z, read_voices, voice_batches
from vfgan.data.voice_set import Voices
from vfgan.errors import MediaError
from vfgan.models.extractor import build_extractor
from vfgan.models.voice_reader import VoiceReader
from vfgan.voice.mfsc import mfsc_of_waveform
from vfgan.voice.windows import active_frames, remove_level, utterance_windows

CONFIG = MfscConfig(window_frames=16, window_hop_frames=4)


@pytest.fixture(scope="module")
def clips():
    random = np.random.default_rng(5)
    lengths = [5_000, 16_000, 24_321, 9_000, 40_000, 400]
    return [
        (random.normal(size=n) * (1 + np.sin(np.arange(n) / (300 + 90 * i))) * 0.1).astype(np.float32)
        for i, n in enumerate(lengths)
    ]


@pytest.fixture(scope="module")
def voices(clips):
    """As `load_voices` prepares them: level-free MFSC, clip after clip."""
    parts, heard = [], []
    for clip in clips:
        planes = tf.constant(mfsc_of_waveform(clip, CONFIG)[None])
        active = active_frames(planes, tf.constant([planes.shape[1]]), CONFIG)
        parts.append(remove_level(planes, active, tf.constant([planes.shape[1]]), CONFIG)[0].numpy())
        heard.append(active[0].numpy() > 0)
    count = len(clips)
    return Voices(
        planes=np.concatenate(parts), starts=np.cumsum([0] + [len(p) for p in parts]).astype(np.int32),
        active=np.concatenate(heard), emotion=np.arange(count, dtype=np.int32), intensity=np.ones(count, np.int32),
        actor=np.array(["01"] * count), clip_id=np.array([f"c/{i}" for i in range(count)]),
    )  # fmt: skip


@pytest.fixture
def reader(voices):
    keras.utils.set_random_seed(1)
    extractor = build_extractor(16, widths=(4, 4, 4, 8), dense=16, z_size=5)
    extractor.standardise.measure(voices.planes[voices.active])
    return VoiceReader(extractor, CONFIG)


def test_waveform_and_data_set_agree(reader, voices, clips):
    measure_z(reader, voices)
    z, probabilities = read_voices(reader, voices)
    for index, clip in enumerate(clips):
        np.testing.assert_allclose(reader.embed(clip), z[index], atol=2e-3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)
    assert np.abs(z[0] - z[1]).max() > 0.05  # and clips differ


def test_a_padded_batch_of_waveforms_is_each_alone(reader, voices, clips):
    measure_z(reader, voices)
    lengths = [len(clip) for clip in clips]
    padded = np.full((len(clips), max(lengths) + 999), 0.8, np.float32)
    for row, clip in enumerate(clips):
        padded[row, : len(clip)] = clip
    z, probabilities = reader.read(tf.constant(padded), tf.constant(lengths))
    for row, clip in enumerate(clips):
        np.testing.assert_allclose(z[row], reader.embed(clip), atol=2e-3)
    assert probabilities.shape == (len(clips), 8)


def test_an_embedding_is_as_documented(reader, clips):
    z = reader.embed(clips[1])
    assert (z.shape, z.dtype) == ((5,), np.float32)


def test_loudness_does_not_matter(reader, clips):
    np.testing.assert_allclose(reader.embed(clips[1] * np.float32(5.0)), reader.embed(clips[1]), atol=5e-3)


def test_measured_z_has_mean_0_and_deviation_1_over_windows(reader, voices):
    measure_z(reader, voices)
    windows = []
    for planes, frames, _ in voice_batches(voices):
        z, _, weights = (t.numpy() for t in reader.read_windows(planes, frames))
        windows.append(z[weights > 0])
    windows = np.concatenate(windows).astype(np.float64)
    np.testing.assert_allclose(windows.mean(axis=0), 0.0, atol=1e-4)
    np.testing.assert_allclose(windows.std(axis=0), 1.0, atol=1e-4)


def test_an_utterance_is_the_weighted_mean_of_its_windows(reader, voices):
    measure_z(reader, voices)
    planes, frames, _ = next(iter(voice_batches(voices)))
    z, _ = reader.read_planes(planes, frames)
    window_z, window_p, weights = (t.numpy() for t in reader.read_windows(planes, frames))
    np.testing.assert_allclose(z, (window_z * weights[:, :, None]).sum(axis=1), atol=1e-4)
    assert window_p.shape == (*weights.shape, 8)
    windows, expected = utterance_windows(planes, frames, CONFIG)
    np.testing.assert_array_equal(weights, expected)
    one = reader.extractor.standardise_z(reader.extractor.attributes(windows[-1]))
    np.testing.assert_allclose(window_z[-1], one, atol=1e-4)


def test_batches_hold_every_clip_once(voices):
    seen = []
    for planes, frames, index in voice_batches(voices, size=4):
        assert len(index) <= 4
        assert planes.shape[1] == int(tf.reduce_max(frames))
        for row, clip in enumerate(index):
            np.testing.assert_array_equal(planes[row, : frames[row]], voices.clip(clip))
            np.testing.assert_array_equal(planes[row, frames[row] :], 0.0)
        seen += index.tolist()
    assert sorted(seen) == list(range(len(voices)))


def test_what_cannot_be_embedded(reader):
    for sound, message in (
        (np.zeros(399, np.float32), "399 samples at 16000 Hz: expected at least 400"),
        (np.zeros((160, 100), np.float32), r"expected \[samples\], or with up to 8 channels"),
        (np.full(16_000, np.nan, np.float32), "expected finite values"),
        ("a.wav", "received str"),
    ):
        with pytest.raises(MediaError, match=message):
            reader.embed(sound)


def test_samples_of_other_kinds_are_the_same_voice(reader):
    sound = (0.3 * np.sin(np.arange(16_000) / 9)).astype(np.float32)
    expected = reader.embed(sound)
    for same in (
        sound.astype(np.float64),
        sound.tolist(),
        np.rint(sound * 2**15).astype(np.int16),
        np.stack([sound] * 2),
    ):
        np.testing.assert_allclose(reader.embed(same), expected, atol=0.02)
