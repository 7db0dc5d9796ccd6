"""The table of an evaluation: columns that something has, and dashes."""

from pipelines.reports.evaluation import COLUMNS, EXPLANATION, by_emotion_notes, figures_frame
from pipelines.reports.tables import aligned


def test_columns_that_nothing_has_are_left_out():
    rows = {"generated": {"identity": 0.5, "Frechet": 12.0}, "real faces": {"Frechet": 3.25}}
    lines = aligned(figures_frame(rows)).split("\n")
    assert lines[0].split() == ["identity", "Frechet"]
    assert lines[1].split() == ["generated", "0.500", "12.000"]
    assert lines[2].split() == ["real", "faces", "-", "3.250"]
    assert len({len(line) for line in lines}) == 1


def test_every_column_is_explained():
    assert all(column in EXPLANATION for column in COLUMNS)


def test_emotions_have_a_line_for_generated_and_real_faces():
    found = {"happy": {"generated": 0.5, "real faces": 0.75}, "sad": {"generated": 0.25, "real faces": 1.0}}
    assert by_emotion_notes(found) == [
        "by emotion, generated: happy 0.500, sad 0.250",
        "by emotion, real faces: happy 0.750, sad 1.000",
    ]
