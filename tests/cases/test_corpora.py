"""The builder loses no file without a word, and reads tables as Excel writes them."""

import datetime
import os

import numpy as np
import openpyxl
import pytest
import soundfile
from PIL import Image

from pipelines.reports.rejects import passed_over_lines
from tests.cases.films import sine
from tfrecords_builder.clip import input_files
from tfrecords_builder.inputs import gather_clips
from tfrecords_builder.passed_over import PassedOver
from vfgan.emotions import EMOTIONS


def put(path, content=None):
    """A picture, a recording, or text, by the path's suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    suffix = path.suffix.lower()
    if content is not None or suffix in (".txt", ".csv", ".ini", ".db", ".ds_store", ""):
        path.write_bytes(content or b"Dear diary")
    elif suffix == ".heic":
        import pillow_heif

        pillow_heif.from_pillow(Image.fromarray(np.full((64, 64, 3), 90, np.uint8))).save(path)
    elif suffix in (".wav", ".flac"):
        soundfile.write(path, sine(440, rate=16_000), 16_000, format=suffix[1:].upper())
    else:
        kind = {".png": "PNG", ".webp": "WEBP"}.get(suffix, "JPEG")
        Image.fromarray(np.full((48, 48, 3), 90, np.uint8)).save(path, kind)


def gathered(place, out):
    """(clips, {file's path in the input: why it is in no clip})."""
    over = PassedOver(out)
    clips = gather_clips([place], None, over)
    return clips, {os.path.relpath(path, place.split(":", 1)[1]): why for path, why in over.reasons.items()}


#: files -> keys of the clips, and files passed over
FOLDERS = {
    "plain": (["happy/1.jpg", "sad/1.jpg"], ["happy/1", "sad/1"], {}),
    "twins of one stem": (["happy/1.jpg", "happy/1.png", "happy/2.jpg"], ["happy/1.jpg", "happy/1.png", "happy/2"], {}),
    "Kaggle": (
        ["train/angry/1.jpg", "test/angry/1.jpg", "train/happy/2.jpg"],
        ["test/angry/1", "train/angry/1", "train/happy/2"], {},
    ),
    "deeper": (["data/images/train/Happy/1.jpg"], ["data/images/train/Happy/1"], {}),
    "browsers' and phones' names": (
        ["happy/1.jfif", "happy/2.heic", "happy/3.JPG", "happy/4"], ["happy/1", "happy/2", "happy/3"],
        {"happy/4": "neither sound, picture nor video"},
    ),
    "strays": (
        ["happy/1.jpg", "happy/._1.jpg", "happy/Thumbs.db", "happy/desktop.ini", ".DS_Store", "__MACOSX/happy/1.jpg"],
        ["happy/1"],
        dict.fromkeys(
            ["happy/._1.jpg", "happy/Thumbs.db", "happy/desktop.ini", ".DS_Store", "__MACOSX/happy/1.jpg"],
            "left by a system or a program",
        ),
    ),
    "elsewhere": (
        ["happy/1.jpg", "happy/notes.txt", "unsorted/2.jpg", "3.jpg", "happy/4.wav"], ["happy/1"],
        {
            "happy/notes.txt": "neither sound, picture nor video", "unsorted/2.jpg": "in no folder of an emotion",
            "3.jpg": "in no folder of an emotion", "happy/4.wav": "in no folder of an emotion",
        },
    ),
    "broken": (["happy/1.jpg", "happy/0.jpg="], ["happy/0", "happy/1"], {}),  # rejected with the reason
}  # fmt: skip


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_of_emotions(tmp_path, name):
    files, keys, passed_over = FOLDERS[name]
    folder = tmp_path / "set"
    for file in files:
        put(folder / file.rstrip("="), b"" if file.endswith("=") else None)
    clips, reasons = gathered(f"images:{folder}", tmp_path / "out")
    assert sorted(clip.key for clip in clips) == keys
    assert reasons == passed_over
    used = {str(path) for clip in clips for path in input_files(clip)}
    assert len(used) + len(reasons) == len(files)  # every file is accounted for


def test_linked_folders_are_entered_once(tmp_path):
    folder = tmp_path / "set"
    put(folder / "happy" / "1.jpg")
    put(tmp_path / "elsewhere" / "2.jpg")
    put(tmp_path / "more" / "sad" / "3.jpg")
    (folder / "happy" / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "more").symlink_to(tmp_path / "more")
    (folder / "happy" / "loop").symlink_to(folder)
    (folder / "happy" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    clips, reasons = gathered(f"images:{folder}", tmp_path / "out")
    assert sorted(clip.key for clip in clips if "loop" not in clip.key) == ["happy/1", "happy/linked/2", "more/sad/3"]
    assert reasons == {"happy/gone.jpg": "a link that leads nowhere"}


RAVDESS = "03-01-05-01-01-01-{:02d}.wav"


def test_linked_folders_of_named_corpora(tmp_path):
    for actor in range(1, 10):
        put(tmp_path / f"disk{actor % 3}" / f"Actor_{actor:02d}" / RAVDESS.format(actor))
    folder = tmp_path / "set"
    folder.mkdir()
    for number in range(3):
        (folder / f"part{number}").symlink_to(tmp_path / f"disk{number}")
    (tmp_path / "disk0" / "back").symlink_to(folder)
    put(folder / "readme.txt")
    put(folder / "mine.wav")
    put(folder / "copy" / RAVDESS.format(1))
    clips, reasons = gathered(f"ravdess:{folder}", tmp_path / "out")
    assert len(clips) == 9
    assert sorted(reasons.values()) == [
        "another file of the same clip is taken", "neither sound, picture nor video",
        "no name that the source ravdess knows",
    ]  # fmt: skip


def test_what_lies_in_the_data_set_is_no_input(tmp_path):
    put(tmp_path / "happy" / "1.jpg")
    put(tmp_path / "out" / "shards" / "a.txt")
    assert gathered(f"images:{tmp_path}", tmp_path / "out")[1] == {}


def test_the_summary_names_them_by_reason(tmp_path):
    rows = [f"/a/{name},{why}" for name, why in (("b.txt", "odd"), ("c.txt", "odd"), ("._d", "left by a system"))]
    (tmp_path / "passed_over.csv").write_text("\n".join(["file,reason", *rows]))
    lines = passed_over_lines(tmp_path / "passed_over.csv")
    assert lines[0].startswith("3 files passed over")
    assert [line.split() for line in lines[1:]] == [
        ["2", "odd:", "b.txt,", "c.txt"], ["1", "left", "by", "a", "system:", "._d"]
    ]  # fmt: skip


_PLAIN = "file,emotion,speaker,start,end\nann1.wav,happy,Ann,0.2,0.9\nbob1.wav,sad,Bob,,\n"
_GERMAN = "file;emotion;speaker;start;end\r\nann1.wav;happy;Ann;0,2;0,9\r\nbob1.wav;sad;Bob;;\r\n"
#: name of the table -> its bytes
TABLES = {
    "plain": ("t.csv", _PLAIN.encode()),
    "BOM": ("t.csv", _PLAIN.encode("utf-8-sig")),
    "Excel in Europe": ("t.csv", _GERMAN.encode("utf-8-sig")),
    "semicolons, cp1252": ("t.csv", _GERMAN.replace("Ann", "Änn").encode("cp1252")),
    "UTF-16": ("t.csv", _GERMAN.encode("utf-16")),
    "UTF-16 big endian": ("t.csv", b"\xfe\xff" + _GERMAN.encode("utf-16-be")),
    "UTF-16 without BOM": ("t.csv", _GERMAN.encode("utf-16-le")),
    "tabs": ("t.csv", _PLAIN.replace(",", "\t").encode()),
    "Unicode text of Excel": ("t.tsv", _PLAIN.replace(",", "\t").encode("utf-16")),
    "sep= line": ("t.csv", b"sep=;\r\n" + _GERMAN.encode()),
    "quoted decimal commas": ("t.csv", _PLAIN.replace("0.2,0.9", '"0,2","0,9"').encode()),
    "capitals and blanks": ("t.csv", _PLAIN.replace("file,emotion", " File , Emotion").encode()),
    "further columns": (
        "t.csv", b"id,file,emotion,speaker,start,end,note\n1,ann1.wav,happy,Ann,0.2,0.9,x\n2,bob1.wav,sad,Bob,,,\n"
    ),
    "empty lines and columns": ("t.csv", _PLAIN.replace("\n", ",,\n").encode() + b",,,,,,\n\n"),
    "old Mac line ends": ("t.csv", _PLAIN.replace("\n", "\r").encode()),
    "Windows' paths": ("t.csv", _PLAIN.replace("ann1", "sub\\ann2").encode()),
    "capital suffix": ("T.CSV", _PLAIN.encode()),
}  # fmt: skip


def spans(folder):
    clips = gather_clips([f"footage:{folder}"])
    return {(EMOTIONS[c.emotion], c.start_seconds, c.end_seconds) for c in clips}, {c.actor for c in clips}


EXPECTED = {("happy", 0.2, 0.9), ("sad", 0.0, np.inf)}


@pytest.fixture
def recordings(tmp_path):
    for name in ("ann1.wav", "bob1.wav", "sub/ann2.wav"):
        put(tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", TABLES)
def test_tables(recordings, name):
    file, content = TABLES[name]
    (recordings / file).write_bytes(content)
    found, actors = spans(recordings)
    assert found == EXPECTED
    assert actors == {"Änn" if "cp1252" in name else "Ann", "Bob"}


@pytest.mark.parametrize("stray", ["._t.csv", "~$t.xlsx", ".~lock.t.csv#", "emotions.csv"])
def test_strays_beside_a_table(recordings, stray):
    (recordings / "t.csv").write_text(_PLAIN)
    (recordings / stray).write_bytes(b"froh,happy\n" if stray == "emotions.csv" else b"\0\5\x16\7")
    assert spans(recordings)[0] == EXPECTED


def test_excels_own_format(recordings):
    """Times typed as m:ss are times of the day to Excel."""
    book = openpyxl.Workbook()
    for row in (["file", "emotion", "speaker", "start", "end", "note"], ["ann1.wav", "happy", "Ann", 0.2, 0.9, 1]):
        book.active.append(row)
    book.active.append(["bob1.wav", "sad", "Bob", datetime.time(0, 1, 5), None, None])
    book.active.append(["sub/ann2.wav", "sad", "Bob", datetime.time(1, 5), datetime.time(1, 7), None])
    book.active["D3"].number_format, book.active["D4"].number_format = "h:mm:ss", "h:mm"
    book.active["E4"].number_format = "h:mm"
    book.save(recordings / "t.xlsx")
    assert spans(recordings)[0] == {("happy", 0.2, 0.9), ("sad", 65.0, np.inf), ("sad", 65.0, 67.0)}


@pytest.mark.real
@pytest.mark.parametrize("name", ["excel_semicolon", "mac_appledouble"])
def test_shared_tables(shared_cases, tmp_path, name):
    (tmp_path / "monday").mkdir()
    for path in (shared_cases / name).iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for file in ("ann1", "bob1", "cy1"):
        put(tmp_path / "monday" / f"{file}.flac")
    clips, reasons = gathered(f"footage:{tmp_path}", tmp_path / "out")
    assert sorted(clip.actor for clip in clips) == ["Ann", "Bob", "Cy"]
    assert [clip.start_seconds for clip in clips if clip.actor == "Ann"] == [0.9 if name.startswith("excel") else 0.0]
    assert reasons == ({"._t.csv": "left by a system or a program"} if name.startswith("mac") else {})
