"""Figures of a cross-validation, by hand."""

import numpy as np
import pytest

from vfgan.errors import ConfigError
from vfgan.evaluation.cross_validation import (
    Predictions,
    calibration,
    folds_of,
    join,
    mean_and_reach,
    sex_of,
    summarise,
)


def predictions_of(rows):
    """Rows of (actor, intensity, true, heard, probability of what was heard)."""
    probabilities = np.full((len(rows), 8), 0.0)
    for place, (_, _, _, heard, sure) in enumerate(rows):
        probabilities[place] = (1 - sure) / 7
        probabilities[place, heard] = sure
    columns = list(zip(*rows))
    clip_id = np.array([f"ravdess/{i}" for i in range(len(rows))])
    return Predictions(clip_id, np.array(columns[0]), np.array(columns[2]), np.array(columns[1]), probabilities)


def test_folds_are_neighbours_and_share_nobody():
    actors = [f"{number:02d}" for number in range(1, 21)] * 3
    folds = folds_of(actors, 5)
    assert folds[0] == ["01", "02", "03", "04"]
    assert folds[4] == ["17", "18", "19", "20"]
    assert sorted(actor for fold in folds for actor in fold) == sorted(set(actors))
    assert folds_of(actors, 0) == [[actor] for actor in sorted(set(actors))]
    for count in (1, 21, -3):
        with pytest.raises(ConfigError, match="--folds: expected 2 to 20"):
            folds_of(actors, count)


def test_recalls_by_hand():
    rows = [
        ("01", 1, 0, 0, 0.9),
        ("01", 1, 3, 3, 0.9),
        ("01", 2, 3, 4, 0.9),
        ("02", 1, 0, 1, 0.6),
        ("02", 2, 3, 3, 0.6),
    ]
    summary = summarise(predictions_of(rows))
    assert summary["uar"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert summary["accuracy"] == pytest.approx(3 / 5)
    assert summary["by_actor"] == pytest.approx({"01": (1 + 1 / 2) / 2, "02": 1 / 2})
    assert summary["mean_over_actors"] == pytest.approx(0.625)
    # two values, 0.75 and 0.5: deviation 0.1768, of the mean 0.125, times t(0.975, 1) = 12.706
    assert summary["interval_95"] == pytest.approx([0.625 - 12.706 * 0.125, 0.625 + 12.706 * 0.125], rel=1e-3)
    assert summary["by_sex"] == pytest.approx({"male": 0.75, "female": 0.5})
    assert summary["by_intensity"] == pytest.approx({"normal": 1.0, "strong": 1 / 2})  # neutral is in neither
    assert summary["by_emotion"]["sad"] == pytest.approx(2 / 3)
    assert np.array(summary["confusion"]).sum() == 5
    assert summary["confusion"][3][4] == 1


def test_the_sex_of_actors_is_known_of_ravdess_only():
    clips = np.array(["ravdess/a", "ravdess/b", "crema-d/a", "ravdess/c"])
    assert sex_of(clips, np.array(["01", "02", "1001", "anna"])).tolist() == ["male", "female", "", ""]


def test_calibration_by_hand():
    rows = [("01", 1, 0, 0, 0.95)] * 3 + [("01", 1, 0, 1, 0.95)] + [("01", 1, 0, 0, 0.55)] * 2
    curve = calibration(predictions_of(rows))
    assert curve["confidence"] == pytest.approx([0.55, 0.95])
    assert curve["share_right"] == pytest.approx([1.0, 0.75])
    assert curve["clips"] == [2, 4]
    assert curve["expected_error"] == pytest.approx((0.45 * 2 + 0.2 * 4) / 6)


def test_an_interval_needs_two():
    assert np.isnan(mean_and_reach([0.5])[1])
    assert mean_and_reach([0.5, 0.5]) == (0.5, 0.0)


def test_join_keeps_the_order():
    parts = [predictions_of([("01", 1, 0, 0, 0.9)]), predictions_of([("02", 2, 3, 3, 0.9)])]
    assert join(parts).actor.tolist() == ["01", "02"]
    assert join(parts).uar == 1.0
