"""Draws figures: grids of faces, MFSC maps, curves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vfgan.storage.files import atomic_path

_LABEL_PX = 22


def face_grid(rows: Sequence[Sequence[np.ndarray]], columns: Sequence[str] = (), *, size_px: int = 128) -> np.ndarray:
    """Puts faces side by side, with a line of names above.

    Args:
        rows: uint8 [height, width, 1 or 3] each.
        columns: a name for each column, or none.
        size_px: width of a face.
    Returns:
        uint8 [height, width, 3].
    """
    import cv2

    def cell(face):
        rgb = np.repeat(face, 3, axis=2) if face.shape[2] == 1 else face
        shrinks, height = rgb.shape[1] > size_px, round(size_px * rgb.shape[0] / rgb.shape[1])
        return cv2.resize(rgb, (size_px, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)

    picture = np.vstack([np.hstack([cell(face) for face in row]) for row in rows])
    if not columns:
        return picture
    header = np.full((_LABEL_PX, picture.shape[1], 3), 255, np.uint8)
    for index, name in enumerate(columns):
        place = (index * size_px + 4, _LABEL_PX - 7)
        cv2.putText(header, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([header, picture])


def new_figure(width: float, height: float, rows: int = 1, columns: int = 1):
    """Makes a matplotlib figure that needs no screen, and its axes [rows, columns]. Sizes are in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def save_figure(figure, path: str | Path) -> None:
    """Writes a figure; the format follows from the suffix."""
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=110)


def draw_confusion(axes, counts: np.ndarray, names: Sequence[str]) -> None:
    """Draws a confusion matrix as shares of its rows.

    Args:
        counts: int [classes, classes].
        names: names of the classes.
    """
    share = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    axes.imshow(share, vmin=0, vmax=1, cmap="Blues")
    for row, column in np.ndindex(share.shape):
        colour = "w" if share[row, column] > 0.5 else "k"
        axes.text(column, row, f"{share[row, column]:.2f}", ha="center", va="center", fontsize=7, color=colour)
    axes.set_xticks(range(len(names)), names, rotation=40, fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
