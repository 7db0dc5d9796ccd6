"""Every table of figures: a `pandas.DataFrame`, written as CSV, Markdown and LaTeX."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from vfgan.storage.files import atomic_path, write_text

#: Suffixes of the files of one table.
SUFFIXES = (".csv", ".md", ".tex")


def write_tables(path: Path, frame: pd.DataFrame) -> None:
    """Writes PATH.csv with all digits, and PATH.md and PATH.tex with three.

    Args:
        frame: its index names the rows.
    """
    write_csv(path.with_suffix(".csv"), frame.reset_index())
    write_text(path.with_suffix(".md"), markdown(frame) + "\n")
    write_text(path.with_suffix(".tex"), latex(frame))


def write_csv(path: Path, rows: pd.DataFrame | Sequence[dict]) -> None:
    """Writes rows as CSV, whole or not at all; an index is not written."""
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    with atomic_path(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n", encoding="utf-8")


def markdown(frame: pd.DataFrame) -> str:
    """The table as Markdown; a dash where there is no value."""
    text = _as_text(frame)
    head = [*(name or "" for name in frame.index.names), *frame.columns]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    lines += ["| " + " | ".join(cells) + " |" for cells in text]
    return "\n".join(lines)


def latex(frame: pd.DataFrame) -> str:
    r"""The table as LaTeX, for \input{…} in a document with \usepackage{booktabs}."""
    names = [name or "" for name in frame.index.names]
    whole = pd.DataFrame(_as_text(frame), columns=[*names, *frame.columns])
    columns = "l" * len(names) + "r" * len(frame.columns)
    styled = whole.style.hide(axis="index").format(escape="latex").format_index(escape="latex", axis=1)
    return styled.to_latex(hrules=True, column_format=columns)


def aligned(frame: pd.DataFrame, width: int = 17) -> str:
    """The table as text in columns of equal width."""
    lines = ["".join([f"{'':18}", *(f"{column:>{width}}" for column in frame.columns)])]
    lines += [
        f"{name:18}" + "".join(f"{cell:>{width}}" for cell in cells) for name, *cells in _as_text(frame, "{:.3f}")
    ]
    return "\n".join(lines)


def _as_text(frame: pd.DataFrame, form: str = "{:.3g}") -> list[list[str]]:
    """The cells of each row with its names. Whole numbers keep their digits; what is absent is a dash."""

    def cell(value) -> str:
        if isinstance(value, str):
            return value
        if pd.isna(value):
            return "-"
        return str(int(value)) if float(value).is_integer() and abs(value) >= 1000 else form.format(value)

    rows = frame.reset_index().itertuples(index=False, name=None)
    return [[cell(value) for value in row] for row in rows]
