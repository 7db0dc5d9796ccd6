"""Motion and paint of faces whose change is known."""

import cv2
import numpy as np
import pytest

from vfgan.data.face_set import Faces
from vfgan.evaluation.measure import PredictedVoices
from vfgan.evaluation.motion import measure_motion, painted, projection, real_pairs
from vfgan.face.flow import flow_of_landmarks

RANDOM = np.random.default_rng(3)
SHAPE = np.stack(np.meshgrid(np.linspace(0.25, 0.75, 26), np.linspace(0.2, 0.8, 18)), axis=2).reshape(468, 2)
SMILE = 0.1 * (SHAPE - 0.5) * np.exp(-np.square((SHAPE - [0.5, 0.7]) / 0.2).sum(axis=1, keepdims=True))


def picture():
    return cv2.GaussianBlur(RANDOM.integers(0, 256, (64, 64, 3), dtype=np.uint8), (0, 0), 2)


def bend(rgb, share):
    flow = cv2.resize(flow_of_landmarks(SHAPE, SHAPE + share * SMILE), (64, 64), interpolation=cv2.INTER_CUBIC) * 64
    columns, rows = np.meshgrid(np.arange(64, dtype=np.float32), np.arange(64, dtype=np.float32))
    return cv2.remap(
        rgb, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def people(count=4):
    """Neutral and happy faces; happy ones are bent, and 10 grey levels brighter."""
    neutral = [np.clip(picture(), 0, 240) for _ in range(count)]
    pixels = np.stack(neutral + [bend(one, 1.0) + np.uint8(10) for one in neutral])
    zeros, actor = np.zeros(2 * count, np.int32), np.tile(np.arange(count).astype(str), 2)
    emotion = np.repeat([0, 1], count).astype(np.int32)
    landmarks = (SHAPE + emotion[:, None, None] * SMILE).astype(np.float32)
    return Faces(
        pixels=pixels, emotion=emotion, intensity=zeros, statement=zeros, voice_phase=zeros,
        time=zeros.astype(np.float32), mouth_opening=zeros.astype(np.float32), actor=actor,
        clip_id=np.array([f"a/{index}" for index in range(2 * count)]), landmarks=landmarks,
    )  # fmt: skip


def test_projection_is_a_share_and_a_cosine():
    assert projection(0.5 * SMILE, SMILE) == pytest.approx((0.5, 1.0))
    assert projection(-2 * SMILE, SMILE) == pytest.approx((-2.0, -1.0))
    across = np.roll(SMILE, 1, axis=1) * [1, -1]
    assert projection(SMILE + across, SMILE)[1] < 0.99


def test_a_face_that_was_only_bent_has_no_paint():
    one = picture()
    assert painted(one, bend(one, 1.0), SHAPE, SHAPE + SMILE) < 0.6
    assert painted(one, bend(one, 1.0) // 2 + 100, SHAPE, SHAPE + SMILE) > 5


@pytest.mark.parametrize(("share", "light"), [(1.0, 10), (0.5, 20), (0.0, 0)])
def test_motion_and_paint_are_shares_of_real_ones(share, light):
    faces = people()
    voices = PredictedVoices(np.zeros((3, 2), np.float32), np.array([1, 1, 0]), np.array([1, 1, 0]), np.ones(3, int))
    made = []

    def edit(pixels, z):
        out = np.stack([np.clip(bend(one, share).astype(int) + light, 0, 255).astype(np.uint8) for one in pixels])
        made.append(out)
        return out

    def landmarks(pixels):
        moved = any(pixels.shape == out.shape and (pixels == out).all() for out in made) and (share or light)
        return np.repeat((SHAPE + (share if moved else 0.0) * SMILE)[None], len(pixels), axis=0)

    found = measure_motion(edit, landmarks, faces.where(faces.emotion == 0), real_pairs(faces), voices)
    assert set(found) == {"happy"}
    assert found["happy"]["motion"] == pytest.approx(share, abs=1e-4)
    assert found["happy"]["paint"] == pytest.approx(light / 10, abs=0.1)
    assert found["happy"]["pairs"] == 4
    if share:
        assert found["happy"]["direction"] == pytest.approx(1.0)


def test_how_much_further_strong_voices_move_a_face():
    faces = people()
    z = np.array([[0.9], [0.6], [0.0]], np.float32)  # how far each voice is to move it
    heard = np.array([1, 1, 0])
    moved = {}

    def edit(pixels, z):
        out = np.stack([bend(one, float(share[0])) for one, share in zip(pixels, z)])
        moved.update({one.tobytes(): float(share[0]) for one, share in zip(out, z)})
        return out

    def landmarks(pixels):
        return np.stack([SHAPE + moved.get(one.tobytes(), 0.0) * SMILE for one in pixels])

    for intensity, expected in (([2, 1, 0], 1.5), ([1, 1, 0], None), ([2, 0, 0], None)):
        voices = PredictedVoices(z, heard, heard, np.array(intensity))
        found = measure_motion(edit, landmarks, faces.where(faces.emotion == 0), real_pairs(faces), voices)["happy"]
        assert found.get("strong") == (expected and pytest.approx(expected, rel=1e-3))
        assert found["motion"] == pytest.approx(0.75, rel=1e-3)
