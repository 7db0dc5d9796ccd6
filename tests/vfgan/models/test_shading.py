"""Shading: measured on faces whose shade is known, and laid where landmarks are."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.models import shading
from vfgan.models.eyes import LIDS
from vfgan.models.shading import SIZE, Shading, blurred, folds

RANDOM = np.random.default_rng(2)
SHAPE = np.stack(np.meshgrid(np.linspace(0.2, 0.8, 26), np.linspace(0.1, 0.9, 18)), axis=2).reshape(468, 2)
OUTLINES = [(shading.OUTLINE, (0.5, 0.5), 0.38), (shading._LIPS, (0.5, 0.72), 0.06)]
OUTLINES += [(brow, (x, 0.22), 0.04) for brow, x in zip(shading._BROWS, (0.35, 0.65))]
OUTLINES += [((*upper, *lower[-2:0:-1]), (x, 0.42), 0.04) for (upper, lower), x in zip(LIDS, (0.28, 0.72))]
for outline, middle, radius in OUTLINES:
    angle = np.linspace(0, 2 * np.pi, len(outline), endpoint=False)
    SHAPE[list(outline)] = np.array(middle) + radius * np.stack([np.sin(angle), -np.cos(angle)], axis=1)
SHAPE = SHAPE.astype(np.float32)


def layer(pictures=None):
    made = Shading()
    made.build([(None, 64, 64, 3), (None, 468, 2), (None, 2)])
    made.places.assign(SHAPE)
    if pictures is not None:
        made.measure(pictures)
    return made


def spot(row, column, radius=3.0):
    """A spot and its mirror image."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    one = np.exp(-0.5 * (np.square(rows - row) + np.square(columns - column)) / radius**2)
    return np.maximum(one, one[:, ::-1])


def test_no_emotion_changes_nothing():
    face = RANDOM.uniform(-1, 1, (2, 64, 64, 3)).astype(np.float32)
    made = layer(RANDOM.normal(size=(2, SIZE, SIZE)))([face, np.stack([SHAPE] * 2), np.zeros((2, 2), np.float32)])
    np.testing.assert_allclose(made, face, atol=1e-6)


def test_a_furrow_is_laid_where_the_landmarks_are_moved_to():
    shade = layer(np.stack([-spot(40, 50), 0 * spot(40, 50)]))
    face = np.zeros((1, 256, 256, 3), np.float32)
    w = np.array([[1.0, 0.0]], np.float32)
    for down in (0.0, 0.06):
        made = np.asarray(shade([face, SHAPE[None] + np.float32([0.0, down]), w]))[0, :, :, 0]
        dark = np.unravel_index(made[:, :128].argmin(), (256, 128))
        assert np.abs(np.array(dark) - [80 + 256 * down, 100]).max() < 4
        assert made.min() < -0.2
        np.testing.assert_allclose(made, made[:, ::-1], atol=0.02)  # mirrored


def test_of_an_emotion_that_goes_folds_are_lit():
    """Its light stays: dark cheeks in its place are stains."""
    shade = layer(np.stack([spot(60, 40) - spot(40, 50), 0 * spot(40, 50)]))
    face = np.zeros((1, 128, 128, 3), np.float32)
    made = np.asarray(shade([face, SHAPE[None], np.array([[-1.0, 0.0]], np.float32)]))[0, :, :, 0]
    assert made[40, 50] > 0.05
    assert made.min() > -0.01


def test_lips_brows_eyes_and_what_is_around_stay():
    kept = spot(0.72 * SIZE, 0.5 * SIZE, 2.0) + spot(0.22 * SIZE, 0.35 * SIZE, 1.5) + spot(5, 5)
    kept += spot(0.42 * SIZE, 0.28 * SIZE, 2.0)
    picture = np.asarray(layer(np.stack([kept + spot(40, 50)] * 2)).pictures)[0]
    assert picture[40, 50] > 0.7
    picture[34:47, 44:84] = 0.0
    assert np.abs(picture).max() < 0.25


def test_soft_emotions_are_lifted_and_none_far():
    measured = [spot(40, 50), 0.5 * spot(60, 55), 0.01 * spot(50, 50), 0 * spot(40, 50)]
    alone = [layer(np.stack([picture] * 2)) for picture in measured]
    before = np.array([np.sqrt(np.square(np.asarray(one.pictures)[0]).mean()) for one in alone])
    made = Shading()
    made.build([(None, 64, 64, 3), (None, 468, 2), (None, 4)])
    made.places.assign(SHAPE)
    made.measure(np.stack(measured))
    after = np.sqrt(np.square(np.asarray(made.pictures)).mean(axis=(1, 2)))
    np.testing.assert_allclose(after, [before[0], 0.6 * before[0], 3 * before[2], 0], rtol=1e-3)


