"""Frames from every kind of video, good and bad, and videos written and read back."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile

from vfgan.errors import MediaError, OutputError
from vfgan.media.audio import load_waveform
from vfgan.media.sound_track import encode_audio
from vfgan.media.video import probe_video, read_frames, sound_delay_seconds
from vfgan.media.video_writer import write_video

#: Transformation matrices of ISO 14496-12 (a, b, c, d): x' = a x + c y, y' = b x + d y, y downwards; and how many
#: quarters counter-clockwise an upright picture was turned for its storage, so that the matrix makes it upright.
ROTATIONS = {
    "as stored": ((1, 0, 0, 1), 0),
    "90": ((0, 1, -1, 0), 1),
    "180": ((-1, 0, 0, -1), 2),
    "270": ((0, -1, 1, 0), 3),
}


def set_matrix(path, matrix):
    """Writes the transformation matrix into the header of an mp4's video track."""
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4
    place += 4 + (32 if content[place] == 1 else 20) + 16
    a, b, c, d = (value << 16 for value in matrix)
    content[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)


def psnr(a, b):
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b.astype(float)) ** 2))


def refused(path, pattern):
    """Probing and reading both refuse, in one line that names the file."""
    for read in (probe_video, lambda path: list(read_frames(path))):
        with pytest.raises(MediaError, match=pattern) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "Errno" not in str(caught.value)


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30_000, 1001), 12.5])
def test_frames_and_times_survive_a_round_trip(tmp_path, moving, fps):
    path, written = tmp_path / "a.mp4", moving(20)
    write_video(path, written, fps)
    times, frames = zip(*read_frames(path))
    np.testing.assert_allclose(times, np.arange(20) / float(fps), atol=1e-4)
    assert min(psnr(a, b) for a, b in zip(frames, written)) > 33
    # each frame is itself, not its neighbour
    errors = np.array([[np.mean((a.astype(float) - b) ** 2) for b in written] for a in frames])
    np.testing.assert_array_equal(errors.argmin(axis=1), np.arange(20))


def test_header_tells_size_rate_length_and_sound(talking_mp4, tmp_path, moving):
    info = probe_video(talking_mp4)
    assert (info.width, info.height, info.fps) == (128, 96, 25)
    assert info.seconds == pytest.approx(3.0, abs=0.05)
    assert info.has_audio
    path = tmp_path / "mute.mp4"
    write_video(path, moving(10), Fraction(30_000, 1001))
    info = probe_video(path)
    assert (info.fps, info.has_audio) == (Fraction(30_000, 1001), False)


def test_sound_survives_a_round_trip_in_step(tmp_path, moving):
    path = tmp_path / "a.mp4"
    rng = np.random.default_rng(1)
    wave = np.convolve(rng.normal(size=32_000), np.ones(24) / 24, "same").astype(np.float32)
    write_video(path, moving(50), 25, waveform=wave)
    heard = load_waveform(path)
    assert abs(len(heard) - len(wave)) <= 1024  # one AAC frame
    lag = np.argmax(np.correlate(heard[2_000:20_000], wave[3_000:19_000], "valid")) - 1_000
    assert lag == 0
    assert np.corrcoef(heard[:31_000], wave[:31_000])[0, 1] > 0.97


def test_sound_beyond_full_scale_is_clipped_not_wrapped(tmp_path, moving, tone):
    path = tmp_path / "a.mp4"
    write_video(path, moving(25), 25, waveform=tone(200, 1.0, 16_000, 3.0))
    heard = load_waveform(path)[2_000:14_000]
    assert 0.9 < np.abs(heard).max() < 1.3
    assert np.corrcoef(heard, tone(200, 1.0)[2_000:14_000])[0, 1] > 0.85


def test_sound_can_depend_on_the_length_of_the_pictures(tmp_path, moving, tone):
    path, asked = tmp_path / "a.mp4", []

    def voice(seconds):
        asked.append(seconds)
        return tone(seconds=seconds)

    write_video(path, iter(moving(30)), 12.5, waveform=voice)
    assert asked == [pytest.approx(2.4)]
    assert abs(len(load_waveform(path)) - 2.4 * 16_000) <= 1024


def test_one_frame_makes_a_video(tmp_path, moving):
    path = tmp_path / "one.mp4"
    write_video(path, moving(1), 25)
    frames = list(read_frames(path))
    assert [time for time, _ in frames] == [0.0]
    assert psnr(frames[0][1], moving(1)[0]) > 33
    assert probe_video(path).width == 128


def test_odd_sizes_lose_their_last_row_and_column(tmp_path, moving):
    path, written = tmp_path / "odd.mp4", moving(3, 97, 131)
    write_video(path, written, 25)
    frames = [rgb for _, rgb in read_frames(path)]
    assert {rgb.shape for rgb in frames} == {(96, 130, 3)}
    assert min(psnr(a, b[:96, :130]) for a, b in zip(frames, written)) > 33


