"""The generator that bends: what it is at first, what the dial does, and that nothing but a flow moves pixels."""

import keras
import numpy as np
import pytest

from vfgan.face.flow import JAW, LOWER_LIP, UPPER_LIP, fold_share
from vfgan.models.motion_generator import Motion, build_motion_generator
from vfgan.models.muscles import Muscles

RANDOM = np.random.default_rng(4)
SHAPE = np.stack(np.meshgrid(np.linspace(0.25, 0.75, 26), np.linspace(0.2, 0.85, 18)), axis=2).reshape(468, 2)
SETTINGS = {"paint_units": 16, "z_size": 5, "components": 6, "corrections": 3, "shading": True}


@pytest.fixture(params=["add", "none"])
def generator(request):
    keras.utils.set_random_seed(3)
    made = build_motion_generator(64, condition=request.param, **SETTINGS)
    faces = SHAPE + RANDOM.normal(0, 0.01, (30, 468, 2))
    made.measure(faces, RANDOM.normal(0, 0.01, (6, 1, 2)) + RANDOM.normal(0, 0.002, (6, 468, 2)))
    if request.param == "add":
        made.shading.places.assign(SHAPE)
        made.shading.measure(np.random.default_rng(6).normal(0, 1.5, (6, 128, 128)))
        made.muscles.measure_voices(RANDOM.normal(size=(9, 5)), np.ones(5, np.float32))
    return made


def inputs(count=3):
    face = RANDOM.uniform(-1, 1, (count, 64, 64, 3)).astype(np.float32)
    return face, RANDOM.normal(size=(count, 5)).astype(np.float32)


def test_a_neutral_voice_changes_nothing():
    generator = build_motion_generator(64, **SETTINGS)
    generator.measure(SHAPE + RANDOM.normal(0, 0.01, (30, 468, 2)), RANDOM.normal(0, 0.02, (6, 468, 2)))
    generator.shading.places.assign(SHAPE)
    generator.shading.measure(RANDOM.normal(0, 0.5, (6, 128, 128)))
    generator.muscles.measure_voices(RANDOM.normal(size=(9, 5)), np.full(5, 0.7, np.float32))
    face, z = inputs()
    made, mask = generator([face, np.full((3, 5), 0.7, np.float32)])
    np.testing.assert_allclose(made, face, atol=1e-5)
    assert np.asarray(mask).max() < 1e-4
    assert np.abs(np.asarray(generator([face, z])[0]) - face).max() > 0.01


def test_an_emotion_shades_a_face_that_it_does_not_move(generator):
    if generator.settings["condition"] == "none":
        pytest.skip("F shades nothing")
    generator.muscles.basis.assign(0 * generator.muscles.basis)
    face = np.zeros((1, 64, 64, 3), np.float32)
    z = np.random.default_rng(7).normal(size=(1, 5)).astype(np.float32)
    assert np.abs(np.asarray(generator([face, z])[0])).max() > 0.05
    generator.shading.forget()
    np.testing.assert_allclose(generator([face, z])[0], face, atol=1e-5)


def test_the_dial_moves_landmarks_along_a_straight_line(generator):
    if generator.settings["condition"] == "none":
        pytest.skip("F has no dial")
    face, z = inputs(1)
    moves = []
    for mark in (0.0, 0.5, 1.0, 1.5):
        motion = generator.motion(face, 1.0 + mark * (z - 1.0))
        moves.append(np.asarray(motion.moved - motion.landmarks))
    assert np.abs(moves[2]).max() > 1e-4
    for mark, move in zip((0.0, 0.5, 1.0, 1.5), moves):
        np.testing.assert_allclose(move, mark * moves[2], atol=1e-6)


def test_muscles_move_as_they_are_told():
    basis = RANDOM.normal(0, 0.01, (6, 468, 2))
    muscles = Muscles()
    muscles(np.zeros((1, 5), np.float32))
    muscles.measure(basis)
    z = RANDOM.normal(size=(4, 5)).astype(np.float32)
    muscles.measure_voices(z, np.full(5, 0.3, np.float32))
    r, logits = (np.asarray(one) for one in muscles.heard(z))
    np.testing.assert_allclose(r[:, 0].mean(), 1.0, rtol=1e-5)
    share = np.exp(2 * logits) / np.exp(2 * logits).sum(axis=1, keepdims=True)
    moved, w = muscles(z)
    np.testing.assert_allclose(w, r * share[:, 1:], rtol=1e-4)
    np.testing.assert_allclose(moved, np.einsum("bk,kld->bld", np.asarray(w), basis), atol=1e-6)


