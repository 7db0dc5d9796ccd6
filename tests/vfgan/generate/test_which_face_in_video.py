"""Of several people in footage the one that is meant is changed, as in a picture; what cannot be read stays."""

import numpy as np
import pytest

from vfgan.generate.video import generate_video
from vfgan.media.images import read_image
from vfgan.media.video import read_frames
from vfgan.media.video_writer import write_video


def difference(one, other):
    """Mean absolute difference of the frames of two videos, grey levels: float [height, width]."""
    pairs = zip(read_frames(one), read_frames(other), strict=True)
    return np.mean([np.abs(before.astype(float) - after).mean(axis=2) for (_, before), (_, after) in pairs], axis=0)


@pytest.mark.medium
@pytest.mark.parametrize(
    ("which", "index"), [("left", 0), pytest.param("largest", 4, marks=pytest.mark.slow), ("1", 3)]
)
def test_the_face_that_is_meant_is_changed_and_no_other(model, folder, crowd, tmp_path, which, index):
    picture, truth = crowd((300, 1000), [(1 + k % 4, 90 + 200 * k, 150, 50 + 10 * k, 0) for k in range(5)])
    write_video(tmp_path / "five.mp4", [picture] * 4, 10)
    report = generate_video(
        model, folder / "voice.wav", tmp_path / "five.mp4", tmp_path / "out.mp4", length="footage", which=which
    )
    assert report.notes[0].startswith("there are 5 faces: ")
    assert (report.frames, report.several_faces, report.unreadable) == (4, 4, 0)
    changed = difference(tmp_path / "five.mp4", tmp_path / "out.mp4")
    each = [changed[100:200, int(x) - 25 : int(x) + 25].mean() for x in (one.eyes[:, 0].mean() for one in truth)]
    assert int(np.argmax(each)) == index
    assert sorted(each)[-2] < 0.5 * max(each)


def test_frames_that_cannot_be_read_stay_and_are_counted(model, folder, tmp_path):
    white = np.clip(read_image(folder / "person.png") * 3.0 + 90, 0, 255).astype(np.uint8)
    write_video(tmp_path / "white.mp4", [white] * 4, 10)
    report = generate_video(model, folder / "voice.wav", tmp_path / "white.mp4", tmp_path / "out.mp4", length="footage")
    assert report.unreadable == report.frames == 4
    assert report.notes[-1].startswith("the face is hard to read in 4 of 4 frames: ")
    assert report.notes[-1].endswith("; it is not changed in 4")
    assert difference(tmp_path / "white.mp4", tmp_path / "out.mp4").mean() < 1.5
