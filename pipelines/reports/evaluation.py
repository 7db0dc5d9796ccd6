"""Writes the report of `vfgan evaluate`: table, notes, figure, and the meaning of the columns."""

from pathlib import Path

import pandas as pd

from vfgan.evaluation.dynamics import LEAST_FPS

COLUMNS = (
    "judge = heard",
    "heard = true",
    "judge = true",
    "of heard right",
    "motion",
    "direction",
    "paint",
    "identity",
    "shape",
    "Frechet",
    "kernel",
    "strong - normal",
    "mouth ~ sound",
    "mouth ~ source",
    "flicker",
)
EXPLANATION = f"""\
judge = heard: share of faces in which the judge sees the emotion heard by the extractor. Emotions count equally.
heard = true: the extractor's emotion against the voice's label (UAR over the 7 emotions of a face).
judge = true: the judge's emotion against the voice's label.
of heard right: judge = true, only of faces whose voice the extractor classifies correctly.
motion: how far landmarks move along the mean way of real people with the emotion heard (1: as far). direction: the
cosine of the two. paint: what is left of the change after the source is bent to the output's landmarks, as a share of
the same in real pairs. Emotions count equally.
identity: structural similarity (SSIM) of output and source in the oval of brows, eyes, nose and mouth. For real faces:
of two faces of one person with different emotions.
shape: distance of output and source in landmarks that expressions hardly move (eye corners, nose, sides), in eye
distances. For real faces: of two such faces of one person.
Frechet, kernel: distance to real faces in the judge's features, with equal numbers and emotions. The row of real faces
compares two halves that share no recording. It is the yardstick.
strong - normal: the judge's probability of the true emotion with strong voices (or faces) minus that with normal ones.
mouth ~ sound: correlation of mouth opening and sound energy, in clips with at least {LEAST_FPS:g} faces a second.
Shuffled: with the sound of each of the other clips.
mouth ~ source: correlation of mouth openings in such clips before and after, with other people's voices.
flicker: movement from frame to frame of generated faces, as a share of the source's, without a video's smoothing.
dial: the judge's probability of the emotion heard, by intensity (0 is a neutral voice), without neutral voices.
by emotion: judge = heard for voices heard as that emotion; for real faces the judge's recall."""


def by_emotion_notes(by_emotion: dict[str, dict[str, float]]) -> list[str]:
    """Lists the judge's agreement by emotion."""
    lines = []
    for row in ("generated", "real faces"):
        cells = ", ".join(f"{name} {found[row]:.3f}" for name, found in by_emotion.items())
        lines.append(f"by emotion, {row}: {cells}")
    return lines


def figures_frame(rows: dict[str, dict[str, float]]) -> pd.DataFrame:
    """The figures as a table: a row each of what was measured, the columns that something has."""
    columns = [column for column in COLUMNS if any(column in row for row in rows.values())]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=float).rename_axis("faces")


def draw_evaluation(path: Path, result) -> None:
    """Draws agreements as bars, and a matrix of what the judge sees for each emotion heard."""
    import numpy as np

    from vfgan.emotions import FACE_EMOTIONS
    from vfgan.figures.plots import draw_confusion, new_figure, save_figure

    figure, axes = new_figure(11, 4.2, 1, 2)
    names = ("judge = heard", "judge = true")
    places = np.arange(len(result.rows))
    for shift, name in enumerate(names):
        heights = [row.get(name, np.nan) for row in result.rows.values()]
        axes[0, 0].bar(places + 0.38 * shift, heights, 0.36, label=name)
    axes[0, 0].axhline(1 / len(FACE_EMOTIONS), color="grey", linestyle=":", label="chance")
    axes[0, 0].set_xticks(places + 0.19, list(result.rows), fontsize=8)
    axes[0, 0].set_ylabel("agreement")
    axes[0, 0].set_ylim(0, 1)
    axes[0, 0].legend(fontsize=8)
    draw_confusion(axes[0, 1], result.confusion, FACE_EMOTIONS)
    axes[0, 1].set_xlabel("judge of the generated face")
    axes[0, 1].set_ylabel("heard in the voice")
    save_figure(figure, path)