def test_known_landmarks_bend_a_face_where_they_go(generator):
    face = np.full((1, 64, 64, 3), -1.0, np.float32)
    face[0, 28:36] = 1.0  # a bar, where few landmarks are the lips'
    shape = SHAPE.copy()
    lips = np.stack([np.linspace(0.4, 0.6, 11), np.full(11, 0.7)], axis=1)
    shape[list(UPPER_LIP)] = shape[list(LOWER_LIP)] = lips  # a closed mouth: nothing is dark
    moved = (shape + np.array([0.0, 0.05])).astype(np.float32)[None]
    motion = Motion(shape.astype(np.float32)[None], moved)
    flow, done = generator.flow(motion)
    assert flow.shape == (1, 32, 32, 2)
    np.testing.assert_allclose(done.moved, moved, atol=1e-6)  # nothing folds
    bent, mask = generator.drawn(face, motion)
    assert mask.shape == (1, 64, 64, 1)
    assert np.asarray(mask).max() == 0
    column = np.asarray(bent)[0, :, 32, 0] + 1.0
    middle = (column * np.arange(64)).sum() / column.sum()
    assert middle == pytest.approx(31.5 + 3.2, abs=0.35)  # a twentieth of 64 px further down


def test_what_goes_on_below_a_crop_takes_part():
    """The square part of a higher picture is what the square is, but where a jaw drops out of it."""
    generator = build_motion_generator(64, **SETTINGS)
    face = RANDOM.uniform(-1, 1, (1, 96, 64, 3)).astype(np.float32)
    shape = SHAPE.copy()
    shape[list(JAW), 1] = 0.97
    moved = shape.copy()
    moved[list(JAW), 1] += 0.1
    motion = Motion(shape.astype(np.float32)[None], moved.astype(np.float32)[None])
    higher, mask = (np.asarray(one) for one in generator.drawn(face, motion))
    square, _ = (np.asarray(one) for one in generator.drawn(face[:, :64], motion))
    assert higher.shape == face.shape
    assert mask.shape == (1, 96, 64, 1)
    np.testing.assert_allclose(higher[:, :24], square[:, :24], atol=1e-5)
    assert np.abs(higher[:, 62:70] - face[:, 62:70]).mean() > 0.2
    assert np.abs(square[:, 63:] - face[:, 63:64]).mean() < np.abs(higher[:, 63:64] - face[:, 63:64]).mean()
    np.testing.assert_allclose(higher[:, -1], face[:, -1], atol=0.05)  # it rests at the border
    assert int(generator.rows_of(96, 64)) == 48
    assert int(generator.rows_of(64, 64)) == int(generator.rows_of(64, 96)) == 32


def test_a_mouth_is_painted_as_far_as_it_opens_without_a_fold():
    generator = build_motion_generator(64, **SETTINGS)
    moved = SHAPE.copy()
    moved[::2, 1] += 0.3  # neighbours apart: the flow would fold
    flow, done = generator.flow(Motion(SHAPE.astype(np.float32)[None], moved.astype(np.float32)[None]))
    share = (np.asarray(done.moved)[0] - SHAPE)[::2, 1] / 0.3
    assert fold_share(np.asarray(flow)[0]) == 0.0
    assert 0.02 < share.min() <= share.max() < 0.9
    assert np.ptp(share) < 1e-4


