"""Which data a network has learnt from, and what may therefore not be used with it."""

import json

import pytest

from vfgan.config.data import BuildConfig, CropConfig, MfscConfig
from vfgan.config.serialise import to_dict
from vfgan.data import schema
from vfgan.data.dataset import DataSet
from vfgan.data.provenance import check_held_back, check_same_mfsc, data_origin, open_face_sets, unheard_actors
from vfgan.errors import ConfigError, SchemaError


def write_set(folder, actors=("01", "02", "03"), corpus="ravdess", shards=("a",), config=None):
    """A data set without records: its manifest is all that is asked here."""
    folder.mkdir(parents=True)
    manifest = {
        "schema_version": schema.VERSION, "config": to_dict(config or BuildConfig()), "split_by": {corpus: "actor"},
        "shards": [{"name": name, "digest": name, "split": "train"} for name in shards],
        "counts": {"train": {"clips": 7, "actor": dict.fromkeys(actors, 1)}},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return DataSet(folder)


def test_sets_of_one_name_cannot_be_told_apart(tmp_path):
    for part in ("a", "b"):
        write_set(tmp_path / part / "faces")
    with pytest.raises(ConfigError, match="have the same name"):
        open_face_sets([tmp_path / "a" / "faces", tmp_path / "b" / "faces"])


def test_other_crops_are_not_mixed_but_other_sizes_are(tmp_path):
    write_set(tmp_path / "one")
    write_set(tmp_path / "small", config=BuildConfig(crop=CropConfig(size_px=64)))
    assert list(open_face_sets([tmp_path / "one", tmp_path / "small"])) == ["one", "small"]
    write_set(tmp_path / "wide", config=BuildConfig(crop=CropConfig(eye_distance=0.3)))
    with pytest.raises(
        SchemaError, match=r"wide has other crops than .*one: crop\.eye_distance is 0\.36 here and 0\.3"
    ):
        open_face_sets([tmp_path / "one", tmp_path / "wide"])


def test_voices_prepared_otherwise_do_not_fit(tmp_path):
    voices = write_set(tmp_path / "voices")
    check_same_mfsc(to_dict(MfscConfig()), voices)
    with pytest.raises(SchemaError, match=r"mfsc\.hops_per_frame is 6 here and 3 there"):
        check_same_mfsc(to_dict(MfscConfig(hops_per_frame=6)), voices)


def test_actors_are_those_not_learnt_from(tmp_path):
    voices = write_set(tmp_path / "voices", actors=("01", "02", "03", "04"))
    assert unheard_actors({"01"}, voices, ()) == ("02", "03", "04")
    assert unheard_actors({"01"}, voices, (), keep_last=True) == ("02", "03")
    assert unheard_actors({"01", "02", "03"}, voices, (), keep_last=True) == ("04",)
    assert unheard_actors({"01"}, voices, ("04", "02"), keep_last=True) == ("04", "02")
    with pytest.raises(ConfigError, match="--voice-actors 01: .* trained on their voices .* others are 02 03 04"):
        unheard_actors({"01"}, voices, ("01", "02"))
    with pytest.raises(ConfigError, match="--voice-actors 09: not in"):
        unheard_actors({"01"}, voices, ("09",))
    with pytest.raises(ConfigError, match="all its actors"):
        unheard_actors({"01", "02", "03", "04"}, voices, ())


def test_faces_of_the_training_are_no_test(tmp_path):
    mine = write_set(tmp_path / "mine", shards=("a", "b"))
    origins = {"mine": data_origin(mine, ["01", "02"])}
    check_held_back(origins, mine, {"01", "02"})  # its test split
    rebuilt = write_set(tmp_path / "rebuilt", shards=("c",))
    check_held_back(origins, rebuilt, {"03"})
    with pytest.raises(SchemaError, match="shares actors 02 of ravdess with mine"):
        check_held_back(origins, rebuilt, {"02", "03"})
    check_held_back(origins, write_set(tmp_path / "other", corpus="mead", shards=("d",)), {"02"})
    nameless = write_set(tmp_path / "nameless", corpus="fer2013", shards=("e",))
    origins = {"nameless": data_origin(nameless, ["", ""])}
    check_held_back(origins, nameless, {""})
    again = write_set(tmp_path / "again", corpus="fer2013", shards=("f",))
    with pytest.raises(SchemaError, match="shares people without names of fer2013"):
        check_held_back(origins, again, {""})
