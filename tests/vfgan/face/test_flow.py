"""The flow from landmarks, against formulas worked out point by point."""

import numpy as np
import pytest

from vfgan.face.flow import (
    BORDER,
    FAR,
    JAW,
    LOWER_LIP,
    UPPER_LIP,
    WIDE,
    WIDE_SHARE,
    border_fade,
    flow_of_landmarks,
    fold_share,
    grid_points,
    kernel_widths,
    without_folds,
)

RANDOM = np.random.default_rng(5)


@pytest.mark.medium
def test_a_node_has_the_weighted_mean_twice():
    source = RANDOM.uniform(0.3, 0.7, (468, 2))
    moved = source + RANDOM.normal(0, 0.002, (468, 2))
    apart = [*UPPER_LIP, *LOWER_LIP, *JAW]
    source[apart] = moved[apart] = [0.1, 0.9]  # far away: what fills a mouth and what is below a jaw is tested below
    flow = flow_of_landmarks(source, moved)
    point = grid_points()[14 * 32 + 17]
    assert point == pytest.approx([17.5 / 32, 14.5 / 32])

    def mean(place, values):
        total, weights = np.zeros(2), FAR
        for other, value, narrow in zip(moved, values, kernel_widths()):
            square = ((place - other) ** 2).sum()
            weight = np.exp(-square / 2 / narrow**2) + WIDE_SHARE * np.exp(-square / 2 / WIDE**2)
            total, weights = total + weight * value, weights + weight
        return total / weights

    wanted = source - moved
    left_out = wanted - np.stack([mean(place, wanted) for place in moved])
    np.testing.assert_allclose(flow[14, 17], mean(point, wanted + left_out), rtol=1e-4)


def test_what_a_mean_leaves_out_is_given_once_more():
    """A smooth displacement arrives nearly whole."""
    source = np.stack(np.meshgrid(np.linspace(0.3, 0.7, 26), np.linspace(0.3, 0.7, 18)), axis=2).reshape(468, 2)
    source[list(JAW)] = [0.1, 0.9]  # far away
    moved = source + 0.02 * np.stack([np.zeros(468), np.sin(10 * source[:, 0])], axis=1)
    flow = flow_of_landmarks(source, moved, grid=64)
    inside = np.all(np.abs(grid_points(64) - 0.5) < 0.15, axis=1).reshape(64, 64)
    wanted = -0.02 * np.sin(10 * grid_points(64)[:, 0]).reshape(64, 64)
    share = (flow[inside][:, 1] * wanted[inside]).sum() / np.square(wanted[inside]).sum()
    assert 0.93 < share < 1.02


def test_it_vanishes_far_from_the_face_and_at_the_border():
    source = RANDOM.uniform(0.4, 0.6, (468, 2))
    flow = flow_of_landmarks(source, source + np.array([0.0, 0.05]))
    assert np.abs(flow[:4]).max() < 1e-4
    assert flow[16, 16] == pytest.approx([0.0, -0.05], abs=2e-3)  # backward: what is there came from above
    everywhere = RANDOM.uniform(0, 1, (468, 2))
    edge = flow_of_landmarks(everywhere, everywhere + 0.05)
    assert np.abs(edge[[0, -1]]).max() < 0.1 * np.abs(edge).max()
    assert border_fade(np.array([[0.0, 0.5], [BORDER / 2, 0.5], [0.5, 0.5]])) == pytest.approx([0.0, 0.5, 1.0])


def test_a_mouth_that_opens_shows_no_second_pair_of_lips():
    x, y = np.meshgrid(np.linspace(0.2, 0.8, 26), np.linspace(0.2, 0.85, 18))
    source = np.stack([x.ravel(), y.ravel()], axis=1)
    columns = np.linspace(0.4, 0.6, 11)
    for lips in (UPPER_LIP, LOWER_LIP):
        source[list(lips)] = np.stack([columns, np.full(11, 0.7)], axis=1)
    moved = source.copy()
    moved[list(LOWER_LIP[1:-1]), 1] += 0.15
    flow = flow_of_landmarks(source, moved)
    assert fold_share(flow) == 0.0
    rows = (np.arange(32) + 0.5) / 32 + flow[:, 16, 1]  # where the middle column's pixels come from
    assert (np.diff(rows[20:30]) > 0).all()


def test_a_jaw_drops_below_the_crop_and_the_neck_gives_way():
    source = face_of_a_jaw()
    moved = source.copy()
    moved[list(JAW), 1] += 0.12
    flow = flow_of_landmarks(source, moved, rows=48)
    assert flow.shape == (48, 32, 2)
    assert fold_share(flow) == 0.0
    down = flow[:, 16, 1]
    assert -0.12 < down[33] < -0.09  # the chin, at 0.95, is now below the crop
    assert (np.diff(down[34:]) > -1e-3).all()  # the less the further down
    assert np.abs(flow[-3:]).max() < 0.01
    assert np.abs(flow_of_landmarks(source, moved)[-1]).max() < 0.02  # in the crop alone it cannot


def test_a_neck_rests_under_a_jaw_that_rests():
    source = face_of_a_jaw()
    moved = source.copy()
    moved[:60, 1] -= 0.02
    moved[list(JAW)] = source[list(JAW)]
    assert np.abs(flow_of_landmarks(source, moved, rows=48)[34:]).max() < 1e-3


def face_of_a_jaw() -> np.ndarray:
    """Landmarks on a grid, wide ones above, those of the jaw along a curve below all: float64 [468, 2]."""
    x, y = np.meshgrid(np.linspace(0.2, 0.8, 26), np.linspace(0.2, 0.8, 18))
    source = np.stack([x.ravel(), y.ravel()], axis=1)[np.argsort(np.argsort(-kernel_widths()[:468], kind="stable"))]
    across = np.linspace(-1.0, 1.0, len(JAW))
    source[list(JAW)] = np.stack([0.5 + 0.3 * across, 0.95 - 0.1 * across**2], axis=1)
    return source


def test_an_open_mouth_that_stays_as_it_is_is_not_moved():
    source = RANDOM.uniform(0.2, 0.8, (468, 2))
    assert np.abs(flow_of_landmarks(source, source)).max() == 0


def test_what_would_fold_is_made_smaller():
    y, x = np.mgrid[:8, :8] / 8
    flow = np.stack([-1.25 * x, 0 * y], axis=2)
    assert without_folds(flow) == pytest.approx(0.95 / 1.25)
    assert fold_share(flow * without_folds(flow)) == 0.0
    assert without_folds(0.1 * flow) == 1.0
    wild = RANDOM.normal(0, 0.1, (16, 16, 2))
    assert fold_share(wild) > 0.1
    assert fold_share(wild * without_folds(wild)) == 0.0


def test_folds_are_where_a_cell_is_turned_over():
    assert fold_share(np.zeros((8, 8, 2))) == 0.0
    y, x = np.mgrid[:8, :8] / 8
    assert fold_share(np.stack([-1.2 * x, 0 * y], axis=2)) == 1.0  # mirrored from left to right
    assert fold_share(np.stack([-0.8 * x, 0 * y], axis=2)) == 0.0  # pressed together, not turned over
    flow = np.zeros((8, 8, 2))
    flow[4, 4, 0] = 0.2  # this node comes from right of its neighbour
    assert fold_share(flow) == pytest.approx(1 / 49)
