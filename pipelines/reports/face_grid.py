"""Draws source faces (rows) with voices of every emotion (columns)."""

from pathlib import Path

import numpy as np

from vfgan.face.finder import FaceFinder, find_face
from vfgan.figures.plots import face_grid
from vfgan.generate.strips import over_voices, rows_shown, strip_crop
from vfgan.generate.voice_face import SYNTHETIC_NOTE, VoiceFace
from vfgan.media.images import write_image


def draw_figure(
    model: VoiceFace, pictures: dict[str, np.ndarray], voices: dict[str, Path], out: Path, *,
    with_source: bool = True, size_px: int = 128,
) -> None:  # fmt: skip
    """Writes the grid. Each row is a face with each voice, after the source's crop if `with_source`.

    Args:
        pictures: name -> uint8 [height, width, 3] with a face.
        voices: title of the column -> recording.
        size_px: width of a face.
    """
    rows = [row if with_source else row[1:] for row in face_rows(model, pictures, voices)]
    write_rows(rows, [*(["source"] if with_source else []), *voices], out, size_px)


def face_rows(model: VoiceFace, pictures: dict[str, np.ndarray], voices: dict[str, Path]) -> list[list[np.ndarray]]:
    """Of each picture its crop, then the crop with each voice: uint8 [rows, size, 3]; arguments as of `draw_figure`."""
    z = {title: model.hear(model.load_voice(path)).z for title, path in voices.items()}
    rows = []
    with FaceFinder() as finder:
        for name, rgb in pictures.items():
            face = find_face(finder, rgb, name)
            crop = strip_crop(model, rgb, name, face)
            shown = rows_shown(model, rgb, face, crop)
            rows.append([one[:shown] for one in (crop, *over_voices(model, crop, z))])
    return rows


def write_rows(rows: list[list[np.ndarray]], titles: list[str], out: Path, size_px: int = 128) -> None:
    """Writes rows of faces, so wide, under their titles."""
    write_image(out, face_grid(rows, titles, size_px=size_px), comment=SYNTHETIC_NOTE)


def first_frame(video: Path) -> np.ndarray:
    """Reads the first frame of a video: uint8 [height, width, 3]."""
    from vfgan.media.video import read_frames

    return next(read_frames(video))[1]
