"""MEAD by its naming rules."""

from tfrecords_builder.inputs import gather_clips
from vfgan.emotions import EMOTIONS


def table(clips):
    return {
        clip.key: (clip.actor, EMOTIONS[clip.emotion], clip.intensity, clip.statement, clip.modality) for clip in clips
    }


def test_mead_names(corpus_of):
    names = [
        "M003/video/front/angry/level_1/001.mp4", "M003/audio/angry/level_1/001.m4a",
        "M003/video/front/disgusted/level_3/012.mp4", "W009_level_2_fear_030.mp4", "W009/audio/neutral/level_1/002.m4a",
    ]  # fmt: skip
    strange = [
        "M003/video/left_30/angry/level_1/001.mp4", "M003/video/front/contempt/level_1/001.mp4", "M003/readme.mp4",
        "M003/video/front/angry/level_4/001.mp4", "M003/video/front/angry/level_1/.ipynb_checkpoints/001.mp4",
    ]  # fmt: skip
    folder = corpus_of(dict.fromkeys(names + strange, b""))
    clips = gather_clips([f"mead:{folder}"])
    assert table(clips) == {
        "M003-angry-1-001": ("M003", "angry", 1, 1, "full-av"),
        "M003-disgusted-3-012": ("M003", "disgust", 2, 12, "full-av"),
        "W009-fear-2-030": ("W009", "fearful", 1, 30, "full-av"),
        "W009-neutral-1-002": ("W009", "neutral", 1, 2, "audio-only"),
    }
    assert clips[0].audio.endswith("M003/audio/angry/level_1/001.m4a")
    assert clips[0].video.endswith("M003/video/front/angry/level_1/001.mp4")
    assert [clip.key for clip in gather_clips([f"mead:{folder / 'M003'}"])] == [
        "M003-angry-1-001",
        "M003-disgusted-3-012",
    ]