def test_strong_voices_move_a_face_further():
    """z tells strength along one number, which is not how far z is from neutral."""
    z = RANDOM.normal(size=(300, 5))
    strong = (z[:, 1] / np.linalg.norm(z, axis=1) > 0.1).astype(float)
    strong[::3] = np.nan  # unknown
    muscles = Muscles(strong=1.3)
    muscles(z.astype(np.float32))
    muscles.measure_voices(z, np.zeros(5), strong)
    effort = np.asarray(muscles.effort(z.astype(np.float32)))[:, 0]
    assert effort.min() >= 0.7
    assert effort.max() <= 1.3
    assert effort[strong == 1].mean() > 1.1
    assert effort[strong == 0].mean() < 0.9
    r, logits = (np.asarray(one) for one in muscles.heard(z.astype(np.float32)))
    share = np.exp(2 * logits) / np.exp(2 * logits).sum(axis=1, keepdims=True)
    told, w = r * effort[:, None] * share[:, 1:], np.asarray(muscles.weights_of(z.astype(np.float32)))
    total = told.sum(axis=1)
    small = total <= 1
    assert 30 < small.sum() < 270
    np.testing.assert_allclose(w[small], told[small], rtol=1e-4)
    np.testing.assert_allclose(w / w.sum(axis=1, keepdims=True), told / total[:, None], rtol=1e-4)
    limited = 1 + 0.3 * np.tanh((total[~small] - 1) / 0.3)
    np.testing.assert_allclose(w[~small].sum(axis=1), limited, rtol=1e-4)
    sums = [np.asarray(muscles.weights_of(mark * z.astype(np.float32))).sum(axis=1) for mark in (0.5, 1.0, 1.5, 2.0)]
    assert (np.diff(sums, axis=0) >= -1e-6).all()  # the dial goes on
    np.testing.assert_allclose(sums[0], np.where(total <= 2, total / 2, sums[0]), rtol=1e-4)


@pytest.mark.parametrize("known", [None, [0.0, 0.0, np.nan], [np.nan] * 3])
def test_without_known_strong_voices_all_are_alike(known):
    z = RANDOM.normal(size=(3, 5))
    muscles = Muscles(strong=1.3)
    muscles(z.astype(np.float32))
    muscles.measure_voices(z, np.zeros(5), None if known is None else np.array(known))
    np.testing.assert_allclose(muscles.effort(z.astype(np.float32)), 1.0, rtol=1e-6)


def test_the_mean_voice_moves_a_face_by_the_mean():
    keras.utils.set_random_seed(5)
    muscles, random = Muscles(), np.random.default_rng(4)
    z, emotion = random.normal(size=(90, 5)).astype(np.float32), np.tile(np.arange(9) % 7, 10)
    muscles(z)
    muscles.measure(random.normal(0, 0.02, (6, 468, 2)))
    muscles.measure_voices(z, np.zeros(5, np.float32))
    before = np.asarray(muscles.basis)
    scale_of = muscles.calibrate(z, emotion)
    w = np.asarray(muscles.weights_of(z))
    counted = 0
    for k in range(6):
        own = w[(emotion == k + 1) & (w.argmax(axis=1) == k), k]
        scale = own.mean() if len(own) else 1.0
        np.testing.assert_allclose(np.asarray(muscles.basis)[k] * scale, before[k], rtol=1e-4)
        assert scale_of[k] == pytest.approx(1 / scale)
        counted += len(own) > 0
    assert counted >= 3


def test_every_weight_has_a_gradient_in_its_stage(generator):
    import tensorflow as tf

    for weight in generator.trainable_variables:  # one that starts at 0 stops the gradient of those before it
        weight.assign_add(0.05 * RANDOM.normal(size=weight.shape))
    face, z = inputs()
    with tf.GradientTape(persistent=True) as tape:
        motion = generator.motion(face, z)
        places = tf.reduce_sum(tf.square(motion.moved - 0.3))
        opened = np.array(motion.landmarks)
        opened[:, list(LOWER_LIP)[1:-1]] = opened[:, list(UPPER_LIP)[1:-1]] + np.array([0.0, 0.15], np.float32)
        total = tf.reduce_sum(
            tf.square(generator.drawn(face, Motion(motion.landmarks, opened, motion.emotions))[0] - 0.3)
        )
    for loss, variables in ((places, generator.bending_variables), (total, generator.painting_variables)):
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            assert gradient is not None, variable.path
            assert np.abs(gradient.numpy()).max() > 0, variable.path
    assert not [g for g in tape.gradient(places, generator.painting_variables) if g is not None]


def test_a_copy_from_its_configuration_does_the_same(generator):
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(generator))
    pair = inputs()
    copy(pair)
    copy.set_weights(generator.get_weights())
    np.testing.assert_array_equal(copy(pair)[0], generator(pair)[0])


