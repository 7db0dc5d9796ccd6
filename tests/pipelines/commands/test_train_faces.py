"""`vfgan train emotion-cnn` from a data set that is read as it goes, and that goes away in the middle."""

import dataclasses
import shutil

import pytest

from pipelines.commands.train_faces import TrainEmotionCnn, train_faces
from vfgan.config.data import ReadConfig
from vfgan.config.networks import FaceClassifierConfig
from vfgan.config.training import TrainConfig
from vfgan.errors import MediaError
from vfgan.storage.files import digest_file, read_json

pytestmark = pytest.mark.medium

#: More steps than batches are read ahead.
TRAIN = TrainConfig(steps=60, batch_size=2, log_every=1, evaluate_every=60, save_every=2)
CONFIG = FaceClassifierConfig(size_px=32, width=4, features=8, train=TRAIN)


@pytest.fixture
def args(small_world, tmp_path):
    data = shutil.copytree(small_world.data, tmp_path / "data")
    return TrainEmotionCnn(data=(data,), run=tmp_path / "whole", config=CONFIG, reading=ReadConfig(cache_mib=0))


def weights(run):
    import keras

    from vfgan.models.build import make_face_classifier

    network = make_face_classifier(CONFIG)
    network.load_weights(run / "model.weights.h5")
    return [keras.ops.convert_to_numpy(value).tobytes() for value in network.weights]


@pytest.mark.slow
def test_a_lost_store_leaves_a_run_that_resumes_bit_by_bit(args, tmp_path):
    scores = train_faces(args)
    expected = weights(args.run)
    kept = dataclasses.replace(args, run=tmp_path / "kept", reading=ReadConfig())
    assert train_faces(kept) == scores
    assert weights(kept.run) == expected  # memory changes no result

    (folder,) = args.data
    shard, away = folder / "train-00000-of-00001.tfrecord", tmp_path / "away"
    digest = digest_file(shard)

    def unmount(step, _):
        if step == 5:
            shard.rename(away)

    lost = dataclasses.replace(args, run=tmp_path / "lost")
    with pytest.raises(MediaError, match=r"train-00000-of-00001\.tfrecord cannot be read: .*to resume") as caught:
        train_faces(lost, unmount)
    assert "\n" not in str(caught.value)
    assert not (lost.run / "model.weights.h5").exists()
    away.rename(shard)
    assert digest_file(shard) == digest
    assert train_faces(lost) == scores
    assert weights(lost.run) == expected
    assert read_json(lost.run / "config.json") == read_json(args.run / "config.json")