def test_frames_keep_their_own_times_where_the_rate_varies(tmp_path, moving):
    path, hundredths = tmp_path / "vfr.mp4", [50, 51, 55, 56, 70, 71, 100, 150]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 100)
        for pts, rgb in zip(hundredths, moving(8)):
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
            frame.pts, frame.time_base = pts, Fraction(1, 100)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    times = np.array([time for time, _ in read_frames(path)])
    np.testing.assert_allclose(times, (np.array(hundredths) - 50) / 100, atol=2e-3)
    # the first frame of each twentieth of a second that has one
    assert [time for time, _ in read_frames(path, interval_seconds=0.05)] == list(times[[0, 2, 4, 6, 7]])


@pytest.mark.parametrize("wanted_fps", [8.0, 12.5, 20.0, 25.0, 30.0])
@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30_000, 1001), Fraction(30), Fraction(50)])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])  # mkv rounds time stamps to milliseconds
def test_the_mean_rate_is_the_one_asked_for(tmp_path, moving, fps, wanted_fps, suffix):
    path, count = tmp_path / f"a.{suffix}", 120
    write_video(path, moving(count, 32, 32), fps)
    times = np.array([time for time, _ in read_frames(path, interval_seconds=1 / wanted_fps)])
    rate = min(wanted_fps, float(fps))
    assert len(times) == pytest.approx(count / float(fps) * rate, abs=1.01)
    # time stamps are those of the frames, each within one frame of its due time
    frames = times * float(fps)
    np.testing.assert_allclose(frames, np.round(frames), atol=0.04)
    late = times - np.arange(len(times)) / rate
    assert late.min() > -0.002
    assert late.max() < 1 / float(fps) + 0.002


@pytest.mark.parametrize("start", [0.0, 0.5, 1.94, 2.9])
@pytest.mark.parametrize("interval", [0.0, 0.08])
def test_a_part_has_the_frames_of_the_whole(talking_mp4, start, interval):
    whole = list(read_frames(talking_mp4))
    end = start + 0.7
    part = list(read_frames(talking_mp4, start_seconds=start, end_seconds=end, interval_seconds=interval))
    expected = [(time - start, rgb) for time, rgb in whole if start - 1e-4 <= time < end - 1e-4]
    if interval:
        expected = expected[:: round(interval * 25)]
    np.testing.assert_allclose([time for time, _ in part], [time for time, _ in expected], atol=1e-4)
    for (_, a), (_, b) in zip(part, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_one_thread_and_several_give_the_same_frames(talking_mp4):
    for (a, one), (b, several) in zip(read_frames(talking_mp4, threads=1), read_frames(talking_mp4), strict=True):
        assert a == b
        np.testing.assert_array_equal(one, several)


def test_a_part_beyond_the_end_is_empty_a_long_part_is_refused(talking_mp4):
    assert list(read_frames(talking_mp4, start_seconds=5.0)) == []
    assert len(list(read_frames(talking_mp4, start_seconds=2.5, max_seconds=1.0))) == 12
    with pytest.raises(MediaError, match="longer than 1 s"):
        list(read_frames(talking_mp4, start_seconds=0.5, max_seconds=1.0))


def write_apart(path, moving, tone, start, step, options=None):
    """Ten frames from `start` seconds on, one each `step` seconds, and two seconds of sound from 0 on."""
    with av.open(str(path), "w", options=options or {}) as container:
        video, audio = container.add_stream("libx264", rate=25), container.add_stream("aac", rate=16_000, layout="mono")
        video.width, video.height, video.pix_fmt = 128, 96, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        for index, rgb in enumerate(moving(10)):
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
            frame.pts, frame.time_base = round(1000 * (start + index * step)), Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        encode_audio(container, audio, [tone()[None]], 16_000)


def test_which_begins_first_sound_or_picture(tmp_path, moving, tone, talking_mp4):
    write_video(tmp_path / "film.avi", moving(75), 25, waveform=tone(seconds=3.0))
    assert sound_delay_seconds(tmp_path / "film.avi") == sound_delay_seconds(talking_mp4) == 0
    write_apart(tmp_path / "late.mkv", moving, tone, 0.3, 0.04)
    assert sound_delay_seconds(tmp_path / "late.mkv") == pytest.approx(-0.3, abs=0.07)  # an AAC frame
    write_apart(tmp_path / "never.mkv", moving, tone, 100.0, 0.04)
    with pytest.raises(MediaError, match="begins -100 s after its pictures: expected at most 60 s"):
        sound_delay_seconds(tmp_path / "never.mkv")
    write_video(tmp_path / "mute.mp4", moving(2), 25)
    with pytest.raises(MediaError, match="no audio"):
        sound_delay_seconds(tmp_path / "mute.mp4")


@pytest.mark.parametrize(("step", "fps"), [(0.04, 25), (0.1, 10)])
def test_a_live_recording_is_measured(tmp_path, moving, tone, step, fps):
    """Its header says 25 frames/s and no length."""
    write_apart(tmp_path / "live.mkv", moving, tone, 0.0, step, {"live": "1"})
    info = probe_video(tmp_path / "live.mkv")
    assert (info.fps, info.seconds) == (fps, 10 / fps)


@pytest.mark.parametrize("name", ROTATIONS)
def test_rotated_phone_video_comes_out_upright(tmp_path, moving, name):
    matrix, turns = ROTATIONS[name]
    upright = moving(4)
    for rgb in upright:
        rgb[:24, :32] = 255  # a white corner at the top left
    path = tmp_path / "phone.mp4"
    write_video(path, [np.ascontiguousarray(np.rot90(rgb, turns)) for rgb in upright], 25)
    set_matrix(path, matrix)
    info = probe_video(path)
    assert (info.width, info.height) == (128, 96)
    frames = [rgb for _, rgb in read_frames(path)]
    assert len(frames) == 4
    assert min(psnr(a, b) for a, b in zip(frames, upright)) > 28


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("absent.mp4", "does not exist"),
        ("folder.mp4", "is a folder"),
        ("empty.mp4", "cannot be read as video"),
        ("text.mp4", "cannot be read as video: Invalid data"),
        ("voice.wav", "no video stream"),
        ("alien.mp4", "codec that cannot be decoded"),
    ],
)
def test_unusable_files_are_refused_by_name(tmp_path, talking_mp4, tone, name, pattern):
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("Dear diary,\n" * 200)
    soundfile.write(tmp_path / "voice.wav", tone(), 16_000)
    (tmp_path / "alien.mp4").write_bytes(talking_mp4.read_bytes().replace(b"avc1", b"zzzz"))
    refused(tmp_path / name, pattern)


