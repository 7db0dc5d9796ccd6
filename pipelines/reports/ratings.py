"""Reports what people's answers say: text, Markdown, CSV."""

import csv
import dataclasses
from pathlib import Path

COLUMNS = ("made", "real", "both")
EXPLANATION = """\
accuracy: share of answers with the emotion that an item is to show; for made items the emotion heard in the voice.
dynamics: share of pairs of items of one emotion, of which a rater saw the stronger one as stronger; ties count half.
authenticity: share of items taken for real; told apart is the balanced accuracy of real or made, d' its sensitivity.
agreement: Krippendorff's alpha between raters, 1 always, 0 by chance.
In brackets 95 %: bootstrap over raters and items; of agreement over items; of shares of 0 or 1 Wilson's."""
_CSV_COLUMNS = ("kind", "term", "of", "what", "value", "low", "high", "chance", "answers")


def ratings_table(joined: dict, found: dict) -> str:
    """Writes the figures as aligned text.

    Args:
        joined: kind -> `vfgan.evaluation.judgements.Judgements`.
        found: kind -> its `vfgan.evaluation.judgements.Figure`s.
    """
    lines = []
    for kind, judgements in joined.items():
        lines += [f"{kind}s: {_counts(judgements)}", _aligned(["", *COLUMNS, "chance"])]
        lines += [_aligned(row) for row in _rows(found[kind])]
    return "\n".join(lines)


def write_ratings(folder: Path, joined: dict, found: dict) -> None:
    """Writes ratings.csv, a row a figure, and ratings.md, a table for each kind of item."""
    from vfgan.storage.files import atomic_path, write_text

    with atomic_path(folder / "ratings.csv") as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, _CSV_COLUMNS, lineterminator="\n")
        writer.writeheader()
        for kind, figures in found.items():
            writer.writerows({"kind": kind} | _rounded(dataclasses.asdict(figure)) for figure in figures)
    parts = ["# Ratings", ""]
    for kind, judgements in joined.items():
        parts += [f"## {kind.capitalize()}s", "", f"{_counts(judgements).capitalize()}.", ""]
        parts += [_marked(["", *COLUMNS, "chance"]), "|---" * (2 + len(COLUMNS)) + "|"]
        parts += [*map(_marked, _rows(found[kind])), ""]
        for of, side in (("made", judgements.made), ("real", ~judgements.made)):
            parts += _confusions(of, judgements, side)
    parts += [f"- {line}" for line in EXPLANATION.splitlines()]
    write_text(folder / "ratings.md", "\n".join(parts) + "\n")


def _confusions(of: str, judgements, side) -> list[str]:
    """How often raters saw each emotion in items that were to show another one: Markdown; nothing without answers."""
    from vfgan.emotions import FACE_EMOTIONS
    from vfgan.evaluation.scores import confusion_matrix

    if not side.any():
        return []
    table = confusion_matrix(judgements.emotion[side], judgements.seen_emotion[side], len(FACE_EMOTIONS))
    lines = [_marked([f"{of}: shown, seen as", *FACE_EMOTIONS]), "|---" * (1 + len(FACE_EMOTIONS)) + "|"]
    lines += [_marked([name, *map(str, row)]) for name, row in zip(FACE_EMOTIONS, table) if row.any()]
    return [*lines, ""]


def _counts(judgements) -> str:
    import numpy as np

    items = dict(zip(judgements.item.tolist(), judgements.made.tolist()))
    made, raters = sum(items.values()), len(np.unique(judgements.rater))
    return (
        f"{raters} rater{'s' if raters > 1 else ''}, {len(items)} items ({made} made, {len(items) - made} real), "
        f"{len(judgements)} answers"
    )


def _rows(figures) -> list[list[str]]:
    """Cells of a row for each term and what it is of."""
    by_row: dict[str, dict] = {}
    for figure in figures:
        by_row.setdefault(f"{figure.term}: {figure.what}", {})[figure.of] = figure
    rows = []
    for name, cells in by_row.items():
        chance = next(iter(cells.values())).chance
        rows.append([name, *(_cell(cells.get(of)) for of in COLUMNS), f"{chance:.3f}"])
    return rows


def _cell(figure) -> str:
    """Value and interval.

    >>> from vfgan.evaluation.judgements import Figure
    >>> _cell(Figure("accuracy", "made", "happy", 0.5, 0.25, 0.75, 0.14, 8))
    '0.500 (0.250 to 0.750)'
    """
    if figure is None:
        return "-"
    value = f"{figure.value:.3f}"
    return value if figure.low != figure.low else f"{value} ({figure.low:.3f} to {figure.high:.3f})"


def _aligned(cells: list[str]) -> str:
    name, *others, chance = cells
    return f"{name:40}" + "".join(f"{cell:>26}" for cell in others) + f"{chance:>8}"


def _marked(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rounded(values: dict) -> dict:
    return {name: f"{value:.4f}" if isinstance(value, float) else value for name, value in values.items()}
