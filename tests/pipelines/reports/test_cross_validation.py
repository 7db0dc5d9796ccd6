"""The figures of a cross-validation as text."""

from pipelines.reports.cross_validation import recall_frame, recall_table


def test_every_seed_has_a_row_with_its_interval():
    groups = {"by_emotion": {"happy": 0.25}, "by_intensity": {}, "by_sex": {"male": 0.5}, "by_actor": {"01": 0.75}}
    one = {"uar": 0.5, "accuracy": 0.625, "mean_over_actors": 0.4, "interval_95": (0.3, 0.5)}
    two = {"uar": 0.7, "accuracy": 0.5, "mean_over_actors": 0.6, "interval_95": None}  # one actor alone
    corpus = {"uar": 0.25, "uar_own": 0.375, "expected_calibration_error": 0.0625, "people": 3, "clips": 9}
    whole = {"accuracy": 0.5625, "calibration": {"expected_error": 0.125}, "by_corpus": {"savee": corpus}} | groups
    results = {"seeds": {"1": one, "2": two}, "uar": 0.6, "all_seeds": whole, "probes": {"sex": 0.9}}
    text = recall_table(results)
    rows = [line.split() for line in text.splitlines()]
    assert rows[1] == ["1", "0.500", "0.625", "0.400", "(0.300", "to", "0.500)"]
    assert rows[2] == ["2", "0.700", "0.500", "0.600", "(nan", "to", "nan)"]
    assert rows[3] == ["mean", "0.600", "0.562"]
    assert "by sex: male 0.500" in text
    assert "savee          UAR 0.250, among its own emotions 0.375, calibration error 0.062 (3 people, 9 clips)" in text
    assert "linear probe of z (chance 0.5): sex 0.900" in text
    frame = recall_frame(results)["recall"]
    assert dict(frame["seed"]) == {"1": 0.5, "2": 0.7, "mean": 0.6}
    assert dict(frame.drop("seed", level="group")) == {
        ("emotion", "happy"): 0.25, ("sex", "male"): 0.5, ("actor", "01"): 0.75, ("corpus", "savee"): 0.25,
    }  # fmt: skip
