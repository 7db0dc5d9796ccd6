"""Tables as Excel and others write them -> rows of text.

CSV with commas, semicolons or tabs, in UTF-8, UTF-16 or Windows' cp1252, with or without a byte order mark; and .xlsx.
"""

import codecs
import csv
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".xlsx", ".xlsm"})
_DELIMITERS = (",", ";", "\t")


def read_table(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line number, stripped cells) of each row that is not empty.

    Raises:
        OSError, ValueError, csv.Error: it is no such table.
    """
    rows = _xlsx_rows(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv_rows(path)
    for number, cells in rows:
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield number, cells


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    with path.open("rb") as file:
        text = _decoded(file.read())
    lines, before, delimiter = text.splitlines(keepends=True), 0, ""
    if lines and lines[0].lower().startswith("sep="):  # a line by which Excel knows
        delimiter, before, lines = lines[0][4:5], 1, lines[1:]
    if lines and not delimiter:
        delimiter = max(_DELIMITERS, key=lines[0].count)
    reader = csv.reader(lines, delimiter=delimiter or ",")
    for row in reader:
        yield before + reader.line_num, row


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    if b"\0" in content[:4]:
        return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _xlsx_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The first sheet's rows."""
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with path.open("rb") as file:
            sheet = openpyxl.load_workbook(file, data_only=True).worksheets[0]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError) as error:
        raise ValueError(f"no Excel table: {error}") from error
    for row in sheet.iter_rows():
        yield row[0].row, [_cell_text(cell.value, cell.number_format) for cell in row]


def _cell_text(value: Any, number_format: str) -> str:
    """What was typed: Excel takes 1:05 for a time of the day, and says so by its format."""
    if value is None:
        return ""
    if isinstance(value, datetime.time):
        seconds = f"{value.second + value.microsecond / 1e6:g}"
        if "s" not in number_format.lower():
            return f"{value.hour}:{value.minute}"
        return f"{value.hour}:{value.minute}:{seconds}"
    if isinstance(value, datetime.timedelta):
        return f"{value.total_seconds():g}"
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)
