"""The detector and the mesh: regions, and the windows that are cut out for them."""

import numpy as np
import pytest

from vfgan.face.networks import FaceMesh, Region, cut_window


def test_an_empty_or_tiny_region_is_no_error():
    mesh = FaceMesh()
    for region in (Region(5, 5, 2, 0.0), Region(-500, 900, 80, 1.0), Region(20, 20, 4000, 0.0)):
        points, confidence = mesh.measure(np.full((40, 60, 3), 128, np.uint8), region)
        assert np.isfinite(points).all()
        assert confidence < 0.5


@pytest.mark.parametrize(("side", "angle"), [(100, 0.0), (300, 0.4), (620, -0.7), (1500, 0.1)])
def test_the_quick_cut_is_the_careful_one_but_for_fine_detail(side, angle):
    from vfgan.face.crop import warp_crop
    from vfgan.face.networks import _region_matrix

    y, x = np.mgrid[:700, :900]
    rgb = np.stack([x / 4, y / 3, 127 + 100 * np.sin((x + y) / 60)], axis=-1).astype(np.uint8)
    matrix = _region_matrix(Region(430.0, 333.0, side, angle))
    difference = np.abs(cut_window(rgb, matrix, 192).astype(int) - warp_crop(rgb, matrix, 192))[4:-4, 4:-4]
    assert difference.mean() < 1.5
