"""A generator and a judge are asked: in batches, about luma, and only if the judge is one."""

from types import SimpleNamespace

import numpy as np
import pytest

from vfgan.errors import SchemaError
from vfgan.evaluation.subject import ask_judge, edit_faces, load_judge


class Judge:
    """Its probabilities are the faces' means; notes how many faces it was shown at a time."""

    def __init__(self):
        self.signatures, self.shown = {"serving_default": self}, []

    def __call__(self, face):
        import tensorflow as tf

        self.shown.append(tuple(face.shape))
        level = tf.reduce_mean(tf.cast(face, tf.float32), axis=(1, 2, 3))[:, None]
        return {"probabilities": level, "features": 2 * level}


def test_the_judge_is_asked_in_batches_about_grey_faces():
    judge, faces = Judge(), np.random.default_rng(1).integers(0, 256, (300, 4, 4, 1)).astype(np.uint8)
    probabilities, features = ask_judge(judge, faces)
    np.testing.assert_allclose(probabilities[:, 0], faces.mean(axis=(1, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(features, 2 * probabilities)
    assert judge.shown == [(256, 4, 4, 3), (44, 4, 4, 3)]


def test_grey_faces_are_edited_as_colours_and_come_back_grey():
    def edit(rgb, z, mouth):
        assert rgb.shape == (2, 6, 4, 3)  # what is below a crop is not known: its edge goes on
        return np.stack([rgb[..., 0], rgb[..., 1] // 2, rgb[..., 2]], axis=-1) + z.astype(np.uint8)[:, None, None]

    grey = np.full((2, 4, 4, 1), 100, np.uint8)
    edited = edit_faces(SimpleNamespace(edit=edit, crop_height=1.5), grey, np.array([[0, 0, 0], [10, 10, 10]]))
    assert edited.shape == (2, 4, 4, 1)
    assert np.unique(edited[0]).tolist() == [71]  # 100 - 0.587 * 50, rounded
    assert np.unique(edited[1]).tolist() == [81]


def test_what_is_no_judge_does_not_judge(exported):
    with pytest.raises(SchemaError, match="is no judge: expected what `vfgan train judge`"):
        load_judge(str(exported.folder / "emotion_cnn"))
