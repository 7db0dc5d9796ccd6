"""The voice is heard whatever track or channel it is in, and the sound that is written is the one that came."""

import struct

import av
import numpy as np
import pytest
import soundfile

from tests.cases.films import film, pitch, recording, sine
from vfgan.errors import MediaError
from vfgan.media.audio import load_waveform, track_note
from vfgan.media.sound_track import RecordingTrack
from vfgan.media.tracks import choose_track
from vfgan.media.video import sound_delay_seconds
from vfgan.media.video_writer import write_video

RATE_HZ = 48_000
VOICE, OTHER = 700.0, 1_500.0
_LOUD, _QUIET, _NOTHING = 0.3, 0.03, 0.0
#: (pitch, level, default flag) of each track, option, pitch that is heard
TRACKS = {
    "silence, then the voice": ([(OTHER, _NOTHING, True), (VOICE, _LOUD, False)], None, VOICE),
    "the default one": ([(OTHER, _LOUD, False), (VOICE, _LOUD, True)], None, VOICE),
    "the default one is quieter": ([(OTHER, _LOUD, False), (VOICE, _QUIET, True)], None, VOICE),
    "no flags: the loudest": ([(OTHER, _QUIET, False), (VOICE, _LOUD, False)], None, VOICE),
    "all flags: the loudest": ([(OTHER, _QUIET, True), (VOICE, _LOUD, True)], None, VOICE),
    "a rumble is no voice": ([(40.0, _LOUD, False), (VOICE, 0.1, False)], None, VOICE),
    "three": ([(OTHER, _NOTHING, True), (OTHER, _QUIET, False), (VOICE, _LOUD, False)], None, VOICE),
    "asked for the first": ([(OTHER, _LOUD, False), (VOICE, _LOUD, True)], 1, OTHER),
    "asked for the second": ([(OTHER, _LOUD, True), (VOICE, _LOUD, False)], 2, VOICE),
    "one": ([(VOICE, _LOUD, True)], None, VOICE),
}


#: mp4's muxer gives the first track the default flag where it is on none, and takes it from no other
IN_MP4 = [name for name, (tracks, *_) in TRACKS.items() if sum(flag for *_, flag in tracks) == 1]


@pytest.mark.parametrize(("name", "suffix"), [*((name, "mkv") for name in TRACKS), *((name, "mp4") for name in IN_MP4)])
def test_tracks(tmp_path, name, suffix):
    tracks, asked, expected = TRACKS[name]
    path = tmp_path / f"a.{suffix}"
    recording(path, [(sine(hz, level=level)[None], flag) for hz, level, flag in tracks])
    assert pitch(load_waveform(path, track=asked)) == pytest.approx(expected, abs=1)
    note = track_note(path, asked)
    assert (f"of {len(tracks)}" in note) == (len(tracks) > 1)
    assert sound_track_pitch(tmp_path, path, asked) == pytest.approx(expected, abs=1)


def sound_track_pitch(folder, path, track):
    """Of the sound that is written with a video."""
    write_video(folder / "out.mp4", [np.zeros((48, 64, 3), np.uint8)] * 25, 25, sound=RecordingTrack(path, track))
    return pitch(load_waveform(folder / "out.mp4"))


def test_a_track_that_is_not_there(tmp_path):
    recording(tmp_path / "a.mka", [(sine(VOICE)[None], True)] * 2)
    with pytest.raises(MediaError, match=r"a\.mka has 2 audio tracks: there is no track 3"):
        choose_track(tmp_path / "a.mka", 3)
    with pytest.raises(MediaError, match="no audio stream"):
        film(tmp_path / "mute.mp4", [np.zeros((48, 64, 3), np.uint8)])
        load_waveform(tmp_path / "mute.mp4")


#: gains of the voice in each channel -> its level in the mix, as a share of what it is where it sounds
CHANNELS = {
    "left": ((1, 0), 1), "right": ((0, 1), 1), "both": ((1, 1), 1), "antiphase": ((1, -1), 1),
    "antiphase, uneven": ((1, -0.6), 0.8), "centre of 5.1": ((0, 0, 1, 0, 0, 0), 1),
    "rear of 5.1": ((0, 0, 0, 0, 1, 0), 1), "all of 5.1": ((1,) * 6, 1),
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["wav", "mka"])
@pytest.mark.parametrize("name", CHANNELS)
def test_channels(tmp_path, name, suffix):
    gains, level = CHANNELS[name]
    path, samples = tmp_path / f"a.{suffix}", np.outer(gains, sine(VOICE)).astype(np.float32)
    if suffix == "wav":
        soundfile.write(path, samples.T, RATE_HZ, subtype="FLOAT")
    else:
        recording(path, [(samples, True)], codec="flac", layout="stereo" if len(gains) == 2 else "5.1")
    heard = load_waveform(path)
    assert pitch(heard) == pytest.approx(VOICE, abs=1)
    assert np.sqrt(2 * np.mean(np.square(heard[4_000:12_000]))) == pytest.approx(0.3 * level, rel=0.02)


