"""CREMA-D by its naming rules."""

from tfrecords_builder.inputs import gather_clips
from vfgan.emotions import EMOTIONS


def table(clips):
    return {
        clip.key: (clip.actor, EMOTIONS[clip.emotion], clip.intensity, clip.statement, clip.modality) for clip in clips
    }


def test_cremad_names(corpus_of):
    names = [
        "AudioWAV/1001_DFA_ANG_XX.wav", "VideoFlash/1001_DFA_ANG_XX.flv", "VideoFlash/1001_DFA_ANG_XX.mp4",
        "1091_WSI_SAD_HI.mp4", "1040_ITH_SAD_X.wav", "1002_IEO_FEA_LO.mp3", "1002_IEO_NEU_MD.WAV",
    ]  # fmt: skip
    strange = ["1001_DFA_ANG_XX.csv", "1001_XYZ_ANG_XX.wav", "1001_DFA_JOY_XX.wav", "._1001_IEO_ANG_HI.wav", "x.wav"]
    folder = corpus_of(dict.fromkeys(names + strange, b""))
    clips = gather_clips([f"cremad:{folder}"])
    assert table(clips) == {
        "1001_DFA_ANG_XX": ("1001", "angry", 0, 9, "full-av"),
        "1002_IEO_FEA_LO": ("1002", "fearful", 1, 1, "audio-only"),
        "1002_IEO_NEU_MD": ("1002", "neutral", 1, 1, "audio-only"),
        "1040_ITH_SAD_X": ("1040", "sad", 0, 8, "audio-only"),
        "1091_WSI_SAD_HI": ("1091", "sad", 2, 12, "full-av"),
    }
    joined = clips[0]
    assert joined.audio.endswith("1001_DFA_ANG_XX.wav")  # the file of sound alone, though the video's name is earlier
    assert joined.video.endswith("1001_DFA_ANG_XX.flv")
    assert gather_clips([str(folder)]) == clips  # recognised


def test_cremad_sounds_may_be_opus(corpus_of):
    (clip,) = gather_clips([f"cremad:{corpus_of({'1001_IEO_ANG_HI.opus': b''})}"])
    assert (clip.actor, EMOTIONS[clip.emotion], clip.intensity, clip.modality) == ("1001", "angry", 2, "audio-only")
