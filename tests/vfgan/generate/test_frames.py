"""What `benchmarks.long_footage` runs for ten minutes, for four seconds: frames, rate, rotation, gaps and sync."""

from fractions import Fraction

import numpy as np
import pytest

from benchmarks.long_footage import make_footage, sync
from vfgan.generate.video import generate_video
from vfgan.generate.voice_face import VoiceFace
from vfgan.media.audio import load_waveform
from vfgan.media.video import probe_video, read_frames, sound_delay_seconds

pytestmark = pytest.mark.medium


@pytest.fixture(scope="module")
def footage(tmp_path_factory):
    """Two periods of 2 s, each with three flashes and beeps, at 20 frames/s, lying on its side."""
    from tfrecords_builder.synthetic.config import SyntheticConfig
    from tfrecords_builder.synthetic.corpus import synthesize

    folder = tmp_path_factory.mktemp("long")
    config = SyntheticConfig(actors=1, statements=1, intensities=(1,), seconds=0.7, workers=1)
    make_footage(folder / "footage.mp4", synthesize(folder / "corpus", config)[0], 4.0, fps=20, height=180, period=2.0)
    return folder / "footage.mp4"


def test_no_frame_is_lost_and_the_sound_stays_in_sync(exported, footage, tmp_path):
    before = probe_video(footage)
    out, model = tmp_path / "out.mp4", VoiceFace(exported.folder / "vfgan")
    report = generate_video(model, footage, footage, out, length="footage", no_face="hold")
    after = probe_video(out)
    assert (after.width, after.height, after.fps) == (before.width, before.height, before.fps) == (320, 180, 20)
    count, offsets = sync(out)
    assert count == report.frames == 80
    assert 0.08 < report.without_face / count < 0.13  # a tenth
    assert len(offsets) == 6
    assert np.abs(offsets).max() < 1 / 20  # to a frame
    assert np.ptp(offsets) < 0.02  # the same at the begin and at the end


def test_a_sound_that_is_late_is_found(footage, monkeypatch):
    """The measurement itself: 0.1 s of silence before the sound."""
    from benchmarks import long_footage

    late = np.concatenate([np.zeros(1_600, np.float32), load_waveform(footage)])
    monkeypatch.setattr(long_footage, "load_waveform", lambda path: late)
    assert sync(footage)[1] == pytest.approx([0.1] * 6, abs=0.02)


def make_uneven(path, footage):
    """The footage with only every second frame after the first half, and its sound only from 0.4 s on."""
    import av

    half, late, tick = 2.0, 0.4, Fraction(1, 1000)
    with av.open(str(path), "w") as container:
        video, audio = container.add_stream("libx264", rate=20), container.add_stream("aac", rate=16_000, layout="mono")
        video.width, video.height, video.pix_fmt, video.codec_context.time_base = 320, 180, "yuv420p", tick
        for index, (time, rgb) in enumerate(read_frames(footage)):
            if time < half or index % 2 == 0:
                frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
                frame.pts, frame.time_base = round(time / tick), tick
                container.mux(video.encode(frame))
        container.mux(video.encode(None))
        wave = load_waveform(footage)[round(late * 16_000) :]
        for start in range(0, len(wave), 1024):
            frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.time_base = 16_000, Fraction(1, 16_000)
            frame.pts = round(late * 16_000) + start
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))


@pytest.mark.parametrize(
    ("suffix", "length"),
    [
        (".mp4", "voice"),
        (".mkv", "footage"),
        pytest.param(".mp4", "footage", marks=pytest.mark.slow),
        pytest.param(".mkv", "voice", marks=pytest.mark.slow),
    ],
)
def test_a_variable_rate_and_a_late_sound_stay_in_sync(exported, footage, tmp_path, length, suffix):
    uneven, out, model = tmp_path / f"uneven{suffix}", tmp_path / "out.mp4", VoiceFace(exported.folder / "vfgan")
    make_uneven(uneven, footage)
    delay = sound_delay_seconds(uneven)
    assert delay == pytest.approx(0.4, abs=0.07)  # an AAC frame
    report = generate_video(model, uneven, uneven, out, length=length, no_face="hold")
    assert report.frames / report.fps == pytest.approx(4.0, abs=0.15)
    _, offsets = sync(out)
    assert len(offsets) == 6
    # the first beep lies before the sound; a flash may fall on a frame that is absent, and be one of the result late
    assert np.abs(offsets[1:]).max() < 1 / 20 + 1 / report.fps
