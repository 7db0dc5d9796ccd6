"""Shows progress: a bar with the time left on a terminal, a line a minute elsewhere."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

#: Characters of a progress line, at most.
LINE = 100
console = Console(soft_wrap=True)
errors = Console(stderr=True, soft_wrap=True)


class Bar:
    """A progress bar with time left; without a terminal, a line a minute."""

    def __init__(self, title: str):
        self._whole = title
        self._progress = None
        self._begin(title)
        if console.is_terminal:
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                TextColumn("{task.fields[note]}"),
                console=console,
            )
            self._task = self._progress.add_task(title, total=None, note="")

    def __enter__(self) -> "Bar":
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        """Leaves the bar as it is, for lines that come after it."""
        if self._progress:
            self._progress.stop()

    def _begin(self, title: str) -> None:
        self._title = title
        self._started = time.monotonic()
        self._last_line = self._started
        self._first = None
        self._told_end = False

    def update(self, done: int, total: int, note: str = "", title: str | None = None) -> None:
        """Shows that `done` of `total` are finished, with `note` after the bar.

        Args:
            title: name of a part of the work that has its own count and its own time left.
        """
        if (title or self._whole) != self._title:
            self._begin(title or self._whole)
            if self._progress:
                self._progress.reset(self._task, description=self._title)
        if self._progress:
            self._progress.update(self._task, completed=done, total=total, note=note)
            return
        now = time.monotonic()
        if self._first is None:
            self._first = (done, now)
        if now - self._last_line >= 60 or (done == total and not self._told_end):
            self._last_line, self._told_end = now, done == total
            before, since = self._first
            left = ""
            if done > before:
                left = f", {(now - since) / (done - before) * (total - done):.0f} s left"
            line = f"{self._title}: {done} of {total}, {now - self._started:.0f} s{left}  {note}"
            console.print(line.rstrip()[:LINE], highlight=False)


#: What a person watches: score of a training -> the name under which it is shown. The others are in log.csv and
#: TensorBoard.
WATCHED = {
    "recognised": "recognised",
    "accuracy": "recognised",
    "train_uar": "training people",
    "validation_uar": "validation people",
    "test_uar": "test people",
    "held_out_uar": "people held out",
    "agreement": "emotion seen",
    "identity": "likeness",
    "validation_correlation": "mouth as the real one",
    "test_correlation": "of test people",
}


def scores_text(scores: dict[str, float]) -> str:
    """Writes at most three of the scores that a person watches, each a share of 1."""
    shown = {}
    for score, value in scores.items():
        name = next((WATCHED[known] for known in WATCHED if score == known or score.startswith(f"{known}_")), "")
        if name and not score.endswith("_error"):
            shown.setdefault(name, value)
    return ", ".join(f"{name} {value:.2f}" for name, value in list(shown.items())[:3])
