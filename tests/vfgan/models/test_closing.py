"""Mouths that are open in a picture: lips slide over teeth."""

import numpy as np
import pytest

from vfgan.face.flow import LOWER_LIP, UPPER_LIP
from vfgan.layers.warp import upscale, warp
from vfgan.models.closing import over_teeth
from vfgan.models.lips import mouth_rows
from vfgan.models.spread import spread_and_share

SIZE, GRID, MIDDLE = 256, 32, 0.75
PART = mouth_rows(SIZE)
SHAPE = np.stack(np.meshgrid(np.linspace(0.15, 0.85, 26), np.linspace(0.1, 0.9, 18)), axis=2).reshape(468, 2)


def mouth(half_gap: float, half_width: float, middle: float = MIDDLE) -> np.ndarray:
    """Landmarks over a face, those of the inner lips on arches: float32 [1, 468, 2]."""
    points, across = SHAPE.copy(), np.linspace(-1.0, 1.0, 11)
    for lip, way in ((UPPER_LIP, -1.0), (LOWER_LIP, 1.0)):
        heights = middle + way * half_gap * (1.0 - across**2)
        points[list(lip)] = np.stack([0.5 + half_width * across, heights], axis=1)
    return points[None].astype(np.float32)


def picture(landmarks: np.ndarray) -> np.ndarray:
    """White with grey gaps every 8 pixels between the lips, else dark: float32 [1, SIZE, SIZE, 1]."""
    columns = (np.arange(SIZE) + 0.5) / SIZE
    upper, lower = (np.interp(columns, *landmarks[0, list(lip)].T) for lip in (UPPER_LIP, LOWER_LIP))
    rows = columns[:, None]
    teeth = np.where(np.arange(SIZE) % 8 < 4, 1.0, 0.5)
    return np.where((rows > upper) & (rows < lower), teeth, -1.0).astype(np.float32)[None, ..., None]


def bent(before: np.ndarray, after: np.ndarray, mend: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """The picture as lips move, and where its inside is shown: float32 [SIZE, SIZE] each."""
    flow = upscale(spread_and_share(before, after, GRID)[0], SIZE, SIZE)
    shown = np.zeros((1, SIZE, SIZE, 1), np.float32)
    if mend:
        flow, shown[:, PART] = over_teeth(flow, before, after, PART)
    return np.asarray(warp(picture(before), flow))[0, ..., 0], shown[0, ..., 0]


def test_lips_that_close_cover_teeth():
    """A flow on a grid alone leaves a row of squeezed teeth."""
    smile, rest = mouth(0.03, 0.18), mouth(0.004, 0.14)
    squeezed, closed = (bent(smile, rest, mend)[0].max(axis=0) for mend in (False, True))
    middle = slice(SIZE // 2 - 20, SIZE // 2 + 20)
    assert squeezed[middle].min() > 0.4
    assert closed.max() < -0.5  # of a pixel at the edge a part


def test_a_mouth_that_narrows_does_not_squeeze_teeth():
    smile, narrow = mouth(0.03, 0.18), mouth(0.03, 0.12)
    row = round(MIDDLE * SIZE)
    made, source = bent(smile, narrow)[0][row], picture(smile)[0, row, :, 0]
    middle = slice(round((0.5 - 0.09) * SIZE), round((0.5 + 0.09) * SIZE))
    np.testing.assert_allclose(made[middle], source[middle], atol=0.05)
    squeezed = bent(smile, narrow, mend=False)[0][row]
    assert np.abs(squeezed[middle] - source[middle]).max() > 0.3
    beside = np.r_[: round((0.5 - 0.13) * SIZE), round((0.5 + 0.13) * SIZE) : SIZE]
    assert made[beside].max() < -0.5  # nothing of it beside the corners


def test_a_mouth_that_opens_keeps_its_teeth_below_the_lip():
    """As high as they were; what is further down has no picture, and is painted."""
    smile, wide = mouth(0.03, 0.16), mouth(0.08, 0.15)
    made, shown = bent(smile, wide)
    column = SIZE // 2 + 1  # of a tooth
    top, high = round((MIDDLE - 0.08) * SIZE), round(0.06 * SIZE)
    assert shown[top + 3 : top + high - 5, column].min() > 0.9
    assert made[top + 3 : top + high - 5, column].min() > 0.9
    assert shown[top + high + 2 :, column].max() < 0.01
    assert shown[: top - 2].max() < 0.01


@pytest.mark.parametrize("half_gap", [0.0, 0.003, 0.03, 0.08])
def test_lips_that_do_not_move_leave_all_as_it_is(half_gap):
    lips = mouth(half_gap, 0.16)
    np.testing.assert_allclose(bent(lips, lips)[0], picture(lips)[0, ..., 0], atol=1e-4)


@pytest.mark.parametrize("after", [mouth(0.05, 0.12), mouth(-0.01, 0.16), mouth(0.003, 0.2)])
def test_closed_lips_bend_as_the_flow_says(after):
    closed = mouth(0.002, 0.15)
    flow = upscale(spread_and_share(closed, after, GRID)[0], SIZE, SIZE)
    mended, shown = over_teeth(flow, closed, after, PART)
    np.testing.assert_array_equal(mended, flow)
    assert np.asarray(shown).max() == 0.0


def test_all_that_is_not_near_a_mouth_stays():
    before, after = mouth(0.03, 0.18), mouth(0.004, 0.14)
    flow = upscale(spread_and_share(before, after, GRID)[0], SIZE, SIZE)
    changed = np.abs(np.asarray(over_teeth(flow, before, after, PART)[0]) - np.asarray(flow))[0].max(axis=-1)
    assert changed.max() > 0.01
    rows, columns = np.nonzero(changed > 1 / 256)
    assert np.abs((rows + 0.5) / SIZE - MIDDLE).max() < 0.2
    assert np.abs((columns + 0.5) / SIZE - 0.5).max() < 0.3  # corners beyond which cheeks follow
