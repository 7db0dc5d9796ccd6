"""What `benchmarks.long_footage` runs for ten minutes, for four seconds: frames, rate, rotation, gaps and sync."""

import numpy as np
import pytest

from benchmarks.long_footage import make_footage, sync
from vfgan.generate import VoiceFace
from vfgan.media.audio import load_waveform
from vfgan.media.video import probe_video
from vfgan.video_generation import generate_video


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
    assert before.rotation_degrees == 270
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
