"""Test faces that no network has learnt from: of which data sets, and what is refused."""

import shutil

import pytest

from vfgan.config.data import CropConfig
from vfgan.config.serialise import to_dict
from vfgan.data.dataset import DataSet
from vfgan.data.held_back_faces import load_test_faces
from vfgan.data.provenance import data_origin
from vfgan.errors import ConfigError, SchemaError
from vfgan.evaluation.subject import clips_of_tests
from vfgan.storage.files import read_json, write_json


@pytest.fixture
def two(small_world, tmp_path):
    """The data set, and another of other people."""
    shutil.copytree(small_world.data, tmp_path / "others")
    return small_world.data, tmp_path / "others"


def crops(**changes):
    return {"the model": to_dict(CropConfig()) | changes}


def test_test_faces_of_several_data_sets_are_measured_with(two):
    one, sets = load_test_faces(two[:1], 32, crops(), [])
    both, sets = load_test_faces(two, 32, crops(), [])
    assert len(both) == 2 * len(one) > 0
    assert len(list(clips_of_tests(sets))) == 2 * len(list(clips_of_tests(sets[:1])))


def test_faces_that_may_have_been_in_training_are_refused(two):
    origin = data_origin(DataSet(two[0]), ["04"]) | {"digest": "another build"}
    people = {record["actor"] for record in DataSet(two[0]).records(["test"])}
    origin["train_actors"] = sorted(people)
    with pytest.raises(SchemaError, match="another build of it"):
        load_test_faces(two, 32, crops(), [{}, {"faces": origin}])


def test_faces_that_are_cut_out_otherwise_are_refused(two):
    with pytest.raises(SchemaError, match=r"crop\.eye_height"):
        load_test_faces(two, 32, crops(eye_height=0.2), [])


def test_without_test_faces_there_is_nothing_to_measure_with(two):
    manifest = read_json(two[1] / "manifest.json")
    manifest["counts"]["test"]["faces"] = 0
    write_json(two[1] / "manifest.json", manifest)
    with pytest.raises(ConfigError, match="none of these data sets has test faces"):
        load_test_faces(two[1:], 32, crops(), [])
