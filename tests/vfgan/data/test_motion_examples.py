"""Pairs of one person, their landmarks and voices."""

import numpy as np
import pytest

from vfgan.config.gan import GanConfig, MotionConfig
from vfgan.config.training import TrainConfig
from vfgan.data.attributes import Attributes
from vfgan.data.face_set import Faces
from vfgan.data.motion_examples import (
    _stretch,
    displacements,
    emotion_displacements,
    motion_dataset,
    moving_share,
    paired_faces,
    resting_landmarks,
    ways_to_rest,
)
from vfgan.errors import ConfigError
from vfgan.models.augment import move_faces

SHAPE = np.stack(np.meshgrid(np.linspace(0.25, 0.75, 26), np.linspace(0.2, 0.85, 18)), axis=2).reshape(468, 2)
CONFIG = GanConfig.of(
    head="motion", size_px=64, motion=MotionConfig(flow_steps=0, strong=1.2), train=TrainConfig(steps=9, batch_size=16)
)
#: corpus, actor, emotion (0 neutral, 1 happy, 2 sad)
ROWS = (
    [("a", "1", e) for e in (0, 0, 1, 2)] + [("a", "2", e) for e in (0, 1)] + [("b", "1", e) for e in (0, 2)]
    + [("b", "3", 0), ("c", "1", 1), ("c", "", 0), ("c", "", 1)]
)  # fmt: skip


def faces(rows=ROWS) -> Faces:
    """Grey levels tell the row; the mouth's corners of happy faces are 0.05 further out, sad faces 0.1 lower."""
    count, emotion = len(rows), np.array([row[2] for row in rows], np.int32)
    landmarks = np.repeat(SHAPE[None].astype(np.float32), count, axis=0)
    landmarks[emotion == 1] += np.float32(0.1) * (SHAPE - 0.5).astype(np.float32)
    landmarks[emotion == 2] += np.float32([0.0, 0.1])
    zeros = np.zeros(count, np.int32)
    return Faces(
        pixels=np.tile((20 * np.arange(count, dtype=np.uint8))[:, None, None, None], (1, 64, 64, 3)), emotion=emotion,
        intensity=zeros, statement=zeros, voice_phase=zeros, time=np.zeros(count, np.float32),
        mouth_opening=np.zeros(count, np.float32), actor=np.array([row[1] for row in rows]),
        clip_id=np.array([f"{row[0]}/{index}" for index, row in enumerate(rows)]), landmarks=landmarks,
    )  # fmt: skip


def test_a_person_is_known_in_a_corpus_and_needs_a_neutral_face():
    kept = paired_faces(faces())
    assert [f"{who}:{e}" for who, e in zip(kept.person, kept.emotion)] == [
        "a/1:0", "a/1:0", "a/1:1", "a/1:2", "a/2:0", "a/2:1", "b/1:0", "b/1:2",
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="nobody is seen both neutral and with an emotion"):
        paired_faces(faces(ROWS[-4:]))


def test_displacements_are_from_the_persons_own_neutral_face():
    moved = displacements(paired_faces(faces()))  # of 1, 2, 1, 2 and their mirrored faces
    np.testing.assert_allclose(moved[1::2], np.tile([0.0, 0.1], (4, 468, 1)), atol=1e-6)
    np.testing.assert_allclose(moved[::2], np.tile(0.1 * (SHAPE - 0.5), (4, 1, 1)), atol=1e-6)


def test_ways_to_rest_end_at_the_persons_own_neutral_face():
    """The sides of a face stay."""
    shown, way, emotion = ways_to_rest(paired_faces(faces()))
    assert shown.shape == way.shape == (16, 468, 2)
    share = moving_share(paired_faces(faces()).landmarks)[:, None]
    rest = np.tile(shown[:1], (8, 1, 1))  # the first is neutral, and all have one shape
    np.testing.assert_allclose(way[:8], share * (rest - shown[:8]), atol=1e-5)
    assert not way[[0, 1, 4, 6]].any()
    np.testing.assert_array_equal(emotion, 2 * [0, 0, 1, 2, 0, 1, 0, 2])


def test_emotions_move_as_people_do():
    moved, share = emotion_displacements(faces()), moving_share(faces().landmarks)[:, None]
    np.testing.assert_allclose(moved[1], share * [0.0, 0.1], atol=2e-3)
    np.testing.assert_allclose(moved[0], share * 0.1 * (SHAPE - 0.5), atol=2e-3)
    assert not moved[2:].any()


def test_most_people_tell_how_far():
    """Nine of corpus a smile half as far as the one of b, who counts as much for the direction."""
    smiling = faces([("a", str(n), e) for n in range(9) for e in (0, 1)] + [("b", "1", e) for e in (0, 1)])
    little, far = 0.05 * (SHAPE - 0.5), 0.1 * (SHAPE - 0.5)
    of_a = (smiling.corpus == "a") & (smiling.emotion == 1)
    smiling.landmarks[of_a] -= (0.1 * (SHAPE - 0.5) - little).astype(np.float32)
    moved = emotion_displacements(smiling)
    share = moving_share(smiling.landmarks)[:, None]
    np.testing.assert_allclose(moved[0], share * (0.9 * little + 0.1 * far), atol=2e-4)


