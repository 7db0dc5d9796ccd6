"""Curves through their points, and areas blended as they say."""

import numpy as np

from tfrecords_builder.synthetic.paint import blend, mask_area, paint_area, paint_stroke, smooth_curve

SQUARE = np.array([(10, 10), (30, 10), (30, 30), (10, 30)], float)


def test_a_curve_goes_through_its_points():
    points = np.array([(0, 0), (1, 2), (3, 1), (4, 4)], float)
    curve = smooth_curve(points, 8)
    np.testing.assert_allclose(curve[::8], points, atol=1e-12)
    assert len(curve) == 3 * 8 + 1
    closed = smooth_curve(points, 8, closed=True)
    np.testing.assert_allclose(closed[::8], points, atol=1e-12)
    assert len(closed) == 4 * 8


def test_a_line_of_points_stays_a_line():
    curve = smooth_curve(np.array([(0, 0), (1, 2), (2, 4), (3, 6)], float))
    np.testing.assert_allclose(curve[:, 1], 2 * curve[:, 0], atol=1e-12)


def test_an_area_covers_its_inside():
    mask = mask_area((40, 40), SQUARE)
    assert (mask[12:29, 12:29] == 255).all()
    assert mask[:8].max() == mask[33:].max() == 0


def test_opacity_mixes_colours():
    image = np.full((40, 40, 3), 100, np.uint8)
    paint_area(image, SQUARE, (200, 100, 0), alpha=0.5)
    assert np.abs(image[20, 20].astype(int) - (150, 100, 50)).max() <= 1
    assert (image[:8] == 100).all()
    paint_area(image, SQUARE + 1_000, (255, 255, 255))  # beside the picture


def test_a_stroke_is_as_wide_as_it_says():
    image = np.zeros((40, 40, 3), np.uint8)
    paint_stroke(image, np.array([(0, 20), (39, 20)], float), (255, 255, 255), 6.0)
    assert 5 <= (image[:, 20, 0] > 127).sum() <= 7


def test_blend_is_linear():
    image = np.full((2, 2, 3), 50, np.uint8)
    blend(image, (250, 50, 150), np.full((2, 2), 0.25, np.float32))
    assert np.abs(image[0, 0].astype(int) - (100, 50, 75)).max() <= 1
