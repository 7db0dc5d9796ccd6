"""CREMA-D, MEAD, GRID, SAVEE and nEMO by their naming rules, on talking heads under their names."""

import pytest
import soundfile

from tfrecords_builder.build import build
from tfrecords_builder.inputs import gather_clips
from vfgan.config import BuildConfig
from vfgan.data.records import DataSet
from vfgan.emotions import EMOTIONS
from vfgan.media.audio import load_waveform


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


def test_cremad_sounds_may_be_opus(corpus_of):
    (clip,) = gather_clips([f"cremad:{corpus_of({'1001_IEO_ANG_HI.opus': b''})}"])
    assert (clip.actor, EMOTIONS[clip.emotion], clip.intensity, clip.modality) == ("1001", "angry", 2, "audio-only")


def test_speech_and_song_of_an_actor_are_two_clips_of_one_person(corpus_of):
    folder = corpus_of({"a/03-01-05-01-02-01-07.flac": b"", "b/03-02-05-01-02-01-07.flac": b""})
    speech, song = gather_clips([f"ravdess:{folder / 'a'}", f"ravdess:{folder / 'b'}"])
    assert (speech.channel, song.channel) == ("speech", "song")
    assert (speech.corpus, speech.actor) == (song.corpus, song.actor) == ("ravdess", "07")
    assert [clip.intensity for clip in (speech, song)] == [1, 1]
    assert [clip.statement for clip in (speech, song)] == [2, 2]


@pytest.fixture(scope="module")
def renamed(tmp_path_factory, heads):
    """Angry, fearful and happy heads of three actors, as CREMA-D (videos and sounds) and as MEAD (both layouts)."""
    folder = tmp_path_factory.mktemp("renamed")
    places = {
        "cremad": "VideoFlash/100{a}_DFA_{c}_HI.flv",
        "nested": "M00{a}/video/front/{m}/level_3/001.mp4",
        "flat": "M00{a}_level_3_{m}_001.mp4",
    }
    for actor in (1, 2, 3):
        for code, cremad, mead in (("05", "ANG", "angry"), ("06", "FEA", "fear"), ("03", "HAP", "happy")):
            (head,) = (heads / f"Actor_0{actor}").glob(f"01-01-{code}-*.mp4")
            for corpus, place in places.items():
                path = folder / corpus / place.format(a=actor, c=cremad, m=mead)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(head)
            sound = folder / "cremad" / "AudioWAV" / f"100{actor}_DFA_{cremad}_HI.wav"
            sound.parent.mkdir(exist_ok=True)
            soundfile.write(sound, load_waveform(head), 16_000)
    return folder


@pytest.mark.parametrize(("source", "corpus"), [("cremad", "cremad"), ("mead", "nested"), ("mead", "flat")])
def test_heads_under_other_names_become_whole_records(tmp_path, renamed, source, corpus):
    manifest = build([f"{source}:{renamed / corpus}"], tmp_path, BuildConfig(face_fps=2.0), workers=1)
    assert (manifest["clips"], manifest["rejected"], manifest["split_by"]) == (9, 0, {source: "actor"})
    for record in DataSet(tmp_path).records(("train", "validation", "test")):
        assert record["modality"] == "full-av"
        assert record["intensity"] == 2
        assert len(record["faces"]) > 0
        assert len(record["mfsc"]) > 0
