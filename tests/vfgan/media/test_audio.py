"""Sound from every kind of file, good and bad."""

import re
import struct

import av
import numpy as np
import pytest
import scipy.signal
import soundfile

from vfgan.errors import MediaError
from vfgan.media.audio import load_waveform
from vfgan.media.video_writer import write_video

RATE_HZ = 16_000


def frequency_hz(wave, rate_hz=RATE_HZ):
    """The strongest frequency, from the middle of a sound."""
    middle = wave[len(wave) // 4 : 3 * len(wave) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 18))
    return np.argmax(spectrum) * rate_hz / (1 << 18)


def level(wave):
    """Amplitude of a sine of that power, from the middle of a sound."""
    return np.sqrt(2 * np.mean(np.square(wave[len(wave) // 4 : 3 * len(wave) // 4], dtype=np.float64)))


def write_av(path, wave, rate_hz, codec, layout="mono", gap=(0, 0)):
    """Sound through FFmpeg, for the containers that libsndfile does not know.

    Args:
        gap: from this sample on everything is so many samples later.
    """
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        step = stream.codec_context.frame_size or 1024
        for start in range(0, len(wave), step):
            frame = av.AudioFrame.from_ndarray(wave[None, start : start + step], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate_hz, start + (gap[1] if start >= gap[0] else 0)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def refused(path, pattern, **options):
    """The message with which a file is refused: one line that names it."""
    with pytest.raises(MediaError, match=pattern) as caught:
        load_waveform(path, **options)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    assert "Errno" not in message
    return message


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("absent.wav", "does not exist"),
        ("folder.wav", "is a folder"),
        ("absent.mp4", "does not exist"),
        ("empty.wav", r"0 bytes"),
        ("empty.mp4", r"0 bytes"),
        ("no_samples.wav", "no audio samples"),
        ("nan.wav", r"not finite at 0\.006 s"),
        ("inf.wav", r"not finite at 0\.012 s"),
        ("text.wav", "cannot be read as audio"),
        ("text.mp3", "cannot be read as audio"),
        ("text.mp4", "cannot be read as audio: Invalid data"),
    ],
)
def test_unusable_files_are_refused_by_name(tmp_path, tone, name, pattern):
    (tmp_path / "folder.wav").mkdir()
    for suffix in ("wav", "mp4"):
        (tmp_path / f"empty.{suffix}").touch()
    for suffix in ("wav", "mp3", "mp4"):
        (tmp_path / f"text.{suffix}").write_text("Dear diary,\n" * 200)
    soundfile.write(tmp_path / "no_samples.wav", np.zeros(0), RATE_HZ)
    for value, place in ((np.nan, 100), (-np.inf, 192)):
        wave = tone()
        wave[place] = value
        soundfile.write(tmp_path / f"{'nan' if np.isnan(value) else 'inf'}.wav", wave, RATE_HZ, subtype="FLOAT")
    refused(tmp_path / name, pattern)


def test_one_sample_is_refused_only_if_resampling_leaves_none(tmp_path):
    path = tmp_path / "one.wav"
    soundfile.write(path, [0.25], RATE_HZ, subtype="FLOAT")
    np.testing.assert_array_equal(load_waveform(path), np.float32([0.25]))
    soundfile.write(path, [0.25], 192_000, subtype="FLOAT")
    refused(path, "too few samples to resample to 16000 Hz")


def test_8_khz_stereo_24_bit_becomes_16_khz_mono(tmp_path, tone):
    path = tmp_path / "phone.wav"
    left, right = tone(440, 2.0, 8_000, 0.4), tone(440, 2.0, 8_000, 0.2)
    soundfile.write(path, np.stack([left, right], axis=1), 8_000, subtype="PCM_24")
    wave = load_waveform(path)
    assert wave.dtype == np.float32
    assert wave.shape == (32_000,)
    np.testing.assert_allclose(wave[2_000:-2_000], tone(440, 2.0, RATE_HZ, 0.3)[2_000:-2_000], atol=1e-3)


@pytest.mark.parametrize(
    ("suffix", "subtype", "rate_hz", "channels", "tolerance"),
    [
        ("wav", "PCM_U8", 16_000, 1, 0.01), ("wav", "PCM_16", 8_000, 2, 1e-3), ("wav", "PCM_24", 44_100, 1, 1e-3),
        ("wav", "PCM_32", 96_000, 2, 1e-3), ("wav", "FLOAT", 48_000, 6, 1e-3), ("wav", "DOUBLE", 22_050, 1, 1e-3),
        ("wav", "ULAW", 8_000, 1, 0.02), ("flac", "PCM_16", 48_000, 2, 1e-3), ("flac", "PCM_24", 96_000, 1, 1e-3),
        ("aiff", "PCM_16", 44_100, 1, 1e-3), ("ogg", "VORBIS", 44_100, 2, 0.02),
        ("mp3", "MPEG_LAYER_III", 44_100, 2, 0.02), ("mp3", "MPEG_LAYER_III", 16_000, 1, 0.02),
    ],
)  # fmt: skip
def test_pitch_level_and_length_survive_every_format(tmp_path, tone, suffix, subtype, rate_hz, channels, tolerance):
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, np.tile(tone(997, 2.0, rate_hz)[:, None], channels), rate_hz, subtype=subtype)
    wave = load_waveform(path)
    assert abs(len(wave) - 2 * RATE_HZ) <= (1 if suffix in ("wav", "flac", "aiff") else 1152 * 3)
    assert frequency_hz(wave) == pytest.approx(997, abs=0.5)
    assert level(wave) == pytest.approx(0.5, abs=tolerance)


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("a.m4a", "aac", 44_100), ("a.mp4", "aac", 16_000), ("a.mka", "flac", 48_000), ("a.webm", "libopus", 48_000),
        ("a.mov", "pcm_s16le", 32_000), ("a.mpg", "mp2", 44_100),
    ],
)  # fmt: skip
def test_pitch_level_and_length_survive_ffmpeg_containers(tmp_path, tone, name, codec, rate_hz):
    path = tmp_path / name
    write_av(path, tone(997, 2.0, rate_hz), rate_hz, codec)
    wave = load_waveform(path)
    assert abs(len(wave) - 2 * RATE_HZ) <= 2 * 1152
    assert frequency_hz(wave) == pytest.approx(997, abs=0.5)
    assert level(wave) == pytest.approx(0.5, abs=0.03)


def test_sound_that_is_missing_in_between_is_silence(tmp_path, tone):
    """And as long as it was: what comes after it stays in sync with the pictures."""
    path, wave = tmp_path / "gap.mkv", tone(440, 2.0, RATE_HZ)
    write_av(path, wave, RATE_HZ, "pcm_s16le", gap=(RATE_HZ, RATE_HZ // 2))
    heard = load_waveform(path)
    cut = -(-RATE_HZ // 1024) * 1024  # whole packets
    expected = np.concatenate([wave[:cut], np.zeros(RATE_HZ // 2), wave[cut:]])
    np.testing.assert_allclose(heard, expected, atol=1e-3)
    part = load_waveform(path, start_seconds=1.2, end_seconds=2.0)
    np.testing.assert_allclose(part, expected[round(1.2 * RATE_HZ) : 2 * RATE_HZ], atol=1e-3)
    write_av(path, wave, RATE_HZ, "pcm_s16le", gap=(RATE_HZ, 40_000 * RATE_HZ))
    refused(path, "is 400.. s long: at most 600 s")


def test_sound_of_a_video_is_read(talking_mp4, tone):
    wave = load_waveform(talking_mp4)
    assert abs(len(wave) - 48_000) <= 1024
    assert np.corrcoef(wave[:47_000], tone(seconds=3.0)[:47_000])[0, 1] > 0.995


def test_sounding_channels_are_averaged_and_nothing_clipped(tmp_path, tone):
    path = tmp_path / "hot.wav"
    loud = tone(300, 1.0, RATE_HZ, 2.5)
    soundfile.write(path, np.stack([loud, loud], axis=1), RATE_HZ, subtype="FLOAT")
    np.testing.assert_allclose(load_waveform(path), loud, atol=1e-6)
    six = np.zeros((RATE_HZ, 6), np.float32)
    six[:, 2] = tone(300, 1.0, RATE_HZ, 0.6)  # the centre of 5.1 alone
    soundfile.write(path, six, RATE_HZ, subtype="FLOAT")
    np.testing.assert_allclose(load_waveform(path), six[:, 2], atol=1e-6)  # silent ones make it no quieter


def test_resampling_agrees_with_scipy_and_does_not_alias(tmp_path, tone):
    path = tmp_path / "two.wav"
    heard, too_high = tone(1_000, 1.0, 48_000, 0.3), tone(11_000, 1.0, 48_000, 0.3)
    soundfile.write(path, heard + too_high, 48_000, subtype="FLOAT")
    wave = load_waveform(path)
    oracle = scipy.signal.resample_poly(heard, 1, 3)
    np.testing.assert_allclose(wave[1_000:-1_000], oracle[1_000:-1_000], atol=2e-3)


def test_video_without_sound_is_refused(tmp_path, moving):
    path = tmp_path / "mute.mp4"
    write_video(path, moving(5), 25)
    refused(path, "no audio stream")


def test_sound_in_an_unknown_codec_is_refused(tmp_path, talking_mp4):
    path = tmp_path / "alien.mp4"
    path.write_bytes(talking_mp4.read_bytes().replace(b"mp4a", b"zzzz").replace(b"esds", b"zzzz"))
    refused(path, "codec that cannot be decoded")


def test_too_long_by_its_header_is_refused_before_decoding(tmp_path, monkeypatch, talking_mp4, tone):
    wav = tmp_path / "long.wav"
    soundfile.write(wav, tone(seconds=1.0), RATE_HZ)
    header = bytearray(wav.read_bytes()[:44])
    header[40:44] = struct.pack("<I", 2 * RATE_HZ * 7_200)
    with open(wav, "wb") as file:  # two hours, most of it a hole
        file.write(header)
        file.truncate(44 + 2 * RATE_HZ * 7_200)
    monkeypatch.setattr(soundfile.SoundFile, "read", lambda *_, **__: pytest.fail("decoded"))
    refused(wav, "is 7200 s long: at most 600 s")
    # the pictures and sound of this mp4 are gone, its header is whole: only the header can tell the length
    mp4, content = tmp_path / "long.mp4", bytearray(talking_mp4.read_bytes())
    start = content.index(b"mdat") + 4
    content[start:] = bytes(len(content) - start)
    mp4.write_bytes(content)
    refused(mp4, "is 3 s long: at most 1 s", max_seconds=1.0)


def test_too_long_without_a_header_is_refused_while_decoding(tmp_path, tone):
    path = tmp_path / "long.mka"
    write_av(path, tone(seconds=3.0), RATE_HZ, "flac")
    with av.open(str(path)) as container:
        assert container.streams.audio[0].duration is None
    refused(path, "long: at most 2 s", max_seconds=2.0)
    assert len(load_waveform(path, max_seconds=4.0)) == 48_000


def test_a_wav_that_promises_too_much_gives_what_it_holds(tmp_path, tone):
    path = tmp_path / "stream.wav"
    soundfile.write(path, tone(seconds=1.0), RATE_HZ)
    content = bytearray(path.read_bytes())
    content[40:44] = struct.pack("<I", 0xFFFFFFF0)
    path.write_bytes(content)
    np.testing.assert_allclose(load_waveform(path), tone(seconds=1.0), atol=1e-4)


@pytest.mark.parametrize("percent", [10, 50, 90])
@pytest.mark.parametrize("suffix", ["mp4", "flac", "ogg"])
def test_broken_off_files_are_refused(tmp_path, talking_mp4, tone, suffix, percent):
    path = tmp_path / f"cut.{suffix}"
    if suffix == "mp4":
        content = talking_mp4.read_bytes()
    else:
        soundfile.write(path, tone(seconds=3.0), RATE_HZ)
        content = path.read_bytes()
    path.write_bytes(content[: len(content) * percent // 100])
    refused(path, "is cut off" if suffix == "mp4" and percent >= 50 else "cannot be read as audio|no audio|cut off")


@pytest.mark.parametrize("percent", [10, 50, 90])
def test_broken_off_wav_gives_the_samples_that_are_there(tmp_path, tone, percent):
    path, wave = tmp_path / "cut.wav", tone(seconds=3.0)
    soundfile.write(path, wave, RATE_HZ)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * percent // 100])
    loaded = load_waveform(path)
    assert len(loaded) == (len(content) * percent // 100 - 44) // 2
    np.testing.assert_allclose(loaded, wave[: len(loaded)], atol=1e-4)


@pytest.mark.real
def test_a_real_clips_wav_and_its_16_khz_flac_are_one_sound(real_data):
    originals = sorted((real_data / "ravdess_original").rglob("03-*.wav"))
    assert originals
    compared = 0
    for path in originals:
        flac = next((real_data / "ravdess").rglob(f"{path.stem}.flac"), None)
        if flac is None:
            continue
        mine, theirs = load_waveform(path), load_waveform(flac)
        compared += 1
        assert abs(len(mine) - len(theirs)) <= 1
        count = min(len(mine), len(theirs))
        assert np.corrcoef(mine[:count], theirs[:count])[0, 1] > 0.999, path
    assert compared


@pytest.mark.real
def test_the_silent_track_of_a_real_video_only_file_is_silence(real_data):
    path = next((real_data / "ravdess_original").rglob("02-*.mp4"))
    assert re.fullmatch(r"02(-\d\d){6}\.mp4", path.name)
    assert np.abs(load_waveform(path)).max() < 1e-4


@pytest.mark.parametrize("span", [(0.0, 1.0), (1.0, 2.0), (2.2, 2.9)])
def test_spans_count_from_the_first_sample(tmp_path, tone, span):
    """MPEG-TS, of camcorders and broadcasts, begins at 1.4 s."""
    wave = np.concatenate([tone(hz, 1.0, 48_000) for hz in (300.0, 600.0, 900.0)])
    write_av(tmp_path / "talk.ts", wave, 48_000, "aac", gap=(0, 67_200))
    with av.open(str(tmp_path / "talk.ts")) as container:
        assert container.streams.audio[0].start_time * container.streams.audio[0].time_base > 1
    part = load_waveform(tmp_path / "talk.ts", RATE_HZ, start_seconds=span[0], end_seconds=span[1])
    assert len(part) / RATE_HZ == pytest.approx(span[1] - span[0], abs=0.03)
    assert frequency_hz(part) == pytest.approx(300.0 * (1 + int(span[0])), abs=3)
