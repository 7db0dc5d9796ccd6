"""What is judged: a folder of pictures and videos with a table, items.csv, that says what they are."""

import csv
import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from vfgan.emotions import FACE_EMOTIONS, FACE_LABEL, emotion_label
from vfgan.errors import ConfigError, VfganError
from vfgan.media.kinds import kind_of_face
from vfgan.storage.files import atomic_path

TABLE = "items.csv"
#: Columns of the table; strength and person may be left out or empty.
COLUMNS = ("file", "emotion", "truth", "strength", "person")
_NEEDED = COLUMNS[:3]
TRUTHS = ("real", "made")
MAX_ITEMS = 2000


@dataclasses.dataclass(frozen=True)
class Item:
    """A face or a video that people judge."""

    path: Path
    kind: Literal["face", "video"]
    emotion: str  #: of `FACE_EMOTIONS`: what it is to show
    made: bool  #: generated
    strength: float  #: how strong the emotion is to be, in any unit; NaN where it is not known
    person: str  #: who it is; empty where it is not known


def read_items(folder: Path) -> list[Item]:
    """Reads the table and looks at every file.

    Raises:
        ConfigError: there is no table, or a row is not as expected; the message has the row's number.
        MediaError: a file is missing, or neither picture nor video.
    """
    path = folder / TABLE
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(), restval=""))
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path} does not exist: expected a folder of `vfgan evaluate --items`, or one with your own table of the "
            f"columns {','.join(COLUMNS)}"
        ) from error
    except (OSError, ValueError, csv.Error) as error:
        raise ConfigError(f"{path} cannot be read as CSV in UTF-8: {error}") from error
    missing = [name for name in _NEEDED if not rows or name not in rows[0]]
    if missing:
        raise ConfigError(
            f"{path}: expected the columns {','.join(_NEEDED)} and a row an item; {missing[0]} is missing"
        )
    if len(rows) > MAX_ITEMS:
        raise ConfigError(f"{path} has {len(rows)} items: expected at most {MAX_ITEMS}")
    items = []
    for number, row in enumerate(rows, start=2):
        try:
            items.append(_item(folder, {name: (row.get(name) or "").strip() for name in COLUMNS}))
        except VfganError as error:
            raise type(error)(f"{path}, row {number}: {error}") from error
    twice = {item.path for item in items if sum(other.path == item.path for other in items) > 1}
    if twice:
        raise ConfigError(f"{path}: {min(twice).name} stands in two rows: expected every file once")
    return items


def _item(folder: Path, row: dict[str, str]) -> Item:
    file = (folder / row["file"]).resolve()
    if not row["file"] or not file.is_relative_to(folder.resolve()):
        raise ConfigError(f"file: expected one in the folder, got {row['file']!r}")
    if row["truth"] not in TRUTHS:
        raise ConfigError(f"truth: expected {' or '.join(TRUTHS)}, got {row['truth']!r}")
    emotion = FACE_EMOTIONS[FACE_LABEL[emotion_label(row["emotion"])]]
    try:
        strength = float(row["strength"] or "nan")
    except ValueError as error:
        raise ConfigError(f"strength: expected a number or nothing, got {row['strength']!r}") from error
    if math.isinf(strength):
        raise ConfigError(f"strength: expected a number or nothing, got {row['strength']!r}")
    kind: Literal["face", "video"] = "face" if kind_of_face(file) == "picture" else "video"
    return Item(file, kind, emotion, row["truth"] == "made", strength, row["person"])


def write_table(path: Path, rows: Sequence[dict]) -> None:
    """Writes a table that `read_items` reads.

    Args:
        path: a folder's `TABLE`.
        rows: values of `COLUMNS`.
    """
    with atomic_path(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
