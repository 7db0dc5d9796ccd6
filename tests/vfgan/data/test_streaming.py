"""Training examples that are read from the shards are those of arrays in memory, bit by bit."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig
from vfgan.config.training import TrainConfig
from vfgan.data.attributes import Attributes, voice_batches
from vfgan.data.dataset import DataSet
from vfgan.data.face_examples import face_dataset
from vfgan.data.face_set import Faces, load_faces, merge_faces
from vfgan.data.gan_examples import pair_dataset
from vfgan.data.motion_examples import motion_dataset
from vfgan.data.rows import Memory
from vfgan.data.voice_examples import window_dataset
from vfgan.data.voice_set import Voices, load_voices
from vfgan.errors import MediaError, SchemaError
from vfgan.storage.graph_errors import python_errors

ALL = ("train", "validation", "test")
TRAIN, MFSC = TrainConfig(steps=9, batch_size=8), MfscConfig()


def in_memory(what):
    """The same voices or faces as arrays."""
    values = {name: getattr(what, name) for name in what.__dataclass_fields__}
    if isinstance(what, Voices):
        clips = [what.clip(index) for index in range(len(what))]
        return Voices(**values | {"planes": np.concatenate(clips)})
    return Faces(**values | {name: np.asarray(values[name]) for name in ("pixels", "landmarks")})


def attributes():
    rng = np.random.default_rng(0)
    emotion = np.repeat(np.arange(7), 3).astype(np.int32)
    return Attributes(rng.normal(size=(21, 4)).astype(np.float32), emotion, np.ones(21, np.int32))


def examples(voices, faces, colour, start):
    """Batches of every training, from one step on."""
    config = FaceClassifierConfig(size_px=64, train=TRAIN)
    motion = GanConfig.of(size_px=64, head="motion", train=TRAIN)
    return {
        "extractor": window_dataset(voices, MFSC, ExtractorConfig(train=TRAIN), start, 3),
        "faces": face_dataset(faces, config, start, 3),
        "pairs": pair_dataset(faces, faces.showing, attributes(), GanConfig.of(train=TRAIN), start, 3),
        "motion": motion_dataset(colour, attributes(), motion, start, 3),
    }


def load(folder, mib):
    """(voices, faces, faces in colour of everyone under one name), with so much memory to keep them."""
    data, memory = DataSet(folder), Memory(mib)
    colour = load_faces(data, ALL, 64, 3, memory)
    one = Faces(
        **{name: getattr(colour, name) for name in colour.__dataclass_fields__} | {"actor": np.full(len(colour), "01")}
    )
    halves = [one.where(np.arange(len(one)) % 2 == half) for half in (0, 1)]
    return load_voices(data, ALL, memory=memory), load_faces(data, ALL, 64, memory=memory), merge_faces(halves)


@pytest.mark.parametrize("mib", [0, 100])
@pytest.mark.slow
def test_batches_are_those_of_arrays_in_memory(dataset, mib):
    stored = load(dataset, mib)
    for start in (0, 2):  # an interrupted training begins in the middle
        made, expected = examples(*stored, start), examples(*map(in_memory, stored), start)
        for name in made:
            assert made[name].element_spec == expected[name].element_spec
            for one, other in zip(made[name], expected[name], strict=True):
                for mine, its in zip(tf.nest.flatten(one), tf.nest.flatten(other), strict=True):
                    np.testing.assert_array_equal(mine, its, err_msg=name)


@pytest.mark.parametrize("mib", [0, 100])
def test_utterances_are_those_of_arrays_in_memory(dataset, mib):
    voices, _, _ = load(dataset, mib)
    some = voices.where(np.arange(len(voices)) % 3 == 1)
    for one, other in zip(voice_batches(some, 4), voice_batches(in_memory(some), 4), strict=True):
        for mine, its in zip(one, other):
            np.testing.assert_array_equal(mine, its)
    np.testing.assert_array_equal(some.spectra, in_memory(some).spectra)


@pytest.mark.medium
@pytest.mark.parametrize(
    ("how", "kind", "says"),
    [("flipped", SchemaError, "holds other bytes; build the data set again"),
     ("gone", MediaError, "cannot be read: .*bring it back and run the same command again")],
)  # fmt: skip
def test_a_shard_that_is_lost_in_the_middle_stops_training(dataset, tmp_path, how, kind, says):
    copy = shutil.copytree(dataset, tmp_path / "copy")
    voices, faces, _ = load(copy, 0)
    for shard in copy.glob("*.tfrecord"):
        content = bytearray(shard.read_bytes())
        content[::50] = bytes(byte ^ 1 for byte in content[::50])
        shard.unlink() if how == "gone" else shard.write_bytes(content)
    config = FaceClassifierConfig(size_px=64, train=TRAIN)
    window = window_dataset(voices, MFSC, ExtractorConfig(train=TRAIN), 0, 1)
    for made in (window, face_dataset(faces, config, 0, 1)):
        with pytest.raises(kind, match=says) as caught, python_errors():
            list(made)
        assert "\n" not in str(caught.value)