def test_what_people_differ_in_is_no_furrow():
    """Where the standard error is as large as the change nothing is left, where it is half of it a half."""
    sure, doubtful, half = spot(40, 50), spot(60, 55), spot(90, 52)
    made, errors = Shading(), folds(doubtful + 0.5 * half)
    made.build([(None, 64, 64, 3), (None, 468, 2), (None, 1)])
    made.places.assign(SHAPE)
    pictures = []
    for doubt in (None, errors[None]):
        made.measure((sure + doubtful + half)[None], doubt)
        pictures.append(np.asarray(made.pictures)[0])
    kept = [pictures[1][place] / pictures[0][place] for place in ((40, 50), (60, 55), (90, 52))]
    np.testing.assert_allclose(kept, [1.0, 0.0, 0.5], atol=0.05)


def test_what_is_wide_is_no_furrow():
    wide, narrow, grain = (
        np.abs(np.asarray(layer(np.stack([spot(60, 50, size)] * 2)).pictures)[0]).max() for size in (14.0, 3.0, 0.7)
    )
    assert narrow > 0.7  # of 1
    assert wide < 0.25
    assert grain < 0.25


def test_a_chin_is_shaded_less(monkeypatch):
    """From the lower edge of the lips on."""
    where = shading._shaded(SHAPE)
    monkeypatch.setattr(shading, "_CHIN_LEFT", 1.0)
    before, lip = shading._shaded(SHAPE), SHAPE[list(shading._LIPS), 1].max()
    for below, share in ((-0.02, 1.0), (0.02, 0.65), (0.06, 0.3)):
        row = round((lip + below) * SIZE - 0.5)
        assert before[row, 50] > 0.2
        assert where[row, 50] / before[row, 50] == pytest.approx(share, abs=0.12)


def test_the_ridge_of_the_nose_gets_no_darker():
    """Unless it is one person's own."""
    shape = SHAPE.copy()
    shape[list(shading._RIDGE)] = (0.5, 0.45), (0.5, 0.6)
    dark, light = -spot(0.52 * SIZE, 0.5 * SIZE, 2.0), spot(0.52 * SIZE, 0.5 * SIZE, 2.0)
    aside = -spot(0.52 * SIZE, 0.38 * SIZE, 2.0)
    row, column = round(0.52 * SIZE), SIZE // 2
    kept = {}
    for one_person in (False, True):
        made = Shading()
        made.build([(None, 64, 64, 3), (None, 468, 2), (None, 3)])
        made.places.assign(shape)
        made.measure(np.stack([dark, light, aside]), one_person=one_person)
        pictures = np.asarray(made.pictures)
        kept[one_person] = pictures[0, row, column], pictures[1, row, column], pictures[2, row, round(0.38 * SIZE)]
    assert abs(kept[False][0]) < 0.05
    assert kept[True][0] < -0.5
    assert kept[False][1] == pytest.approx(kept[True][1])
    assert kept[False][2] == pytest.approx(kept[True][2], rel=0.01)


@pytest.mark.parametrize("level", [-1.0, -0.9, 0.0, 0.9, 1.0])
def test_no_skin_is_burnt_out(level):
    face = np.full((1, 64, 64, 3), level, np.float32)
    made = np.asarray(layer(np.stack([5 * spot(40, 50)] * 2))([face, SHAPE[None], np.ones((1, 2), np.float32)]))
    assert -1 <= made.min() <= made.max() <= 1
    if abs(level) < 1:
        bright = 0.5 * (1 + level)
        most, middle = np.exp(shading._MOST), max(bright, shading._MIDDLE)
        assert 0.5 * (1 + made.max()) == pytest.approx(bright * most / (1 - middle + middle * most), rel=0.1)
    else:
        np.testing.assert_allclose(made, level, atol=1e-6)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_folds_take_the_same_share_of_the_light_from_dark_skin(sign):
    brown = np.float32([0.30, 0.20, 0.15])
    faces = np.stack([np.tile(2 * skin - 1, (64, 64, 1)) for skin in (np.full(3, 0.5, np.float32), brown, brown / 2)])
    shade = layer(np.stack([sign * spot(40, 50)] * 2))
    made = 0.5 * (1 + np.asarray(shade([faces, np.stack([SHAPE] * 3), np.ones((3, 2), np.float32)])))
    factor = made / (0.5 * (1 + faces))
    assert np.abs(factor[0] - 1).max() > 0.2
    np.testing.assert_allclose(factor[1], factor[0], atol=1e-5)
    np.testing.assert_allclose(factor[2], factor[0], atol=1e-5)


def shares(colour):
    return (colour + 1) / (colour + 1).sum()


def test_wild_voices_do_not_stain_a_face():
    shade = layer(np.stack([-0.2 * spot(40, 50), -0.2 * spot(60, 55)]))
    face = np.zeros((4, 64, 64, 3), np.float32)
    w = np.float32([[0.5, 0.0], [1.0, 0.0], [3.0, 0.0], [1.5, 1.5]])
    half, full, wild, both = -np.asarray(shade([face, np.stack([SHAPE] * 4), w]))
    assert half.max() < 0.6 * full.max()
    np.testing.assert_allclose(wild, full, atol=1e-6)
    assert both.max() < full.max()


