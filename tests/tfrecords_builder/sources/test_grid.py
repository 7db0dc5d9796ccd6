"""GRID by its naming rules."""

from tfrecords_builder.inputs import gather_clips
from vfgan.emotions import EMOTIONS


def table(clips):
    return {
        clip.key: (clip.actor, EMOTIONS[clip.emotion], clip.intensity, clip.statement, clip.modality) for clip in clips
    }


def test_grid_names(corpus_of):
    names = ["s1/bbaf2n.mpg", "audio/s1/bbaf2n.wav", "s34/mpg/lwbzzp.mpg", "grid_brbk7n.mpg", "swau9s.mpg"]
    strange = ["s1/bbaw2n.mpg", "s1/bbaf2x.mpg", "s1/bbaf2n.align", "s1/bbaf2n2.mpg", "._bbaf2n.mpg", "s1/bbaf0n.mpg"]
    folder = corpus_of(dict.fromkeys(names + strange, b""))
    clips = gather_clips([f"grid:{folder}"])
    assert table(clips) == {
        "brbk7n": ("", "neutral", 1, 0, "full-av"),
        "s1-bbaf2n": ("s1", "neutral", 1, 0, "full-av"),
        "s34-lwbzzp": ("s34", "neutral", 1, 0, "full-av"),
        "swau9s": ("", "neutral", 1, 0, "full-av"),
    }
    assert clips[1].audio.endswith("audio/s1/bbaf2n.wav")
    assert gather_clips([str(folder)]) == clips  # recognised
