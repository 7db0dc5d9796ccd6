"""Grids of faces, and confusions as shares."""

import numpy as np

from vfgan.figures.plots import draw_confusion, face_grid, new_figure, save_figure
from vfgan.media.images import read_image


def test_faces_lie_in_rows_and_columns():
    flat = [[np.full((8, 8, 1), 10 * (3 * row + column), np.uint8) for column in range(3)] for row in range(2)]
    grid = face_grid(flat, size_px=16)
    assert grid.shape == (32, 48, 3)
    for row in range(2):
        for column in range(3):
            cell = grid[16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
            np.testing.assert_array_equal(cell, np.full((16, 16, 3), 10 * (3 * row + column)))


def test_names_stand_above():
    grid = face_grid([[np.zeros((8, 8, 3), np.uint8)] * 2], ["one", ""], size_px=64)
    header = grid[:-64]
    assert header[:, :64].min() < 50  # letters
    assert (header[:, 64:] == 255).all()


def test_confusion_shows_shares_of_rows(tmp_path):
    figure, axes = new_figure(2, 2)
    draw_confusion(axes[0, 0], np.array([[3, 1], [0, 0]]), ("a", "b"))
    assert [text.get_text() for text in axes[0, 0].texts] == ["0.75", "0.25", "0.00", "0.00"]
    save_figure(figure, tmp_path / "confusion.png")
    assert read_image(tmp_path / "confusion.png").shape == (220, 220, 3)
