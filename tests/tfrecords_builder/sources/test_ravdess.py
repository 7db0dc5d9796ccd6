"""RAVDESS by its naming rules."""

from pathlib import Path

from tfrecords_builder.inputs import gather_clips
from vfgan.emotions import EMOTIONS


def named(path):
    return None if path is None else Path(path).name


def test_fields_of_a_name_become_fields_of_a_clip(corpus_of):
    folder = corpus_of({"Audio/Actor_12/03-02-06-02-01-02-12.wav": b""})
    (clip,) = gather_clips([f"ravdess:{folder}"])
    assert clip.clip_id == "ravdess/02-06-02-01-02-12"
    assert (EMOTIONS[clip.emotion], clip.intensity, clip.statement, clip.repetition) == ("fearful", 2, 1, 2)
    assert (clip.actor, clip.channel, clip.corpus, clip.modality) == ("12", "song", "ravdess", "audio-only")
    assert clip.audio == str(folder / "Audio/Actor_12/03-02-06-02-01-02-12.wav")
    assert clip.video is None
    assert clip.image is None


def test_capitals_in_suffixes_and_other_containers_are_known(corpus_of):
    folder = corpus_of({
        "03-01-01-01-01-01-01.WAV": b"", "03-01-02-01-01-01-01.FLAC": b"", "01-01-03-01-01-01-01.MP4": b"",
        "02-01-04-01-01-01-01.flv": b"", "03-01-05-01-01-01-01.mp4": b"", "02-01-06-01-01-01-01.wav": b"",
    })  # fmt: skip
    clips = {clip.emotion: (named(clip.audio), named(clip.video)) for clip in gather_clips([f"ravdess:{folder}"])}
    assert clips == {
        0: ("03-01-01-01-01-01-01.WAV", None),
        1: ("03-01-02-01-01-01-01.FLAC", None),
        2: ("01-01-03-01-01-01-01.MP4", "01-01-03-01-01-01-01.MP4"),
        3: (None, "02-01-04-01-01-01-01.flv"),
        4: ("03-01-05-01-01-01-01.mp4", None),  # the sound of a video that calls itself audio-only
    }  # a wav that calls itself video-only is neither


def test_speech_and_song_are_two_clips_of_one_person(corpus_of):
    folder = corpus_of({"a/03-01-05-01-02-01-07.flac": b"", "b/03-02-05-01-02-01-07.flac": b""})
    speech, song = gather_clips([f"ravdess:{folder / 'a'}", f"ravdess:{folder / 'b'}"])
    assert (speech.channel, song.channel) == ("speech", "song")
    assert (speech.corpus, speech.actor) == (song.corpus, song.actor) == ("ravdess", "07")
    assert [clip.intensity for clip in (speech, song)] == [1, 1]
    assert [clip.statement for clip in (speech, song)] == [2, 2]
