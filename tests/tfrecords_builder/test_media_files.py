"""Which files are none of a corpus."""

from pathlib import Path

import pytest

from tfrecords_builder.inputs import gather_clips

NAME = "01-05-02-01-02-12"  # fields 2 to 7


def named(path):
    return None if path is None else Path(path).name


def test_strange_files_are_passed_over(corpus_of):
    good = f"Actor_12/03-{NAME}.wav"
    strange = [
        ".DS_Store", "Thumbs.db", "readme.txt", f"Actor_12/._03-{NAME}.wav", f"__MACOSX/Actor_12/._03-{NAME}.wav",
        f"Actor_12/.ipynb_checkpoints/03-{NAME}-checkpoint.wav", f"Actor_12/03-{NAME}.wav.part",
        f"Actor_12/03-{NAME}.crdownload", f"Actor_12/03-{NAME}.csv", f"Actor_12/03-{NAME} (1).wav",
        f"Actor_12/03-{NAME}", "Actor_12/03-01-09-01-01-01-12.wav", "Actor_12/03-01-00-01-01-01-12.wav",
        "Actor_12/04-01-01-01-01-01-12.wav", "Actor_12/03-03-01-01-01-01-12.wav", "Actor_12/03-01-01-03-01-01-12.wav",
        "Actor_12/03-01-01-01-03-01-12.wav", "Actor_12/03-01-01-01-01-03-12.wav", "Actor_12/03-01-01-01-01-01-1.wav",
        "Actor_12/3-1-1-1-1-1-12.wav", "Actor_12/03-01-01-01-01-01-01-12.wav", "Actor_12/x03-01-01-01-01-01-12.wav",
    ]  # fmt: skip
    folder = corpus_of(dict.fromkeys([good, *strange], b""))
    (folder / "Actor_12" / "03-01-02-01-01-01-12.wav").mkdir()
    clips = gather_clips([f"ravdess:{folder}"])
    assert [clip.audio for clip in clips] == [str(folder / good)]


@pytest.mark.parametrize("hidden", [".ipynb_checkpoints", ".Trash-0/files", ".stversions"])
def test_copies_in_hidden_folders_do_not_shadow_the_files(corpus_of, hidden):
    name = f"03-{NAME}.wav"
    folder = corpus_of({f"{hidden}/{name}": b"", f"Actor_12/{name}": b"", f"{hidden}/03-01-01-01-01-01-12.wav": b""})
    clips = gather_clips([f"ravdess:{folder}"])
    assert [clip.audio for clip in clips] == [str(folder / "Actor_12" / name)]
    pictures = corpus_of({f"happy/{hidden}/a.jpg": b"", "happy/b.jpg": b"", "happy/.c.jpg": b""}, "pictures")
    assert [named(clip.image) for clip in gather_clips([f"images:{pictures}"])] == ["b.jpg"]


def test_a_corpus_below_a_hidden_folder_is_read(corpus_of):
    folder = corpus_of({f".cache/ravdess/03-{NAME}.wav": b""})
    assert len(gather_clips([f"ravdess:{folder / '.cache' / 'ravdess'}"])) == 1
