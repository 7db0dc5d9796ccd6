"""Raters' answers: one CSV file, written whole after every answer, with opaque numbers of items and no truth."""

import contextlib
import csv
import dataclasses
import fcntl
import math
import re
from collections.abc import Iterator
from pathlib import Path

from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import ConfigError, OutputError, SchemaError
from vfgan.storage.files import atomic_path, claim_folder

COLUMNS = (
    "rater", "item", "kind", "answer_emotion", "answer_strength", "answer_real", "seconds", "order", "seed",
)  # fmt: skip
STRENGTHS = (1, 2, 3, 4, 5)
NEUTRAL = "neutral"
_YES = {"yes": True, "no": False}
_NAME = re.compile(r"\w[\w .\-]{0,39}")
_LONGEST_SECONDS = 86_400.0


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one rater says of one item."""

    rater: str
    item: int
    kind: str
    emotion: str  #: of `FACE_EMOTIONS`
    strength: int  #: 1…5; 0 for neutral, whose strength is not asked for
    real: bool  #: taken for real
    seconds: float  #: from when the item could be seen
    order: int  #: the item was this rater's n-th, from 1
    seed: int

    def __post_init__(self) -> None:
        check_name(self.rater)
        _check(self.emotion in FACE_EMOTIONS, "emotion", f"one of {', '.join(FACE_EMOTIONS)}", self.emotion)
        strengths = (0,) if self.emotion == NEUTRAL else STRENGTHS
        is_strength = isinstance(self.strength, int) and not isinstance(self.strength, bool)
        _check(is_strength and self.strength in strengths, "strength", f"one of {strengths}", self.strength)
        _check(isinstance(self.real, bool), "real", "true or false", self.real)
        is_number = isinstance(self.seconds, int | float) and not isinstance(self.seconds, bool)
        is_time = is_number and math.isfinite(self.seconds) and 0 <= self.seconds <= _LONGEST_SECONDS
        _check(is_time, "seconds", f"0 to {_LONGEST_SECONDS:g}", self.seconds)


def _check(condition: bool, name: str, expected: str, received: object) -> None:
    if not condition:
        raise ConfigError(f"{name}: expected {expected}, got {received!r}")


def check_name(rater: object) -> str:
    """A rater's name or number, without spaces around it.

    Raises:
        ConfigError: it is empty, too long, or has other characters.
    """
    name = rater.strip() if isinstance(rater, str) else ""
    if not _NAME.fullmatch(name):
        raise ConfigError("name: expected 1 to 40 letters, digits, spaces, points and dashes; a number will do, too")
    return name


class Answers:
    """The answers in a file, by rater and item.

    Args:
        path: the file; it need not exist yet.
    Raises:
        SchemaError: it exists and holds something else.
    """

    def __init__(self, path: Path):
        self.path = path
        self._rows = {(one.rater, one.item): one for one in read_answers(path)} if path.exists() else {}

    def of(self, rater: str) -> dict[int, Answer]:
        """A rater's answers by number of the item."""
        return {item: answer for (name, item), answer in self._rows.items() if name == rater}

    def put(self, answer: Answer) -> None:
        """Adds an answer, or replaces the one to the same item, and writes the file: whole or not at all.

        Raises:
            OutputError: it cannot be written; then the answer is not kept either.
        """
        rows = {**self._rows, (answer.rater, answer.item): answer}
        with atomic_path(self.path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(_as_row(one) for one in rows.values())
        self._rows = rows


def _as_row(answer: Answer) -> dict:
    return {
        "rater": answer.rater, "item": answer.item, "kind": answer.kind, "answer_emotion": answer.emotion,
        "answer_strength": answer.strength or "", "answer_real": "yes" if answer.real else "no",
        "seconds": f"{answer.seconds:.2f}", "order": answer.order, "seed": answer.seed,
    }  # fmt: skip


def read_answers(path: Path) -> list[Answer]:
    """Reads a file of answers.

    Raises:
        SchemaError: it cannot be read, or a row is no answer; the message has the row's number.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, ValueError, csv.Error) as error:
        raise SchemaError(f"{path} cannot be read as answers: {error}") from error
    answers = []
    for number, row in enumerate(rows, start=2):
        try:
            answers.append(
                Answer(
                    row["rater"], int(row["item"]), row["kind"], row["answer_emotion"],
                    int(row["answer_strength"] or 0), _YES[row["answer_real"]], float(row["seconds"]),
                    int(row["order"]), int(row["seed"]),
                )
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, ConfigError) as error:
            raise SchemaError(
                f"{path}, row {number} is no answer ({error}): expected the columns {','.join(COLUMNS)} as "
                "`vfgan rate` writes them"
            ) from error
    return answers


def key_path(path: Path) -> Path:
    """Where the truth about the items of a file of answers stands.

    >>> key_path(Path("a/answers.csv")).as_posix()
    'a/answers.key.json'
    """
    return path.with_suffix(".key.json")


@contextlib.contextmanager
def claimed(path: Path, key: dict) -> Iterator[None]:
    """Claims a file of answers for items and how they are shown, for this process alone while the block lasts.

    Raises:
        SchemaError: it has answers to other items, or to items that were shown otherwise.
        OutputError: it cannot be written, or another `vfgan rate` writes it.
    """
    if path.exists() and not key_path(path).exists():
        raise SchemaError(
            f"{path} has no {key_path(path).name} beside it: expected answers of `vfgan rate`; choose another --out"
        )
    claim_folder(
        path.parent, key_path(path).name, key, f"answers to other items, or to items shown otherwise, in {path.name}"
    )
    with open(key_path(path), "rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system releases it however the process ends
        except BlockingIOError as error:
            raise OutputError(f"{path}: another `vfgan rate` is writing it; end it, or choose another --out") from error
        yield