def test_a_furrow_is_neither_grey_nor_red():
    skin = np.float32([0.6, 0.1, -0.1])
    face = np.tile(skin, (1, 64, 64, 1))
    made = np.asarray(layer(np.stack([-spot(40, 50)] * 2))([face, SHAPE[None], np.ones((1, 2), np.float32)]))
    darkest = made[0, 20, 25]
    assert (darkest < skin - 0.1).all()
    bright, less = 0.5 * (skin + 1), np.exp(-shading._MOST)
    each = 2 * bright * less / (1 - bright + bright * less) - 1
    half = 0.5 * (shares(each) + shares(skin))
    np.testing.assert_allclose(shares(darkest), half, atol=0.02)
    assert shares(skin)[0] + 0.01 < shares(darkest)[0] < shares(each)[0] - 0.01


def test_a_bright_cheek_keeps_half_of_its_hue():
    """Between a gain, which would make it yellow, and logits of each colour, which would make it white."""
    skin = np.float32([0.6, 0.1, -0.1])
    face = np.tile(skin, (1, 64, 64, 1))
    made = np.asarray(layer(np.stack([spot(40, 50)] * 2))([face, SHAPE[None], np.ones((1, 2), np.float32)]))
    lightest, bright = made[0, 20, 25], 0.5 * (skin + 1.0)
    assert (lightest > skin + 0.05).all()
    odds = bright / (1.0 - bright) * (lightest[0] + 1.0) / (1.0 - lightest[0]) / (bright[0] / (1.0 - bright[0]))
    white, kept = odds / (1.0 + odds), bright * 0.5 * (lightest[0] + 1.0) / bright[0]
    blue = 0.5 * (lightest[2] + 1.0)
    assert kept[2] < white[2]
    assert 0.35 < (blue - kept[2]) / (white[2] - kept[2]) < 0.65


def test_what_was_shaded_is_measured():
    shade = layer(np.stack([-0.3 * spot(40, 50), spot(60, 64)]))
    smooth = np.stack([blurred(RANDOM.normal(0, 2, (128, 128)), 6.0) for _ in range(3)])
    face = np.clip(np.repeat(smooth[..., None], 3, axis=3), -0.7, 0.7).astype(np.float32)
    places = np.stack([SHAPE, SHAPE + np.float32([0.01, 0.0]), SHAPE + np.float32([0.0, -0.02])])
    w = np.tile(np.array([[1.0, 0.0]], np.float32), (3, 1))
    changes = np.asarray(shade.texture(shade([face, places, w]), places)) - np.asarray(shade.texture(face, places))
    expected = np.asarray(shade.pictures)[0]
    inside = np.abs(expected) > 0.06
    np.testing.assert_allclose(changes[:, inside].mean(axis=1) / expected[inside].mean(), 1.0, atol=0.15)


def test_sizes_may_be_known_only_when_it_runs():
    made = layer(np.stack([-spot(40, 50)] * 2))
    traced = tf.function(
        lambda face, moved, w: made([face, moved, w]),
        input_signature=[
            tf.TensorSpec(shape, tf.float32) for shape in ([None, None, None, 3], [None, 468, 2], [None, 2])
        ],
    )
    face = RANDOM.uniform(-1, 1, (1, 300, 200, 3)).astype(np.float32)
    w = np.ones((1, 2), np.float32)
    np.testing.assert_allclose(traced(face, SHAPE[None], w), made([face, SHAPE[None], w]), atol=1e-5)


def test_weights_of_before_shading_leave_it_as_it_is():
    made = layer(np.stack([spot(40, 50)] * 2))
    made.load_own_variables({})
    assert np.asarray(made.pictures).any()
    made.forget()
    assert not np.asarray(made.pictures).any()


def test_a_forehead_is_shaded_in_the_middle():
    places = SHAPE.copy()
    places[[landmark for brow in shading._BROWS for landmark in brow], 1] += 0.18  # room above them
    shaded = shading._shaded(places)
    assert shaded[36, 64] > 0.95
    assert shaded[36, 38] == pytest.approx(0.17, abs=0.03)
    assert shaded[70, 38] > 0.95  # a cheek


def test_one_persons_forehead_chin_and_eyes_are_shaded():
    """Lips and what is around the face stay."""
    everyone, own = (shading._shaded(SHAPE, one_person) for one_person in (False, True))
    eye, chin = (round(0.42 * SIZE), round(0.28 * SIZE)), (round(0.86 * SIZE), SIZE // 2)
    for place in (eye, chin):
        assert own[place] > 2 * everyone[place]
    assert own[round(0.72 * SIZE), SIZE // 2] < 0.1
    assert own[5, 5] < 0.1


def test_between_two_bright_lids_nothing_is_darkened():
    """A band filter alone sees a dark band there."""
    lids = spot(55, 51, 4.0)  # and its mirror image at 76
    assert folds(lids)[55, 62:66].max() < -0.02
    picture = np.asarray(layer(np.stack([lids] * 2)).pictures)[0]
    assert picture[55, 51] > 0.2
    assert picture[55, 62:66].min() > -0.005
