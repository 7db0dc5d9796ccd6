"""A generator's displacements, mended on drawn heads."""

import dataclasses
import types

import numpy as np
import pytest

from tfrecords_builder.synthetic.actor import draw_actor
from tfrecords_builder.synthetic.expression import unit_targets
from tfrecords_builder.synthetic.face import FaceRenderer
from tfrecords_builder.synthetic.motion import FacePose
from vfgan.config.data import CropConfig
from vfgan.config.gan import GanConfig, MotionConfig
from vfgan.data.face_set import Faces
from vfgan.data.motion_examples import emotion_displacements
from vfgan.emotions import FACE_EMOTIONS
from vfgan.evaluation.motion import projection
from vfgan.evaluation.subject import find_landmarks
from vfgan.face.crop import crop_face
from vfgan.face.finder import FaceFinder
from vfgan.learn.calibrate import calibrate
from vfgan.learn.emphasis import emphasise
from vfgan.models.motion_generator import build_motion_generator

pytestmark = pytest.mark.medium
_ANGRY = FACE_EMOTIONS.index("angry")


@pytest.fixture(scope="module")
def heads():
    """Two drawn people, at rest and angry: crops of 128 px with their landmarks."""
    pixels = []
    with FaceFinder() as finder:
        for number in (1, 2):
            head = FaceRenderer(draw_actor(1, number).look, 256)
            for strength in (0.0, 0.7):
                picture = head.render(FacePose(strength * unit_targets("angry")))
                pixels.append(crop_face(picture, finder.find(picture)[0], CropConfig(), 128))
    names = ("intensity", "statement", "voice_phase")
    return Faces(
        pixels=np.stack(pixels), emotion=np.array([0, _ANGRY, 0, _ANGRY], np.int32), time=np.zeros(4, np.float32),
        mouth_opening=np.zeros(4, np.float32), actor=np.array(["01", "01", "02", "02"]),
        clip_id=np.array([f"ravdess/{number}" for number in range(4)]),
        landmarks=find_landmarks(np.stack(pixels)).astype(np.float32),
        **{name: np.zeros(4, np.int32) for name in names},
    )  # fmt: skip


def material(faces: Faces, config: GanConfig, displacements: np.ndarray):
    """What a generator of these faces is told at the end; no voices."""
    nobody = types.SimpleNamespace(z=np.zeros((0, 32), np.float32), emotion=np.zeros(0, np.int32))
    return types.SimpleNamespace(
        everyone=faces, config=config, attributes=nobody, emotion_displacements=lambda: displacements
    )


@pytest.mark.parametrize("emotion", ["angry", "happy"])
def test_only_people_who_smile_tell_how_smiles_go(heads, emotion):
    heads = dataclasses.replace(heads, emotion=np.where(heads.emotion, FACE_EMOTIONS.index(emotion), 0))
    generator = build_motion_generator(128, components=3, paint_units=4)
    generator.measure(heads.landmarks, 0 * emotion_displacements(heads))
    config = GanConfig.of(head="motion", size_px=128, motion=MotionConfig(calibration_rounds=0, emphasis=0.0))
    calibrate(types.SimpleNamespace(g=generator), material(heads, config, emotion_displacements(heads)))
    assert generator.resting.offset.numpy().any() == (emotion == "happy")


