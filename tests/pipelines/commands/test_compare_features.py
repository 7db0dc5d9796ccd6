"""`vfgan compare --table features`: a row for what is seen of a voice, of people that are not the test's."""

import pandas as pd
import pytest

from pipelines.commands import compare_features as module
from pipelines.commands.compare import Compare, compare
from pipelines.commands.compare_features import FEATURE_COLUMNS, compare_features
from pipelines.gan.variants import FEATURES
from tests.fixtures.folds import CONFIG
from vfgan.data.dataset import DataSet
from vfgan.errors import ConfigError
from vfgan.storage.files import read_json

pytestmark = pytest.mark.medium


@pytest.mark.slow
def test_each_way_of_seeing_a_voice_has_a_row(data, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ExtractorConfig", lambda: CONFIG)
    rows = compare_features(Compare(voices=data, out=tmp_path, table="features", steps=2, folds=2))
    assert list(rows) == list(FEATURES)
    assert all(set(row) == set(FEATURE_COLUMNS) and row["folds"] == 2 for row in rows.values())
    test = set(DataSet(data).manifest["counts"]["test"]["actor"])
    assert test
    for folder in ("mfsc", "mfcc", "static"):
        run = read_json(tmp_path / "features" / folder / "seed-1" / "fold-01" / "config.json")
        assert run["config"]["features"] == folder
        assert run["config"]["train"]["steps"] == 2
        heard = pd.read_csv(tmp_path / "features" / folder / "seed-1" / "fold-01" / "predictions.csv")
        assert not {person.split("/")[1] for person in heard["person"]} & test
        assert not set(run["data"]["train_actors"]) & test
    assert list(pd.read_csv(tmp_path / "features.csv")["variant"]) == list(FEATURES)


def test_other_tables_say_what_they_lack(tmp_path):
    with pytest.raises(ConfigError, match="--faces: expected with --table baselines"):
        compare(Compare(voices=tmp_path, out=tmp_path), None)
