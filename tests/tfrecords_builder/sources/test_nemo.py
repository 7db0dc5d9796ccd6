"""nEMO by its naming rules."""

from tfrecords_builder.inputs import gather_clips
from vfgan.emotions import EMOTIONS


def table(clips):
    return {
        clip.key: (clip.actor, EMOTIONS[clip.emotion], clip.intensity, clip.statement, clip.modality) for clip in clips
    }


def test_nemo_names(corpus_of):
    names = ["EB0_anger_1.opus", "samples/SM0_surprised_90.wav", "WR0_happiness_12.wav", "MK0_fear_3.wav"]
    strange = ["EB0_disgust_1.wav", "EB_anger_1.wav", "EB0_anger.wav", "EB0_anger_1.txt", "._EB0_anger_1.wav"]
    folder = corpus_of(dict.fromkeys(names + strange, b""))
    clips = gather_clips([f"nemo:{folder}"])
    assert table(clips) == {
        "EB0_anger_1": ("EB0", "angry", 0, 1, "audio-only"),
        "MK0_fear_3": ("MK0", "fearful", 0, 3, "audio-only"),
        "SM0_surprised_90": ("SM0", "surprised", 0, 90, "audio-only"),
        "WR0_happiness_12": ("WR0", "happy", 0, 12, "audio-only"),
    }
    assert gather_clips([str(folder)]) == clips  # recognised