def test_what_is_seen_in_part_is_enlarged(heads):
    config = GanConfig.of(head="motion", size_px=128, motion=MotionConfig(calibration_rounds=3))
    generator = build_motion_generator(128, components=4, paint_units=4, shading=True)
    displacements = emotion_displacements(heads)
    generator.measure(heads.landmarks, displacements)
    before = generator.muscles.basis.numpy().reshape(6, 468, 2)
    data = material(heads, config, displacements)
    calibrate(types.SimpleNamespace(g=generator), data)
    after = generator.muscles.basis.numpy().reshape(6, 468, 2)
    share, direction = projection(after[_ANGRY - 1], before[_ANGRY - 1])
    assert 1.1 < share < 4
    assert direction > 0.6
    assert not np.delete(after, _ANGRY - 1, axis=0).any()
    shade, places = (np.asarray(one) for one in (generator.shading.pictures, generator.shading.places))
    assert not np.delete(shade, _ANGRY - 1, axis=0).any()
    np.testing.assert_allclose(shade, shade[:, :, ::-1], atol=1e-5)
    x, y = np.rint(128 * 0.5 * (places[107] + places[336])).astype(int)  # between the brows, which are drawn together
    assert shade[_ANGRY - 1, y - 3 : y + 4, x - 3 : x + 4].mean() < -0.05
    calibrate(types.SimpleNamespace(g=generator), data)  # anew, not once more
    np.testing.assert_allclose(np.asarray(generator.shading.pictures), shade, atol=1e-4)


def test_what_posed_faces_hardly_show_is_moved_further(heads):
    wanted = np.random.default_rng(3).normal(scale=0.01, size=(6, 468, 2))
    nobody = types.SimpleNamespace(z=np.zeros((0, 5), np.float32), emotion=np.zeros(0, np.int32))
    bases = {}
    for emphasis in (0.0, 0.5):
        generator = build_motion_generator(64, components=4, paint_units=4, z_size=5)
        data = types.SimpleNamespace(
            everyone=heads,
            config=GanConfig.of(head="motion", motion=MotionConfig(emphasis=emphasis)),
            attributes=nobody,
            emotion_displacements=lambda: wanted,
        )
        calibrate(types.SimpleNamespace(g=generator), data)
        bases[emphasis] = generator.muscles.basis.numpy().reshape(6, 468, 2)
    np.testing.assert_allclose(bases[0.0], wanted, atol=1e-6)
    sad, fearful, disgust, surprised = (
        FACE_EMOTIONS.index(name) - 1 for name in ("sad", "fearful", "disgust", "surprised")
    )
    brow, lid, upper_lip, lower_lip, chin, wing = 107, 159, 0, 17, 152, 98
    fear, dropped = wanted[fearful], 0.35 * 0.5 * (wanted[surprised] - wanted[fearful]) * (0, 1)
    expected = {
        sad: {brow: fear[brow], upper_lip: 0, chin: 0},
        fearful: {brow: 0.5 * fear[brow], lid: 0.5 * fear[lid], lower_lip: dropped[lower_lip], chin: dropped[chin]},
        disgust: {brow: 0, upper_lip: (0, -0.0125), wing: (0, -0.0125), lower_lip: 0, chin: 0},
    }
    further = bases[0.5] - wanted
    for emotion, points in expected.items():
        for point, moved in points.items():
            np.testing.assert_allclose(further[emotion, point], np.broadcast_to(moved, 2), atol=1e-5)
    assert not np.delete(np.abs(further) > 1e-6, list(expected), axis=0).any()


def test_what_was_not_measured_is_not_moved_further(heads):
    wanted = np.random.default_rng(3).normal(scale=0.01, size=(6, 468, 2))
    sad, fearful, disgust, surprised = (
        FACE_EMOTIONS.index(name) - 1 for name in ("sad", "fearful", "disgust", "surprised")
    )
    generator = build_motion_generator(64, components=4, paint_units=4, z_size=5)
    wanted[[sad, disgust, surprised]] = 0
    generator.muscles.measure(wanted)
    emphasise(generator.muscles, heads.landmarks, 0.5)
    after = generator.muscles.basis.numpy().reshape(6, 468, 2)
    assert not after[[sad, disgust, surprised]].any()
    np.testing.assert_allclose(after[fearful, 152], wanted[fearful, 152], atol=1e-6)  # the chin
    assert np.abs(after[fearful, 107]).sum() > np.abs(wanted[fearful, 107]).sum()
