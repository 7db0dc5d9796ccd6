"""Talking faces: what is at rest, what is heard around a face, and batches that depend on the step alone."""

from types import SimpleNamespace

import numpy as np
import pytest

from vfgan.config.data import MfscConfig
from vfgan.config.networks import MouthConfig
from vfgan.config.training import TrainConfig
from vfgan.data.mouth_examples import load_talking, measure_mouth, mouth_dataset, resting_displacements
from vfgan.errors import SchemaError
from vfgan.models.build import make_mouth
from vfgan.voice.mfsc import frame_times
from vfgan.voice.mouth_sound import SILENCE

MFSC = MfscConfig()
CONFIG = MouthConfig(components=2, context=2, units=(4, 4), train=TrainConfig(steps=4, batch_size=6))
RANDOM = np.random.default_rng(3)
SHAPE = np.stack(np.meshgrid(np.linspace(0.25, 0.75, 26), np.linspace(0.2, 0.85, 18)), axis=2).reshape(468, 2)


def clip(faces=20, frames=40, sound=True):
    """A mouth that opens as a sine; two faces are not aligned."""
    shape = SHAPE.copy()
    shape[2], shape[13], shape[14], shape[152] = (0.5, 0.6), (0.5, 0.7), (0.5, 0.71), (0.5, 0.9)
    opening = (0.1 + 0.1 * np.sin(np.arange(faces))).astype(np.float32)
    landmarks = np.repeat(shape[None], faces, axis=0)
    landmarks[:, 14, 1] += opening
    opening[:2], landmarks[:2] = np.nan, np.nan
    planes = RANDOM.normal(0, 1, (frames, 40, 3)).astype(np.float32)
    return {
        "mfsc": planes if sound else planes[:0], "mfsc_times": frame_times(frames, MFSC), "landmarks": landmarks,
        "mouth_opening": opening, "face_times": (0.04 * np.arange(faces)).astype(np.float32),
    }  # fmt: skip


def dataset(*clips):
    return SimpleNamespace(folder="talking", config=SimpleNamespace(mfsc=MFSC), records=lambda splits: iter(clips))


@pytest.fixture
def mouth():
    made = make_mouth(CONFIG, MFSC)
    measure_mouth(made, dataset(clip()))
    return made


def test_displacements_are_from_the_closed_mouth():
    found = clip()
    known = np.isfinite(found["mouth_opening"])
    opening = found["mouth_opening"][known]
    moved = resting_displacements(found["landmarks"][known], opening)
    closed = opening[opening <= np.quantile(opening, 0.2)].mean()
    np.testing.assert_allclose(moved[:, 14, 1], opening - closed, atol=1e-5)
    assert np.abs(np.delete(moved, 14, axis=1)).max() < 1e-5


def test_faces_meet_the_sound_of_their_moment(mouth):
    one, two = clip(), clip(frames=30)
    faces = load_talking(dataset(one, clip(sound=False), two, clip(faces=9)), ["train"], mouth)
    assert len(faces) == 36  # of the clip without sound, and of the short one, nothing
    assert faces.clip.tolist() == [0] * 18 + [1] * 18
    times = one["face_times"][2:]
    assert np.abs(one["mfsc_times"][faces.place[:18]] - times).max() <= 0.03
    assert faces.first[18:].tolist() == [40] * 18
    sound = faces.sound([18], 2).numpy()  # the second clip's first face, 0.08 s from its beginning
    assert (sound[0, 0] == SILENCE).all() == (faces.place[18] - 2 < 40)
    opens = np.asarray(mouth.basis).reshape(2, 468, 2)[0, 14, 1] * faces.coefficients[:, 0]
    assert np.corrcoef(opens[:18], one["mouth_opening"][2:])[0, 1] > 0.999


def test_batches_depend_on_the_step_alone(mouth):
    faces = load_talking(dataset(clip(), clip()), ["train"], mouth)
    whole = list(mouth_dataset(faces, MFSC, CONFIG, 0, 3).as_numpy_iterator())
    again = next(mouth_dataset(faces, MFSC, CONFIG, 2, 3).as_numpy_iterator())
    for one, other in zip(whole[2], again):
        np.testing.assert_array_equal(one, other)
    assert whole[0][0].shape == (6, 5, 40)
    assert np.abs(whole[0][0] - whole[1][0]).max() > 0.1
    assert whole[0][0].min() >= SILENCE


def test_nobody_who_talks_is_one_line(mouth):
    with pytest.raises(SchemaError, match="no training clip has sound and 10 faces: build footage"):
        measure_mouth(mouth, dataset(clip(sound=False)))
    assert len(load_talking(dataset(), ["test"], mouth)) == 0
