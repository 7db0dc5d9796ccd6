"""FLAC, MP3 and Ogg straight into a tf.data pipeline."""

import numpy as np
import pytest
import soundfile

from vfgan.data.voice_files import voice_files
from vfgan.errors import MediaError
from vfgan.media.audio import load_waveform


def write(path, seconds, rate_hz, channels=1, **options):
    """A tone that rises, with its second channel silent."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    tone = 0.3 * np.sin(2 * np.pi * (200 + 150 * time) * time)
    with soundfile.SoundFile(path, "w", rate_hz, channels, **options) as file:
        for block in np.array_split(np.stack([tone] + [0 * tone] * (channels - 1), axis=1), 50):
            file.write(block)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    write(folder / "a.flac", 3.0, 44_100)
    write(folder / "b.flac", 2.5, 16_000, subtype="PCM_24")
    write(folder / "c.mp3", 2.0, 44_100)
    write(folder / "d.ogg", 2.2, 48_000)
    return folder


@pytest.mark.medium
def test_waveforms_are_those_that_the_builder_reads(folder):
    found = list(voice_files(folder / "*.*"))
    assert [one["path"].numpy().decode().rsplit("/", 1)[1] for one in found] == ["a.flac", "b.flac", "c.mp3", "d.ogg"]
    for one in found:
        waveform, expected = one["waveform"].numpy(), load_waveform(one["path"].numpy().decode(), 16_000)
        both = min(len(waveform), len(expected))
        assert abs(len(waveform) - len(expected)) <= (1200 if one["path"].numpy().endswith(b"mp3") else 1)
        error = np.abs(waveform[400 : both - 400] - expected[400 : both - 400])
        # MP3's decoders differ in the delay of the encoder
        if not one["path"].numpy().endswith(b"mp3"):
            assert error.max() < 0.01
        assert np.abs(waveform).max() == pytest.approx(0.3, abs=0.03)


@pytest.mark.medium
def test_slices_can_be_batched(folder):
    slices = voice_files(folder / "*.flac", slice_seconds=1.0)
    assert [float(one["start_seconds"]) for one in slices] == [0.0, 1.0, 2.0, 0.0, 1.0]
    batch = next(iter(slices.batch(5)))
    assert batch["waveform"].shape == (5, 16_000)
    whole = next(iter(voice_files(folder / "a.flac")))["waveform"]
    difference = np.abs(batch["waveform"][1] - whole[16_000:32_000])[100:-100]
    assert difference.max() < 0.01


def test_a_recording_shorter_than_a_slice_is_kept(folder):
    (one,) = voice_files(folder / "c.mp3", slice_seconds=10.0)
    assert 30_000 < len(one["waveform"]) < 35_000


def test_channels_are_averaged(tmp_path):
    write(tmp_path / "stereo.flac", 0.5, 16_000, channels=2)
    (one,) = voice_files(tmp_path / "stereo.flac")
    assert np.abs(one["waveform"]).max() == pytest.approx(0.15, abs=0.01)


def test_a_slice_decodes_no_more_than_itself(tmp_path, monkeypatch):
    """The file's end is damaged: only who decodes it notices."""
    path = write(tmp_path / "long.flac", 60.0, 16_000)
    content = bytearray(path.read_bytes())
    content[-20_000:] = bytes(20_000)
    path.write_bytes(content)
    first = next(iter(voice_files(path, slice_seconds=1.0)))
    assert np.abs(first["waveform"]).max() == pytest.approx(0.3, abs=0.01)


@pytest.mark.medium
def test_files_of_stores(s3, web, folder):
    from vfgan.storage.remote import as_path

    (as_path(s3) / "sounds" / "b.flac").upload(folder / "b.flac")
    (web[1] / "b.flac").write_bytes((folder / "b.flac").read_bytes())
    (here,) = voice_files(folder / "b.flac")
    for pattern in (f"{s3}/sounds/*.flac", f"{web[0]}/b.flac"):
        (one,) = voice_files(pattern)
        np.testing.assert_array_equal(one["waveform"], here["waveform"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.flac", None, "matches no file"),
        ("a.wav", b"RIFF", "expected .flac, .mp3, .ogg; `vfgan build` reads all"),
        ("a.flac", b"no sound at all", "a.flac cannot be read as flac"),
    ],
)
def test_what_cannot_be_read(tmp_path, name, content, message):
    if content:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(MediaError, match=message):
        voice_files(tmp_path / name)
