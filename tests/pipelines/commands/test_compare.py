"""`vfgan compare`: a row a variant, resumed where it was; what fails is a row, too."""

import dataclasses
from types import SimpleNamespace

import pytest

from pipelines.commands import compare as module
from pipelines.commands.compare import compare, comparison_frame, draw_ratio, gan_command
from pipelines.commands.train_gan import train_gan
from pipelines.gan.variants import TABLES
from pipelines.reports.tables import markdown
from vfgan.errors import SchemaError, TrainingDiverged
from vfgan.storage.files import read_json

pytestmark = pytest.mark.medium


@pytest.mark.slow
def test_the_same_steps_in_place_of_the_same_time(comparison, monkeypatch):
    monkeypatch.setitem(module.TABLES, "ratio", {"ratio 1": {}, "rising": {"verification_schedule": "rise"}})
    seen = []

    def train(name, args):
        seen.append((args.config.train.steps, args.config.train.minutes))
        train_gan(args)

    rows = compare(dataclasses.replace(comparison, table="ratio", steps=2), train)
    assert seen == [(2, 0.0), (2, 0.0)]
    assert [row["steps"] for row in rows.values()] == [2, 2]


@pytest.mark.slow
def test_rows_come_one_by_one_and_are_not_made_twice(comparison, monkeypatch):
    monkeypatch.setitem(
        module.TABLES, "baselines", {"plain": {"condition": "none"}, "label": {"attribute": "label"}, "breaks": {}}
    )
    trained = []

    def train(name, args):
        trained.append(name)
        assert args.config.stability.guard == "tell"
        assert args.config.train.minutes == 30.0
        if name == "breaks":
            raise TrainingDiverged("step 3: d_y is nan")
        train_gan(args)
        assert name != "label" or "plain" in read_json(comparison.out / "baselines.json")["rows"]

    rows = compare(comparison, train)
    assert rows["breaks"] == {"failed": "step 3: d_y is nan"}
    assert rows["plain"]["steps"] == rows["label"]["steps"] == 4
    assert {"images/s", "alarms", "judge = heard", "matched - shuffled", "identity", "liveliness"} <= set(rows["plain"])
    # it begins at the identity
    assert rows["plain"]["identity"] > 0.5
    assert rows["plain"]["liveliness"] == pytest.approx(1, abs=0.5)
    assert compare(comparison, train) == rows
    assert trained == ["plain", "label", "breaks"]
    text = (comparison.out / "baselines.md").read_text()
    assert "| plain | 4 |" in text
    assert text.splitlines()[-1].startswith("| breaks | -")
    assert text.splitlines()[-1].endswith("| step 3: d_y is nan |")
    assert (comparison.out / "baselines.csv").read_text().startswith("variant,steps,")


@pytest.mark.slow
def test_icgan_is_trained_and_measured_as_the_others(comparison, monkeypatch):
    (name,) = (name for name in TABLES["baselines"] if name.startswith("IcGAN"))
    monkeypatch.setitem(module.TABLES, "baselines", {name: TABLES["baselines"][name]})
    row = compare(comparison, lambda name, args: train_gan(args))[name]
    assert row["steps"] == 4
    assert {"judge = heard", "matched - shuffled", "identity"} <= set(row)
    log = (comparison.out / "baselines" / "icgan-a-conditional-dcgan-with-encoders" / "log.csv").read_text()
    assert {"code", "attribute", "d_y_wrong_voice"} <= set(log.splitlines()[0].split(","))


def every_row_is(monkeypatch, row):
    scorer = SimpleNamespace(row=lambda run, config: row)
    monkeypatch.setattr("pipelines.gan.scorer.Scorer", lambda args: scorer)


def test_the_sweep_over_ratios_draws_a_figure(comparison, monkeypatch):
    monkeypatch.setitem(module.TABLES, "ratio", {"ratio 0": {}, "ratio 1": {}})

    every_row_is(monkeypatch, {"liveliness": 0.5, "judge = heard": 0.2, "steps": 3})
    compare(dataclasses.replace(comparison, table="ratio"), lambda name, args: None)
    assert (comparison.out / "ratio.png").stat().st_size > 1_000


def test_a_figure_of_several_seeds(tmp_path):
    def rows(level):
        return {"ratio 0": {"liveliness": level, "judge = heard": 0.2}, "ratio 0.5": {"failed": "step 3: d_y is nan"}}

    draw_ratio(tmp_path / "one.svg", rows(0.5))
    draw_ratio(tmp_path / "two.svg", rows(0.5), rows(0.7))
    one, two = ((tmp_path / name).read_text() for name in ("one.svg", "two.svg"))
    assert "<!-- ratio 0 -->" in two
    assert "<!-- ratio 0.5 -->" not in two  # it failed
    assert "<!-- 0.70 -->" in two  # the axis reaches as far as the second
    assert "<!-- 0.70 -->" not in one


def test_schedules_end_with_the_training_of_the_same_time(comparison, monkeypatch):
    config = comparison.config
    endless = dataclasses.replace(config, train=dataclasses.replace(config.train, steps=module._NEVER))
    monkeypatch.setitem(module.TABLES, "ratio", {"ratio 1": {}, "rising": {"verification_schedule": "rise"}})

    every_row_is(monkeypatch, {"liveliness": 0.5, "judge = heard": 0.2, "steps": 321})
    steps = {}
    compare(
        dataclasses.replace(comparison, table="ratio", config=endless),
        lambda name, args: steps.update({name: args.config.train.steps}),
    )
    assert steps == {"ratio 1": module._NEVER, "rising": 321}


def test_a_schedule_ends_where_the_training_without_it_failed(comparison, monkeypatch):
    config = comparison.config
    endless = dataclasses.replace(config, train=dataclasses.replace(config.train, steps=module._NEVER))
    variants = {"ratio 0": {}, "ratio 1": {}, "rising": {"verification_schedule": "rise"}}
    monkeypatch.setitem(module.TABLES, "ratio", variants)
    every_row_is(monkeypatch, {"liveliness": 0.5, "judge = heard": 0.2, "steps": 321})
    steps = {}

    def train(name, args):
        steps[name] = args.config.train.steps
        if name == "ratio 1":
            raise TrainingDiverged("step 5: the loss is NaN")

    compare(dataclasses.replace(comparison, table="ratio", config=endless), train)
    assert steps == {"ratio 0": module._NEVER, "ratio 1": module._NEVER, "rising": 321}


def test_rows_of_another_judge_are_not_mixed_in(comparison, monkeypatch):
    monkeypatch.setitem(module.TABLES, "baselines", {})
    compare(comparison, None)
    with pytest.raises(SchemaError, match="judge"):
        compare(dataclasses.replace(comparison, judge="another"), None)


def test_folders_of_variants_differ(comparison):
    folders = {gan_command(comparison, name, {}).run for variants in TABLES.values() for name in variants}
    assert len(folders) == sum(len(variants) for variants in TABLES.values())


def test_table_by_hand():
    rows = markdown(comparison_frame({"a": {"steps": 1200, "identity": 0.91234}})).splitlines()
    assert rows[2] == "| a | 1200 | - | - | - | - | 0.912 | - | - |"