def smiling_generator():
    """One that finds the same wide mouth in each picture, and takes it back by a known way."""
    made = build_motion_generator(64, **SETTINGS)
    made.measure(SHAPE + RANDOM.normal(0, 0.01, (30, 468, 2)), RANDOM.normal(0, 0.01, (6, 468, 2)))
    made.look.basis.assign(0 * made.look.basis)
    shape = SHAPE.copy()
    shape[[UPPER_LIP[0], UPPER_LIP[-1]]] = (0.3, 0.7), (0.7, 0.7)
    made.look.mean.assign(shape)
    made.muscles.measure_voices(RANDOM.normal(size=(9, 5)), np.zeros(5, np.float32))
    made.resting.widths.assign([0.27, 0.32])
    made.resting.offset.assign(np.random.default_rng(9).normal(size=936))
    return made


def test_who_smiles_gets_no_second_smile_and_loses_the_first():
    """As far as another emotion is heard; its folds go, too."""
    generator = smiling_generator()
    face, z = inputs()
    w, basis = np.asarray(generator.muscles.weights_of(z)), np.asarray(generator.muscles.basis)
    others = np.minimum(w[:, 1:].sum(axis=1, keepdims=True), 1.0)
    assert others.min() > 0.05
    motion = generator.motion(face, z)
    expected = w[:, 1:] @ basis[1:] + others * np.asarray(generator.resting.offset)
    np.testing.assert_allclose(np.reshape(motion.moved - motion.landmarks, (3, -1)), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(motion.emotions, np.concatenate([-others, w[:, 1:]], axis=1), rtol=1e-5, atol=1e-6)
    at_rest = generator.motion(face, z, at_rest=True)
    np.testing.assert_allclose(np.reshape(at_rest.moved - at_rest.landmarks, (3, -1)), w @ basis, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(at_rest.emotions, w)


def test_a_neutral_voice_leaves_a_smile():
    face, _ = inputs()
    np.testing.assert_allclose(smiling_generator()([face, np.zeros((3, 5), np.float32)])[0], face, atol=1e-3)


def test_ways_to_rest_are_learnt_from_shapes():
    random = np.random.default_rng(10)
    generator = build_motion_generator(64, **SETTINGS)
    kinds = random.normal(0, 0.01, (6, 468, 2))
    faces = SHAPE + np.tensordot(random.normal(size=(400, 6)), kinds, axes=1)
    generator.measure(faces, np.zeros((6, 468, 2)))
    a = generator.look.coefficients_of(faces)
    np.testing.assert_allclose(a.std(axis=0), 1.0, atol=1e-3)
    back = SHAPE + 0.02 - faces
    generator.measure_rest(faces, back, np.arange(400) % 2)
    found = generator.resting([faces.astype(np.float32), a.astype(np.float32)])[1]
    np.testing.assert_allclose(found, back, atol=5e-3)  # a ridge holds back a little


def faces_of_widths(widths) -> np.ndarray:
    faces = np.tile(SHAPE.astype(np.float32), (len(widths), 1, 1))
    faces[:, [UPPER_LIP[0], UPPER_LIP[-1]], 0] = 0.5 + np.outer(widths, [-0.5, 0.5])
    return faces


@pytest.mark.parametrize("happy", [0.32, 0.28])
def test_a_mouth_as_wide_as_those_of_happy_people_smiles(happy):
    """And one as wide as almost all neutral ones does not; between them there is no edge."""
    generator = build_motion_generator(64, **SETTINGS)
    shown = faces_of_widths([0.20, 0.26, 0.29, 0.32, 0.40])
    a = np.zeros((5, 6), np.float32)
    assert not np.asarray(generator.resting([shown, a])[0]).any()  # not measured
    widths = np.r_[np.linspace(0.22, 0.271, 101), np.full(50, happy), np.full(9, 0.5)]
    faces, emotion = faces_of_widths(widths), np.repeat([0, 1, 2], [101, 50, 9])
    generator.measure_rest(faces, 0 * faces, emotion)
    np.testing.assert_allclose(generator.resting.widths, [0.26845, max(happy, 0.26845 + 0.03)], atol=1e-4)
    found = np.asarray(generator.resting([shown, a])[0])
    np.testing.assert_allclose(found[[0, 1, 4], 0], [0, 0, 1], atol=1e-6)
    assert 0 < found[2, 0] < 1
    assert found[3, 0] == pytest.approx(1.0, abs=1e-2)
