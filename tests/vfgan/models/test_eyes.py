"""Eyes that narrow: their iris stays as it is."""

import numpy as np

from vfgan.layers.warp import upscale, warp
from vfgan.models.eyes import LIDS, unsqueezed
from vfgan.models.spread import spread_and_share

SIZE, GRID = 256, 32
EYES = ((0.3, 0.4), (0.7, 0.4))


def face_with_eyes(height: float) -> np.ndarray:
    """Landmarks over a face, those of the lids on ellipses of this half height: float32 [1, 468, 2]."""
    x, y = np.meshgrid(np.linspace(0.15, 0.85, 26), np.linspace(0.1, 0.9, 18))
    points = np.stack([x, y], axis=2).reshape(468, 2)
    for (upper, lower), (x, y) in zip(LIDS, EYES):
        across = np.linspace(-1.0, 1.0, len(upper))
        for lid, way in ((upper, -1.0), (lower, 1.0)):
            points[list(lid)] = np.stack([x + 0.08 * across, y + way * height * np.sqrt(1.0 - across**2)], axis=1)
    return points[None].astype(np.float32)


def bent(before: float, after: float, mend: bool) -> np.ndarray:
    """Where each pixel comes from as lids move, rows of the source: float32 [size, size]."""
    landmarks, moved = face_with_eyes(before), face_with_eyes(after)
    flow, _ = spread_and_share(landmarks, moved, GRID)
    flow = upscale(flow, SIZE, SIZE)
    if mend:
        flow = unsqueezed(flow, landmarks, moved)
    rows = np.tile(np.arange(SIZE, dtype=np.float32)[:, None], (1, SIZE))
    return np.asarray(warp(rows[None, :, :, None], flow))[0, :, :, 0]


def test_an_iris_between_closing_lids_stays_round():
    middle = round(0.4 * SIZE)
    for x in (0.3, 0.7):
        columns = slice(round(x * SIZE) - 5, round(x * SIZE) + 5)
        squeezed, mended = (
            np.diff(bent(0.022, 0.013, mend)[middle - 2 : middle + 2, columns], axis=0).mean() for mend in (False, True)
        )
        assert squeezed > 1.05
        assert abs(mended - 1.0) < 0.02


def test_the_source_jumps_at_the_lids_and_never_turns():
    steps = np.diff(bent(0.022, 0.013, mend=True)[80:125], axis=0)
    assert steps.min() > 0.0


def test_eyes_that_open_or_stay_follow_the_flow():
    for after in (0.04, 0.05):
        np.testing.assert_array_equal(bent(0.04, after, mend=True), bent(0.04, after, mend=False))


def test_what_is_around_eyes_stays():
    change = np.abs(bent(0.04, 0.026, mend=True) - bent(0.04, 0.026, mend=False))
    rows, columns = (np.mgrid[:SIZE, :SIZE] + 0.5) / SIZE
    away = np.min([np.hypot((columns - x) / 0.1, (rows - y) / 0.05) for x, y in EYES], axis=0) > 1
    assert change[away].max() < 0.1


def test_it_goes_on_below_the_crop():
    landmarks, moved = face_with_eyes(0.04), face_with_eyes(0.03)
    flow = np.random.default_rng(1).normal(0, 0.01, (1, 96, 64, 2)).astype(np.float32)
    whole, square = (np.asarray(unsqueezed(part, landmarks, moved)) for part in (flow, flow[:, :64]))
    np.testing.assert_allclose(whole[:, :64], square, atol=1e-6)
