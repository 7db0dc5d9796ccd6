"""A data set read back, and what is refused."""

import json
import shutil

import pytest
import tensorflow as tf

from vfgan.data import schema
from vfgan.data.dataset import DataSet, load_dataset
from vfgan.errors import SchemaError


@pytest.fixture
def copy(tmp_path, dataset):
    return shutil.copytree(dataset, tmp_path / "copy")


def change_manifest(folder, **values):
    manifest = json.loads((folder / "manifest.json").read_text()) | values
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_no_data_set_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(SchemaError, match=r"holds no finished data set \(no manifest\.json\): run `vfgan build`"):
            DataSet(folder)


@pytest.mark.parametrize("version", [0, 99, None, "1"])
def test_another_version_is_refused_by_its_field(copy, version):
    change_manifest(copy, schema_version=version)
    with pytest.raises(
        SchemaError, match=rf"schema_version is {version}, this vfgan reads {schema.VERSION}.*vfgan build --in"
    ):
        DataSet(copy)


def test_another_versions_configuration_is_refused_by_its_field(copy):
    config = json.loads((copy / "manifest.json").read_text())["config"]
    config["mfsc"]["vocoder"] = 3
    change_manifest(copy, config=config)
    with pytest.raises(SchemaError, match=r"manifest\.config\.mfsc: unknown field 'vocoder'"):
        DataSet(copy)


def test_a_manifest_that_is_no_json_is_refused(copy):
    (copy / "manifest.json").write_text("{")
    with pytest.raises(SchemaError, match="cannot be read as JSON"):
        DataSet(copy)


def test_a_missing_shard_is_refused_by_name(copy):
    (copy / "train-00001-of-00002.tfrecord").unlink()
    with pytest.raises(SchemaError, match=r"train-00001-of-00002\.tfrecord is missing"):
        list(DataSet(copy).records(["train"]))
    assert len(list(DataSet(copy).records(["test"]))) == 8
    with pytest.raises(SchemaError, match=r"train-00001-of-00002\.tfrecord is not what the manifest describes"):
        DataSet(copy).verify()


@pytest.mark.parametrize("how", ["flipped", "cut"])
def test_a_damaged_shard_is_refused_by_name(copy, how):
    path = copy / "validation-00000-of-00002.tfrecord"
    content = bytearray(path.read_bytes())
    if how == "cut":
        content = content[:-100]
    else:
        content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(SchemaError, match=r"validation-00000-of-00002\.tfrecord is damaged"):
        list(DataSet(copy).records(["validation"]))
    with pytest.raises(SchemaError, match=r"validation-00000-of-00002\.tfrecord is not what"):
        DataSet(copy).verify()


def test_a_record_of_other_fields_is_refused_by_their_names(copy):
    path = copy / "test-00000-of-00002.tfrecord"
    example = tf.train.Example.FromString(next(tf.data.TFRecordDataset(str(path)).as_numpy_iterator()))
    del example.features.feature["actor"]
    example.features.feature["mood"].int64_list.value.append(1)
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(example.SerializeToString())
    with pytest.raises(SchemaError, match=rf"other fields than version {schema.VERSION}: \['actor', 'mood'\]"):
        list(DataSet(copy).records(["test"]))


def test_an_undamaged_data_set_verifies_also_elsewhere(copy):
    DataSet(copy).verify()


def test_the_table_has_a_row_a_clip_with_texts_as_they_are(copy):
    table = DataSet(copy).table()
    assert table.shape == (24, 15)
    assert sorted(table["actor"].unique()) == ["01", "02", "03"]
    assert table["seconds"].between(0.4, 1.0).all()
    assert table["notes"].map(type).eq(str).all()
    assert table.groupby("split")["faces"].sum().to_dict() == {
        name: counts["faces"] for name, counts in DataSet(copy).manifest["counts"].items()
    }
    (copy / "dataset.csv").unlink()
    with pytest.raises(SchemaError, match=r"dataset\.csv is missing: build the data set again"):
        DataSet(copy).table()


def test_splits_are_those_of_the_manifest(copy):
    data = load_dataset(copy)
    assert [set(split.voices.actor) for split in (data.train, data.validation, data.test)] == [{"01"}, {"02"}, {"03"}]
    assert data.train is data.train
    assert data.train.origin["train_actors"] == ["01"]