def test_a_video_whose_pictures_are_gone_is_refused(tmp_path, talking_mp4):
    content = bytearray(talking_mp4.read_bytes())
    start = content.index(b"mdat") + 4
    content[start:] = bytes(len(content) - start)
    (tmp_path / "blank.mp4").write_bytes(content)
    refused(tmp_path / "blank.mp4", "damaged|no frame|cannot be read|codec")


def test_huge_frames_are_refused_by_the_header(tmp_path):
    path = tmp_path / "huge.mp4"
    write_video(path, [np.zeros((2112, 8192, 3), np.uint8)], 25)
    refused(path, "is 8192x2112 pixels: at most")


@pytest.mark.parametrize("percent", [1, 10, 50, 90])
def test_broken_off_copies_are_refused_before_decoding(tmp_path, talking_mp4, percent):
    content = talking_mp4.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(content[: len(content) * percent // 100])
    refused(path, "cut off" if percent >= 50 else "cannot be read|no video|codec|cut off")


def test_longer_than_asked_for_is_refused(talking_mp4):
    with pytest.raises(MediaError, match="longer than 1 s"):
        list(read_frames(talking_mp4, max_seconds=1.0))


def test_failure_in_the_middle_leaves_what_was_there(tmp_path, moving):
    def frames():
        yield from moving(5)
        raise MediaError("the footage broke off")

    path = tmp_path / "out" / "a.mp4"
    with pytest.raises(MediaError, match="broke off"):
        write_video(path, frames(), 25)
    assert list(path.parent.iterdir()) == []
    path.write_bytes(b"the video of before")
    with pytest.raises(MediaError, match="broke off"):
        write_video(path, frames(), 25)
    assert [p.name for p in path.parent.iterdir()] == ["a.mp4"]
    assert path.read_bytes() == b"the video of before"


def test_no_frames_are_an_error_and_leave_nothing(tmp_path):
    with pytest.raises(MediaError, match="no frames"):
        write_video(tmp_path / "a.mp4", [], 25)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["file/inside", "/proc/vfgan"])
def test_unwritable_folder_is_an_output_error(tmp_path, moving, folder):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot write .*a\.mp4"):
        write_video(tmp_path / folder / "a.mp4", moving(2), 25)


def test_comment_is_in_the_container_and_bytes_are_reproducible(tmp_path, moving, tone):
    for name in ("a.mp4", "b.mp4"):
        metadata = {"comment": "synthetic: no real person", "vfgan": "1"}
        write_video(tmp_path / name, moving(5), 25, waveform=tone(seconds=0.2), metadata=metadata)
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.metadata["comment"] == "synthetic: no real person"
        assert container.metadata["vfgan"] == "1"
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.real
def test_real_containers_give_all_their_frames(real_data):
    for path in [*(real_data / "clips").glob("*.mpg"), *(real_data / "ravdess_original").rglob("01-*.mp4")]:
        info = probe_video(path)
        times = np.array([time for time, _ in read_frames(path)])
        assert np.all(np.diff(times) > 0)
        assert len(times) == pytest.approx(info.seconds * float(info.fps), abs=3), path