#: what a recorder that was switched off left in the header: RIFF's size, data's size
HEADERS = {"zeros": (0, 0), "no data": (36, 0), "all ones": (0xFFFFFFFF,) * 2, "RIFF only": (0, None)}


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", HEADERS)
def test_headers_that_were_never_finished(tmp_path, name, channels):
    path, (riff, data) = tmp_path / "a.wav", HEADERS[name]
    soundfile.write(path, np.repeat(sine(VOICE)[:, None], channels, axis=1), RATE_HZ, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    content[4:8] = struct.pack("<I", riff)
    if data is not None:
        content[40:44] = struct.pack("<I", data)
    path.write_bytes(content)
    heard = load_waveform(path)
    assert len(heard) == pytest.approx(16_000, abs=400)
    assert pitch(heard) == pytest.approx(VOICE, abs=1)


#: name, codec, rate, layout -> codec, rate, channels of what is written
WRITTEN = {
    "AAC stereo": ("a.m4a", "aac", 44_100, "stereo", ("aac", 44_100, 2)),
    "AAC mono": ("a.mp4", "aac", 48_000, "mono", ("aac", 48_000, 1)),
    "AAC 5.1": ("a.m4a", "aac", 48_000, "5.1", ("aac", 48_000, 6)),
    "AAC in Matroska": ("a.mkv", "aac", 48_000, "stereo", ("aac", 48_000, 2)),
    "AAC of a stream": ("a.ts", "aac", 48_000, "stereo", ("aac", 48_000, 2)),
    "raw AAC": ("a.aac", "aac", 48_000, "stereo", ("aac", 48_000, 2)),
    "MP3": ("a.mp3", "libmp3lame", 44_100, "stereo", ("mp3", 44_100, 2)),
    "Opus": ("a.webm", "libopus", 48_000, "stereo", ("opus", 48_000, 2)),
    "FLAC": ("a.flac", "flac", 48_000, "stereo", ("flac", 48_000, 2)),
    "WAV": ("a.wav", "pcm_s16le", 44_100, "stereo", ("aac", 44_100, 2)),
    "WAV of 96 kHz": ("a.wav", "pcm_s16le", 96_000, "mono", ("aac", 96_000, 1)),
    "WAV of 192 kHz": ("a.wav", "pcm_s16le", 192_000, "stereo", ("aac", 96_000, 2)),
    "WAV of 32 kHz": ("a.wav", "pcm_s16le", 32_000, "stereo", ("aac", 32_000, 2)),
    "telephone": ("a.wav", "pcm_s16le", 8_000, "mono", ("aac", 48_000, 1)),
    "16 kHz": ("a.wav", "pcm_s16le", 16_000, "mono", ("aac", 48_000, 1)),
    "11 kHz": ("a.wav", "pcm_s16le", 11_025, "mono", ("aac", 44_100, 1)),
    "AAC of 16 kHz": ("a.m4a", "aac", 16_000, "mono", ("aac", 16_000, 1)),
    "AC-3": ("a.mkv", "ac3", 48_000, "stereo", ("aac", 48_000, 2)),
    "MP2": ("a.mpg", "mp2", 48_000, "stereo", ("aac", 48_000, 2)),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_sound_is_written_as_it_came(tmp_path, name):
    """A beep at 0.5 s stays there, in rate and channels of the source."""
    file, codec, rate, layout, expected = WRITTEN[name]
    channels = av.AudioLayout(layout).nb_channels
    samples = np.zeros((channels, rate), np.float32)
    samples[:, rate // 2 : rate // 2 + rate // 10] = sine(VOICE, 0.1, rate)
    recording(tmp_path / file, [(samples, True)], codec=codec, rate=rate, layout=layout)
    out = tmp_path / "out.mp4"
    write_video(out, [np.zeros((48, 64, 3), np.uint8)] * 25, 25, sound=RecordingTrack(tmp_path / file))
    with av.open(str(out)) as container:
        stream = container.streams.audio[0]
        kind = {"mp3float": "mp3", "libopus": "opus"}.get(stream.codec_context.name, stream.codec_context.name)
        assert (kind, stream.rate, stream.channels) == expected
        assert float(stream.duration * stream.time_base) == pytest.approx(1.0, abs=0.06)
    heard = np.abs(load_waveform(out))
    begin = np.flatnonzero(heard > 0.1)[0] / 16_000 + sound_delay_seconds(out)
    assert begin == pytest.approx(0.5, abs=0.03)


HELD = {
    "mp4": {"aac", "mp3", "opus", "flac"}, "mkv": {"aac", "mp3", "opus", "flac"}, "mov": {"aac", "mp3"}, "m4v": {"aac"},
}  # fmt: skip
VOICES = {"aac": "a.m4a", "libmp3lame": "a.mp3", "libopus": "a.opus", "flac": "a.flac"}


@pytest.mark.parametrize("codec", VOICES)
@pytest.mark.parametrize("suffix", HELD)
def test_every_container_gets_a_sound_that_it_holds(tmp_path, suffix, codec):
    """As it came where that can be, else AAC."""
    out, file = tmp_path / f"out.{suffix}", tmp_path / VOICES[codec]
    recording(file, [(sine(VOICE)[None], True)], codec=codec)
    write_video(out, [np.zeros((48, 64, 3), np.uint8)] * 25, 25, sound=RecordingTrack(file))
    came = {"libmp3lame": "mp3", "libopus": "opus"}.get(codec, codec)
    with av.open(str(out)) as container:
        kind = container.streams.audio[0].codec_context.name
    kind = {"mp3float": "mp3", "libopus": "opus"}.get(kind, kind)
    assert kind == (came if came in HELD[suffix] else "aac")
    assert len(load_waveform(out)) / 16_000 == pytest.approx(1.0, abs=0.07)


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000])
def test_what_is_encoded_is_not_heard(tmp_path, rate):
    """40 dB below a sound of many frequencies, and slow sounds get 100 kbit/s, too."""
    soundfile.write(tmp_path / "a.wav", sum(sine(hz, 2.0, rate, 0.04) for hz in range(200, 3_800, 300)), rate)
    out = tmp_path / "out.mp4"
    write_video(out, [np.zeros((48, 64, 3), np.uint8)] * 50, 25, sound=RecordingTrack(tmp_path / "a.wav"))
    before, after = (load_waveform(path)[4_000:28_000] for path in (tmp_path / "a.wav", out))
    assert np.square(before).mean() > 1e4 * np.square(before - after).mean()
    with av.open(str(out)) as container:
        assert container.streams.audio[0].bit_rate > 100_000


@pytest.mark.parametrize("delay", [-0.3, -0.02, 0.0, 0.02, 0.5])
@pytest.mark.parametrize("name", ["a.m4a", "a.wav", "a.mkv"])
def test_a_flash_stays_with_its_beep(tmp_path, name, delay):
    """The sound begins so many seconds after the pictures."""
    samples = np.zeros((1, 2 * RATE_HZ), np.float32)
    samples[:, RATE_HZ : RATE_HZ + 4_800] = sine(VOICE, 0.1)
    codec = "pcm_s16le" if name.endswith("wav") else "aac"
    recording(tmp_path / name, [(samples, True)], codec=codec)
    track, out = RecordingTrack(tmp_path / name, delay_seconds=delay), tmp_path / "out.mp4"
    write_video(out, [np.zeros((48, 64, 3), np.uint8)] * 50, 25, sound=track)
    begin = np.flatnonzero(np.abs(load_waveform(out)) > 0.1)[0] / 16_000
    assert begin + sound_delay_seconds(out) == pytest.approx(1 + delay, abs=0.03)
    assert begin == pytest.approx(1 + delay, abs=0.06)  # also for programs that heed no start


def test_sound_that_is_longer_than_the_video_is_cut(tmp_path):
    for name, codec in (("a.m4a", "aac"), ("a.wav", "pcm_s16le")):
        recording(tmp_path / name, [(sine(VOICE, 3.0)[None], True)], codec=codec)
        write_video(
            tmp_path / "out.mp4", [np.zeros((48, 64, 3), np.uint8)] * 25, 25, sound=RecordingTrack(tmp_path / name)
        )
        assert len(load_waveform(tmp_path / "out.mp4")) / 16_000 == pytest.approx(1.0, abs=0.05)


def test_what_is_copied_is_the_same_bytes(tmp_path):
    recording(tmp_path / "a.m4a", [(np.stack([sine(VOICE), sine(OTHER)]), True)], layout="stereo")
    out = tmp_path / "out.mp4"
    write_video(out, [np.zeros((48, 64, 3), np.uint8)] * 25, 25, sound=RecordingTrack(tmp_path / "a.m4a"))
    with av.open(str(tmp_path / "a.m4a")) as source, av.open(str(out)) as written:
        before = [bytes(packet) for packet in source.demux(audio=0) if packet.size]
        after = [bytes(packet) for packet in written.demux(audio=0) if packet.size]
    assert after == before[: len(after)]
    assert len(before) - len(after) <= 1


@pytest.mark.real
@pytest.mark.parametrize("name", ["obs_second_track.mkv", "zero_size_header.wav", "buzz.wav"])
def test_shared_recordings(shared_cases, name):
    heard = load_waveform(shared_cases / name)
    assert len(heard) > 16_000
    assert np.sqrt(np.mean(np.square(heard))) > 0.05
    assert ("track 2 of 2" in track_note(shared_cases / name)) == name.startswith("obs")
