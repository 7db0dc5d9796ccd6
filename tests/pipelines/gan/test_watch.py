"""What is looked at while a CycleGAN trains."""

from types import SimpleNamespace

import numpy as np

from pipelines.gan import watch as gan_watch
from vfgan.config.gan import GanConfig
from vfgan.data.face_set import Faces


def faces(emotions, name):
    count = len(emotions)
    zeros, names = np.zeros(count, np.int32), np.array([f"{name}/{i}" for i in range(count)])
    return Faces(
        np.zeros((count, 8, 8, 1), np.uint8), np.array(emotions, np.int32), zeros, zeros + 1, zeros,
        zeros.astype(np.float32), zeros.astype(np.float32), names, names,
    )  # fmt: skip


def watched(held, monkeypatch, count=1):
    one = SimpleNamespace(manifest={"counts": {"validation": {"faces": count}}})
    monkeypatch.setattr(gan_watch, "load_faces", lambda *_: SimpleNamespace(aligned=held))
    learnt = SimpleNamespace(
        faces_sets={"a": one},
        sources=faces([0], "train"),
        faces=faces([0, 1], "train"),
        config=GanConfig.of(size_px=32),
        memory=None,
    )
    return [sorted({clip.split("/")[0] for clip in part.clip_id}) for part in gan_watch.validation_faces(learnt)]


def test_only_what_validation_lacks_is_of_training(monkeypatch):
    assert watched(faces([0, 1, 2], "held"), monkeypatch) == [["held"], ["held"]]
    assert watched(faces([1, 2], "held"), monkeypatch) == [["train"], ["held"]]  # nobody neutral
    assert watched(faces([0, 1], "held"), monkeypatch, count=0) == [["train"], ["train"]]
