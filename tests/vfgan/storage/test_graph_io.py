"""s3:// and http:// by tensorflow-io, on servers of this machine; one file imports the package, when it is needed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.test_architecture import PARTS, imported, sources
from vfgan.data.dataset import DataSet
from vfgan.errors import MediaError, OutputError, SchemaError
from vfgan.storage.files import read_json, write_json
from vfgan.storage.local_copies import local_copy
from vfgan.storage.remote import as_path

#: package -> the one file that may import it
FROZEN = {"tensorflow_io": "vfgan/storage/graph_io.py", "keras_cv": "vfgan/models/richer_augment.py"}


@pytest.mark.parametrize("package", list(FROZEN))
def test_frozen_packages_are_imported_in_one_file(root, package):
    found = [
        path.relative_to(root).as_posix()
        for part in PARTS
        for path in sources(root, part)
        if package in {name.split(".")[0] for name in imported(path.read_text(encoding="utf-8"))}
    ]
    assert found == [FROZEN[package]]


@pytest.mark.medium
def test_frozen_packages_wait_until_they_are_needed(root, dataset):
    code = (
        "import sys\nfrom vfgan.data.dataset import DataSet\n"
        "import pipelines.commands.train_faces, vfgan.data.face_examples, vfgan.data.voice_files\n"
        "assert next(DataSet(sys.argv[1]).records(['train']))\n"
        f"print([name for name in {list(FROZEN)} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, dataset], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.medium
def test_a_bucket_is_a_folder(s3):
    folder = as_path(f"{s3}/folder")
    write_json(folder / "a/x.json", {"a": 1})
    write_json(folder / "a/x.json", {"a": 2})
    assert read_json(folder / "a/x.json") == {"a": 2}
    assert [str(path.relative_to(folder)) for path in folder.rglob("*")] == ["a", "a/x.json"]
    bucket = as_path(s3)
    assert bucket.is_dir()
    assert "folder" in [path.name for path in bucket.iterdir()]
    assert [(folder / name).is_dir() for name in ("a", "a/x.json", "none")] == [True, False, False]
    with pytest.raises(SchemaError, match="s3://vfgan/folder/none.json does not exist"):
        read_json(folder / "none.json")
    with pytest.raises(OutputError, match="cannot write s3://nobody/x.json"):
        write_json("s3://nobody/x.json", {})


@pytest.mark.medium
def test_builds_from_s3_to_s3_are_those_of_this_machine(s3, voices, tmp_path, contents):
    from tfrecords_builder.build import build
    from vfgan.config.data import BuildConfig

    config, here = BuildConfig(clips_per_shard=8), tmp_path / "here"
    corpus = as_path(f"{s3}/voices")
    for path in voices.rglob("*.mp4"):
        (corpus / path.relative_to(voices)).upload(path)
    build([f"ravdess:{voices}"], here, config, workers=1)
    build([f"ravdess:{corpus}"], f"{s3}/data", config, workers=1)
    there = {shard["name"]: shard["digest"] for shard in read_json(f"{s3}/data/manifest.json")["shards"]}
    assert there == {shard["name"]: shard["digest"] for shard in read_json(here / "manifest.json")["shards"]}


@pytest.mark.medium
def test_footage_of_the_web(web, tmp_path):
    from tfrecords_builder.build import build

    address, folder = web
    for name, step in (("a.wav", 20), ("b.wav", 30)):
        soundfile.write(folder / name, 0.1 * np.sin(np.arange(16_000) / step), 16_000)
    (folder / "table.csv").write_text("file,emotion,speaker\na.wav,happy,ann\nb.wav,sad,bob\nnone.wav,sad,bob\n")
    manifest = build([f"footage:{address}/table.csv"], tmp_path / "data", workers=1)
    assert (manifest["clips"], manifest["rejected"]) == (2, 1)


@pytest.mark.slow
def test_training_reads_from_s3_and_from_the_web(s3, web, small_world, tmp_path):
    from pipelines.commands.train_faces import TrainEmotionCnn, train_faces
    from vfgan.config.networks import FaceClassifierConfig
    from vfgan.config.training import TrainConfig

    config = FaceClassifierConfig(size_px=32, width=4, features=8, train=TrainConfig(steps=2, batch_size=4))
    address, folder = web
    shutil.copytree(small_world.data, folder / "data")
    for path in small_world.data.iterdir():
        (as_path(s3) / "small" / path.name).upload(path)
    places = (small_world.data, Path(f"{s3}/small"), Path(f"{address}/data"))  # as options give them
    scores = [train_faces(TrainEmotionCnn((place,), tmp_path / str(n), config)) for n, place in enumerate(places)]
    assert [list(one.values()) for one in scores] == [list(scores[0].values())] * 3


def test_a_file_of_the_web_is_copied(web):
    address, folder = web
    (folder / "a.wav").write_bytes(b"sound")
    assert local_copy(f"{address}/a.wav").read_bytes() == b"sound"
    assert not local_copy(f"{address}/none.wav").exists()
    with pytest.raises(OutputError, match="cannot write http://"):
        write_json(f"{address}/x.json", {})


def test_a_shard_that_goes_away_is_one_line(web, small_world):
    address, folder = web
    shutil.copytree(small_world.data, folder / "data")
    data = DataSet(f"{address}/data")
    shard = next(path for path in (folder / "data").glob("train*.tfrecord"))
    shard.write_bytes(shard.read_bytes()[:-1000])
    with pytest.raises((SchemaError, MediaError), match=r"data/train.*\.tfrecord (is damaged|cannot be read)"):
        list(data.records(["train"]))
    shard.unlink()
    with pytest.raises(SchemaError, match="is missing"):
        list(data.records(["train"]))


def test_a_store_that_is_away_is_one_line():
    with pytest.raises(MediaError, match="http://127.0.0.1:9/data/manifest.json cannot be reached: .*same command"):
        DataSet("http://127.0.0.1:9/data")


@pytest.mark.medium
def test_a_process_that_used_s3_ends_as_it_says(s3, root):
    """tensorflow-io 0.37.1 alone aborts there, with exit status -6."""
    code = "import sys\nfrom vfgan.storage.remote import as_path\nprint(as_path('s3://vfgan').is_dir())\nsys.exit(5)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=os.environ, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (5, "True")
