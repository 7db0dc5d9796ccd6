"""One table, three formats."""

import numpy as np
import pandas as pd

from pipelines.reports.tables import SUFFIXES, latex, markdown, write_csv, write_tables

FRAME = pd.DataFrame(
    {"steps": [1200.0, 3.0], "UAR_%": [0.912345, np.nan]}, index=pd.Index(["a & b", "c"], name="variant")
)


def test_markdown_by_hand():
    assert markdown(FRAME).splitlines() == [
        "| variant | steps | UAR_% |",
        "|---|---|---|",
        "| a & b | 1200 | 0.912 |",
        "| c | 3 | - |",
    ]


def test_latex_escapes_what_latex_reads():
    text = latex(FRAME)
    assert r"variant & steps & UAR\_\% \\" in text
    assert r"a \& b & 1200 & 0.912 \\" in text
    assert text.count("rule") == 3
    assert r"\begin{tabular}{lrr}" in text


def test_all_three_files_hold_the_table(tmp_path):
    write_tables(tmp_path / "table.x", FRAME)
    assert {path.suffix for path in tmp_path.iterdir()} == set(SUFFIXES)
    again = pd.read_csv(tmp_path / "table.csv", index_col="variant")
    pd.testing.assert_frame_equal(again, FRAME)  # with all digits


def test_csv_of_rows_is_what_the_csv_module_wrote(tmp_path):
    write_csv(tmp_path / "x.csv", [{"clip": "a", "p": "0.250000", "n": 3}, {"clip": "b,c", "p": "", "n": 0.5}])
    assert (tmp_path / "x.csv").read_bytes() == b'clip,p,n\na,0.250000,3.0\n"b,c",,0.5\n'