def test_foreheads_give_way_from_the_brows_up():
    landmarks = np.full((1, 468, 2), 0.5)
    landmarks[0, [105, 107, 334, 336], 1], landmarks[0, 10, 1], landmarks[0, 151, 1] = 0.2, 0.04, 0.12
    landmarks[0, [234, 454], 0] = 0.2, 0.8
    share = moving_share(landmarks)
    np.testing.assert_allclose(share[[105, 336, 151, 10, 13]], [1.0, 1.0, 0.5, 0.0, 1.0], atol=1e-9)


def test_people_who_move_elsewhere_do_not_tell_how_far():
    down = np.tile([0.0, 0.1], (468, 1))
    assert _stretch(down, 0.5 * down) == pytest.approx(0.5)
    assert _stretch(down, np.tile([0.1, 0.05], (468, 1))) == 1.0


def test_never_seen_neutral_rests_by_the_steady_landmarks():
    some = faces()
    rest = resting_landmarks(some)
    np.testing.assert_allclose(rest[some.emotion == 0], some.landmarks[some.emotion == 0], atol=1e-6)
    np.testing.assert_allclose(rest[2], some.landmarks[:2].mean(axis=0), atol=1e-6)
    assert np.isfinite(rest).all()


def batches(config=CONFIG, start=0, stop=3):
    attributes = Attributes(
        np.repeat(np.arange(3, dtype=np.float32), 2)[:, None] * np.ones(4, np.float32),
        np.repeat(np.arange(3), 2).astype(np.int32),
        np.ones(6, np.int32),
    )  # fmt: skip
    made = motion_dataset(faces(), attributes, config, start, stop)
    return [{name: value.numpy() for name, value in batch.items()} for batch in made]


@pytest.mark.medium
def test_a_step_is_a_function_of_seed_and_number():
    three, last = batches(), batches(start=2)
    for name, value in last[0].items():
        np.testing.assert_array_equal(value, three[2][name])
    assert any((three[0][name] != three[1][name]).any() for name in three[0])


def test_a_pair_is_one_person_with_a_voice_of_its_emotion():
    for batch in batches():
        emotion = batch["label"].argmax(axis=1)
        np.testing.assert_array_equal(batch["z"][:, 0], emotion)
        assert (batch["z_wrong"][:, 0] != emotion).all()
        np.testing.assert_array_equal(batch["emotional"], emotion > 0)
        moved = batch["y_points"] - batch["x_points"]
        assert np.abs(moved[emotion == 0]).max() == 0
        np.testing.assert_array_equal(batch["x"][emotion == 0], batch["y"][emotion == 0])
        np.testing.assert_allclose(batch["moved"], 0.8 * moved, atol=1e-5)  # voices of normal intensity
        down = moved[emotion == 2]
        assert len(down)
        assert np.abs(np.linalg.norm(down, axis=2) - 0.1).max() < 0.01  # turned and scaled a little


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_landmarks_go_where_their_pixels_go(seed):
    """Bright spots at five landmarks, found again after mirror, turn, scale and shift."""
    size, places = 96, (30, 100, 233, 300, 444)
    order = np.arange(468).reshape(18, 26)[:, ::-1].ravel()  # partners in the grid of SHAPE
    rows, columns = np.mgrid[:size, :size]
    spots = np.zeros((1, size, size, len(places)), np.uint8)
    for channel, place in enumerate(places):
        x, y = SHAPE[place] * size
        spots[0, ..., channel] = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)
    both = np.concatenate([SHAPE, SHAPE])[None].astype(np.float32)
    made, points = (
        t.numpy() for t in move_faces(spots, both, order.astype(np.int32), np.array([seed, 0]), strength=1.0)
    )
    points, light = points[0, 468:], made - made.min(axis=(1, 2), keepdims=True)
    mirrored = np.linalg.norm(points[0] - points[25]) > 0 and points[0, 0] < points[25, 0]
    for channel, place in enumerate(places):
        weight = light[0, ..., channel] ** 4  # the spot, not what is left around it
        found = np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum() / size
        distance = np.linalg.norm(points - found, axis=1)
        assert distance.min() < 0.012
        assert distance.argmin() in (place, order[place])
    assert mirrored  # a landmark at the left of a face stays at its left


def test_sides_of_a_face_stay_and_jaws_do_not():
    landmarks = np.full((3, 468, 2), 0.5)
    landmarks[:, [234, 454], 0] = [0.1, 0.9]
    landmarks[:, 127], landmarks[:, 172], landmarks[:, 50] = [0.11, 0.4], [0.12, 0.8], [0.25, 0.55]
    landmarks[:, 152] = [0.5, 1.0]
    share = moving_share(landmarks)
    assert share[127] == share[172] == 0  # temple, angle of the jaw
    assert share[152] == share[50] == 1  # chin, cheek
    assert ((share >= 0) & (share <= 1)).all()
