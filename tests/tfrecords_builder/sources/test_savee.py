"""SAVEE by its naming rules."""

from tfrecords_builder.inputs import gather_clips
from vfgan.emotions import EMOTIONS


def table(clips):
    return {
        clip.key: (clip.actor, EMOTIONS[clip.emotion], clip.intensity, clip.statement, clip.modality) for clip in clips
    }


def test_savee_names(corpus_of):
    names = ["AudioData/DC/a01.wav", "KL/sa15.opus", "KL/su02.wav", "JE_n30.wav", "JK_h07.flac", "AudioData/JK/d03.WAV"]
    strange = ["AudioData/Info.txt", "XX/a01.wav", "DC/x01.wav", "DC/a1.wav", "DC/sad01.wav", "JE_n30.txt", "a01.wav"]
    folder = corpus_of(dict.fromkeys(names + strange, b""))
    clips = gather_clips([f"savee:{folder}"])
    assert table(clips) == {
        "DC-a01": ("DC", "angry", 0, 1, "audio-only"),
        "JE-n30": ("JE", "neutral", 0, 30, "audio-only"),
        "JK-d03": ("JK", "disgust", 0, 3, "audio-only"),
        "JK-h07": ("JK", "happy", 0, 7, "audio-only"),
        "KL-sa15": ("KL", "sad", 0, 15, "audio-only"),
        "KL-su02": ("KL", "surprised", 0, 2, "audio-only"),
    }
    assert gather_clips([str(folder)]) == clips  # recognised
    assert [clip.key for clip in gather_clips([f"savee:{folder / 'KL'}"])] == ["KL-sa15", "KL-su02"]
