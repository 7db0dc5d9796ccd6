"""Logs a training: log.csv, TensorBoard, and the faults that the guard reported."""

import csv
import time
from pathlib import Path

import tensorflow as tf

from vfgan.storage.files import atomic_path, read_json, write_json, write_text

Scores = dict[str, float]
#: Seconds of training until the newest checkpoints, and how many of them.
_SECONDS, _MARKS = Path("checkpoints") / "seconds.json", 8


def training_seconds(run: Path) -> float:
    """Seconds of training until the last logged step, without interruptions."""
    with open(run / "log.csv", newline="", encoding="utf-8") as file:
        return float(list(csv.DictReader(file))[-1]["seconds"])


class Log:
    """Writes log.csv, with a row for each logged step, and TensorBoard.

    A resumed run drops the rows after the step that it resumes from.

    Args:
        run: folder of the run.
        first_step: finished steps.
    """

    def __init__(self, run: Path, first_step: int):
        self._run = run
        self._path = run / "log.csv"
        self._rows: list[dict] = []
        self._started = time.monotonic()
        if self._path.exists() and first_step:
            with open(self._path, newline="", encoding="utf-8") as file:
                self._rows = [row for row in csv.DictReader(file) if int(row["step"]) <= first_step]
        self._marks: dict[str, float] = read_json(run / _SECONDS) if first_step and (run / _SECONDS).exists() else {}
        logged = float(self._rows[-1]["seconds"]) if self._rows else 0.0
        self._seconds_before = max(logged, self._marks.get(str(first_step), 0.0))
        self._writer = tf.summary.create_file_writer(str(run / "tensorboard"))

    @property
    def seconds(self) -> float:
        """Seconds of training until now, without interruptions."""
        return self._seconds_before + time.monotonic() - self._started

    def mark(self, step: int) -> None:
        """Keeps the seconds until a step that a training may resume from; few of them have a row."""
        newest = sorted({*self._marks, str(step)}, key=int)[-_MARKS:]
        now = self._marks | {str(step): round(self.seconds, 1)}
        self._marks = {name: now[name] for name in newest}
        (self._run / _SECONDS).parent.mkdir(parents=True, exist_ok=True)
        write_json(self._run / _SECONDS, self._marks)

    def last_scores(self) -> Scores:
        """The scores of the last row; none at the start."""
        last = self._rows[-1] if self._rows else {}
        return {name: float(value) for name, value in last.items() if value and name not in ("step", "seconds")}

    def go_back(self, step: int) -> None:
        """Drops the rows after a step. Their time still counts."""
        self._rows = [row for row in self._rows if int(row["step"]) <= step]

    def write(self, step: int, scores: Scores) -> None:
        """Adds a row."""
        row = {"step": step, "seconds": f"{self.seconds:.1f}"} | {
            name: f"{value:.6g}" for name, value in scores.items()
        }
        self._rows.append(row)
        columns = list(dict.fromkeys(name for row in self._rows for name in row))
        with atomic_path(self._path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self._rows)
        with self._writer.as_default(step):
            for name, value in scores.items():
                tf.summary.scalar(name, value)
        self._writer.flush()

    def tell(self, alarm: str) -> None:
        """Adds a line to alarms.txt, unless it is there: a killed run finds the same fault again."""
        path = self._run / "alarms.txt"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if alarm not in lines:
            write_text(path, "\n".join([*lines, alarm]) + "\n")
