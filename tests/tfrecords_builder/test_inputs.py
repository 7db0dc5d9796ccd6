"""Which files of a folder are clips, and how the files of one clip come together."""

from pathlib import Path

import pytest

from tfrecords_builder.inputs import gather_clips, join, parse_input
from vfgan.emotions import EMOTIONS
from vfgan.errors import ConfigError, MediaError

NAME = "01-05-02-01-02-12"  # fields 2 to 7


def named(path):
    return None if path is None else Path(path).name


@pytest.mark.parametrize(
    ("present", "audio", "video"),
    [
        (("01", "02", "03"), "03", "01"), (("02", "03"), "03", "02"), (("01", "02"), "01", "01"), (("02",), None, "02"),
        (("03",), "03", None), (("01",), "01", "01"), (("01", "03"), "03", "01"),
    ],
)  # fmt: skip
def test_twins_are_joined(corpus_of, present, audio, video):
    suffix = {"01": "mp4", "02": "mp4", "03": "wav"}
    folder = corpus_of({f"{m}/{m}-{NAME}.{suffix[m]}": b"" for m in present})
    (clip,) = gather_clips([f"ravdess:{folder}"])
    assert named(clip.audio) == (f"{audio}-{NAME}.{suffix[audio]}" if audio else None)
    assert named(clip.video) == (f"{video}-{NAME}.{suffix[video]}" if video else None)
    assert clip.modality == ("full-av" if audio and video else "audio-only" if audio else "video-only")


def test_of_several_inputs_the_earlier_wins_for_each_medium(corpus_of):
    voices = corpus_of({f"03-{NAME}.flac": b""}, "voices")
    faces = corpus_of({f"01-{NAME}.mp4": b"", "01-01-01-01-01-01-01.mp4": b""}, "faces")
    both = [gather_clips([f"ravdess:{a}", f"ravdess:{b}"]) for a, b in ((voices, faces), (faces, voices))]
    assert [[clip.key for clip in clips] for clips in both] == [["01-01-01-01-01-01", NAME]] * 2
    first, second = both[0][1], both[1][1]
    assert (first.audio, first.video) == (str(voices / f"03-{NAME}.flac"), str(faces / f"01-{NAME}.mp4"))
    assert (second.audio, second.video) == (str(faces / f"01-{NAME}.mp4"), str(faces / f"01-{NAME}.mp4"))
    assert join(first, second) == first


def test_order_of_clips_does_not_depend_on_the_order_of_files(corpus_of):
    names = [f"03-01-{emotion:02d}-01-01-01-{actor:02d}.wav" for actor in (2, 1) for emotion in (8, 3, 5)]
    clips = gather_clips([str(corpus_of(dict.fromkeys(names, b"")))])
    assert [clip.key for clip in clips] == sorted(name[3:20] for name in names)


def test_a_folder_alone_is_recognised(corpus_of):
    assert parse_input(str(corpus_of({f"x/03-{NAME}.wav": b""}, "one")))[0] == "ravdess"
    assert parse_input(str(corpus_of({"angry/a.jpg": b""}, "two")))[0] == "images"
    with pytest.raises(ConfigError, match=r"unknown kind of corpus.*'ravdess', 'cremad', 'mead'"):
        parse_input(str(corpus_of({"a.txt": b""}, "three")))


def test_colons_in_folder_names_are_no_sources(corpus_of):
    folder = corpus_of({f"03-{NAME}.wav": b""}, "take: two")
    assert parse_input(str(folder)) == ("ravdess", folder)
    assert parse_input(f"ravdess:{folder}") == ("ravdess", folder)


@pytest.mark.parametrize(
    ("text", "error", "pattern"),
    [
        ("tess:/tmp", ConfigError, r"unknown source 'tess'; expected one of ravdess, cremad, mead"),
        ("ravdess:/absent/folder", MediaError, r"/absent/folder does not exist or is not a folder"),
        ("/absent/folder", MediaError, r"/absent/folder does not exist or is not a folder"),
        ("ravdess:{file}", MediaError, r"a\.txt does not exist or is not a folder"),
        ("ravdess:{folder}", MediaError, r"no file in it has a name that the source 'ravdess' knows"),
        ("images:{folder}", MediaError, r"no file in it has a name that the source 'images' knows"),
    ],
)
def test_unusable_inputs_are_named(corpus_of, text, error, pattern):
    folder = corpus_of({"a.txt": b""})
    with pytest.raises(error, match=pattern):
        gather_clips([text.format(folder=folder, file=folder / "a.txt")])


def test_two_corpora_of_one_name_are_refused(tmp_path):
    for lab in ("one", "two"):
        (tmp_path / lab / "clips").mkdir(parents=True)
        (tmp_path / lab / "clips" / "1.wav").write_bytes(lab.encode())
        (tmp_path / lab / "clips" / "table.csv").write_text("file,emotion\n1.wav,sad\n")
    inputs = [f"footage:{tmp_path}/{lab}/clips" for lab in ("one", "two")]
    with pytest.raises(ConfigError, match=r"two/clips and .*one/clips are both called 'clips' and have a 1\.wav"):
        gather_clips(inputs)
    assert len(gather_clips([inputs[0], inputs[0]])) == 1


def test_no_input_at_all_is_an_error():
    with pytest.raises(ConfigError, match="--in: expected at least one input"):
        gather_clips([])


def test_the_source_in_the_documentation_works(root, corpus_of):
    """The example of how to write one."""
    (code,) = [part for part in (root / "docs" / "data.md").read_text(encoding="utf-8").split("```") if "TESS:" in part]
    module: dict = {}
    exec(code.removeprefix("python\n"), module)
    folder = corpus_of({"OAF_Sad/OAF_back_sad.wav": b"", "YAF/YAF_dog_ps.wav": b"", "YAF/notes.wav": b""})
    clips = [(c.clip_id, EMOTIONS[c.emotion], c.actor) for c in module["find_clips"](folder)]
    assert clips == [("tess/OAF_back_sad", "sad", "OAF"), ("tess/YAF_dog_ps", "surprised", "YAF")]


@pytest.mark.medium
@pytest.mark.real
def test_real_corpora_are_recognised_and_joined(real_data):
    clips = gather_clips([str(real_data / "ravdess"), str(real_data / "ravdess_faces")])
    assert len(clips) == 1200
    assert {clip.actor for clip in clips} == {f"{number:02d}" for number in range(1, 21)}
    both = [clip for clip in clips if clip.modality == "full-av"]
    assert len(both) == 52
    assert all(clip.audio.endswith(".flac") and clip.video.endswith(".mp4") for clip in both)
    video_only = [c for c in gather_clips([str(real_data / "ravdess_original")]) if named(c.video or "")[:2] == "02"]
    assert video_only
    assert all(not clip.audio or named(clip.audio).startswith(("01", "03")) for clip in video_only)
    assert len(gather_clips([str(real_data / "fer2013")])) == 7 * 1200
    assert len({clip.actor for clip in gather_clips([f"people:{real_data / 'london'}"])}) == 86
