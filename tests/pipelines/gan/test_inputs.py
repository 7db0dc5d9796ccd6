"""What a CycleGAN is trained on: voices that the extractor has learnt from are not read."""

import dataclasses
import shutil

import numpy as np
import pytest

from tests.pipelines.gan.tiny_gan import command
from vfgan.data.dataset import DataSet
from vfgan.data.voice_set import load_voices
from vfgan.storage.files import read_json, write_json

pytestmark = pytest.mark.medium


def test_own_voices_of_actors_learnt_from_are_not_read(small_world, tmp_path, monkeypatch):
    from pipelines.gan.inputs import load_gan_data
    from vfgan.data import gan_material

    given = []
    real = gan_material.own_voices

    def watched(reader, faces, voices, learnt):
        given.append((voices, learnt))
        return real(reader, faces, voices, learnt)

    monkeypatch.setattr(gan_material, "own_voices", watched)
    shutil.copytree(small_world.extractor, tmp_path / "extractor")
    config = read_json(tmp_path / "extractor/config.json")
    config["data"]["train_actors"] = ["01"]
    write_json(tmp_path / "extractor/config.json", config)
    args = command(small_world, tmp_path / "run")
    load_gan_data(dataclasses.replace(args, extractor=tmp_path / "extractor"))
    ((without, learnt),) = given
    assert learnt == {"01"}
    assert {actor for some in without for actor in some.actor} == {"02"}
    every = load_voices(DataSet(args.faces[0]), ["train"])
    kept = {clip: some.clip(index) for some in without for index, clip in enumerate(some.clip_id)}
    assert kept.keys() == {c for c, a in zip(every.clip_id, every.actor) if a == "02"}
    for index, clip in enumerate(every.clip_id):
        if clip in kept:
            np.testing.assert_array_equal(kept[clip], every.clip(index))
