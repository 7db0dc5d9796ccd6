"""Smoothing over time: what trembles is held, what moves and what is said anew is followed."""

import numpy as np
import pytest

from vfgan.config.data import CropConfig, VideoConfig
from vfgan.errors import ConfigError
from vfgan.face.tracker import smoothed_matrix
from vfgan.generate.smoothing import SmoothedEdit, kept_share, smooth_z

FPS = 25
KEEP = kept_share(VideoConfig().smooth_seconds, FPS)
SIZE = CropConfig().size_px


def changes(keep, sources, generated):
    """output - source of each frame."""
    steady = SmoothedEdit(keep)
    return [steady.smooth(x, y).astype(int) - x for x, y in zip(sources, generated)]


def grey(level, count=1):
    return np.full((count, SIZE, SIZE, 3), level, np.uint8)


def test_the_constant_means_the_same_at_every_rate():
    """What is left of a difference after a second does not depend on the number of frames in it."""
    assert kept_share(0.08, 25) ** 25 == pytest.approx(kept_share(0.08, 60) ** 60)
    assert kept_share(0.08, 25) ** 2 == pytest.approx(np.exp(-1))
    with pytest.raises(ConfigError, match="smooth_seconds: expected 0 to 1, got -1"):
        VideoConfig(-1)


def test_a_trembling_box_trembles_less():
    rng = np.random.default_rng(0)
    rest = np.array([[2.0, 0.0, -300.0], [0.0, 2.0, -40.0]])
    measured = [rest + np.pad(rng.normal(0, 0.5, (2, 1)), [(0, 0), (2, 0)]) for _ in range(200)]
    held = [measured[0]]
    for matrix in measured[1:]:
        held.append(smoothed_matrix(held[-1], matrix, SIZE, KEEP))

    def jitter(places):
        return np.abs(np.diff(np.stack(places)[:, :, 2], axis=0)).mean()

    assert jitter(held) < 0.5 * jitter(measured)
    assert np.abs(held[-1] - rest).max() < 1.0  # it stays about where the face is


def test_a_face_that_moves_is_followed_at_once():
    """By a tenth of the crop from frame to frame."""
    before = np.array([[2.0, 0.0, -300.0], [0.0, 2.0, -40.0]])
    now = before + np.array([[0, 0, 0.1 * SIZE], [0, 0, 0]])
    np.testing.assert_array_equal(smoothed_matrix(before, now, SIZE, KEEP), now)


def test_z_by_hand():
    """A step at 1 s: a quarter of it is there 80 ms before, all of it 80 ms after."""

    def at(times):
        return (times >= 1.0)[:, None].astype(np.float32)

    made = smooth_z(at, np.array([0.90, 0.95, 1.0, 1.05, 1.09]), 0.08)
    np.testing.assert_allclose(made[:, 0], [0, 0.25, 0.75, 0.75, 1.0])
    np.testing.assert_array_equal(smooth_z(at, np.array([0.95]), 0.0), [[0]])


def test_a_change_that_trembles_is_held():
    rng = np.random.default_rng(1)
    generated = np.clip(grey(120, 50) + rng.normal(20, 5, (50, 1, 1, 1)), 0, 255).astype(np.uint8)
    plain, held = (np.stack(changes(keep, grey(120, 50), generated)) for keep in (0.0, KEEP))

    def flicker(made):
        return np.abs(np.diff(made, axis=0)).mean()

    assert flicker(held) < 0.5 * flicker(plain)
    assert abs(held[10:].mean() - plain[10:].mean()) < 1.5


def test_a_step_of_the_voice_arrives_within_six_frames():
    generated = np.concatenate([grey(100, 5), grey(140, 7)])
    made = [one[0, 0, 0] for one in changes(KEEP, grey(100, 12), generated)]
    assert made[:5] == [0] * 5
    assert made[5] == pytest.approx(40 * (1 - KEEP), abs=1)  # at once, in part
    assert made[10] >= 0.95 * 40 - 0.5


def test_the_change_is_new_where_the_source_moves_else_held():
    source = np.concatenate([grey(100), grey(100)])
    source[1, : SIZE // 2] = 160  # the upper half moves
    generated = np.clip(source.astype(int) + np.reshape([30, 0], (2, 1, 1, 1)), 0, 255).astype(np.uint8)
    change = changes(KEEP, source, generated)[1]
    assert (change[: SIZE // 3] == 0).all()
    assert change[-SIZE // 3 :].min() == pytest.approx(30 * KEEP, abs=1)


def test_a_still_source_stays_still_and_nothing_crosses_a_gap():
    still = changes(KEEP, grey(90, 5), grey(110, 5))
    assert all((one == 20).all() for one in still)
    steady = SmoothedEdit(KEEP)
    steady.smooth(grey(90)[0], grey(150)[0])
    steady.interrupt()
    assert (steady.smooth(grey(90)[0], grey(90)[0]) == 90).all()
