"""What `vfgan evaluate` writes: table, notes, figure, and what the columns mean."""

from pathlib import Path

from vfgan.evaluation.dynamics import LEAST_FPS

COLUMNS = (
    "judge = heard", "heard = true", "judge = true", "of heard right", "motion", "direction", "paint", "identity",
    "shape", "Frechet", "kernel", "strong - normal", "mouth ~ sound", "mouth ~ source", "flicker",
)  # fmt: skip
EXPLANATION = f"""judge = heard: share of faces in which the judge sees what the extractor heard in the voice (each true
emotion of the voice counts the same)
heard = true: the extractor against the voice's label (UAR over the 7 emotions of a face); judge = true: both together
of heard right: judge = true of the faces whose voice the extractor hears right
motion: how far landmarks move along the mean way of real people with the emotion heard (1: as far); direction: cosine
of the two; paint: what is left of the change after the source is bent to the output's landmarks, as a share of the same
in real pairs; each emotion counts the same
identity: structural similarity of output and source in the oval of brows, eyes, nose and mouth; of real faces: of two
that show a person with different emotions
shape: how far landmarks that expressions hardly move (corners of the eyes, nose, sides) of output and source are
apart, in eye distances; of real faces: of such two of one person
Frechet, kernel: distance to real faces in the judge's features (equal numbers and emotions); the row of real faces
compares two halves that share no recording: the yardstick
strong - normal: the judge's probability of the true emotion, strong voices (or faces) minus normal ones
mouth ~ sound: correlation of mouth opening and sound energy; of clips with at least {LEAST_FPS:g} faces a second;
shuffled: with the sound of each of the other clips
mouth ~ source: correlation of the mouth opening of such clips and of the same frames with other people's voices
flicker: movement from frame to frame of a clip's generated faces as a share of the source's; a video's is smoothed
dial: the judge's probability of the emotion heard, by intensity (0: as with a neutral voice); neutral ones left out
by emotion: the judge sees what was heard, as a share of faces with voices heard as that emotion; and of real faces"""


def by_emotion_notes(by_emotion: dict[str, dict[str, float]]) -> list[str]:
    """The judge's agreement emotion by emotion."""
    return [f"by emotion, {row}: " + ", ".join(f"{name} {found[row]:.3f}" for name, found in by_emotion.items())
            for row in ("generated", "real faces")]  # fmt: skip


def table(rows: dict[str, dict[str, float]]) -> str:
    """The figures as aligned text."""
    columns = [column for column in COLUMNS if any(column in row for row in rows.values())]
    lines = ["".join([f"{'':18}", *(f"{column:>17}" for column in columns)])]
    for name, row in rows.items():
        cells = [f"{row[column]:17.3f}" if column in row else f"{'-':>17}" for column in columns]
        lines.append(f"{name:18}" + "".join(cells))
    return "\n".join(lines)


def draw(path: Path, result) -> None:
    """Agreements as bars, and what the judge sees for each emotion heard."""
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
