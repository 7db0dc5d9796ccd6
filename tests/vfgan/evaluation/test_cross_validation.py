"""Figures of a cross-validation, by hand."""

import numpy as np
import pytest

from vfgan.errors import ConfigError
from vfgan.evaluation.cross_validation import (
    Predictions,
    calibration,
    corpora_of,
    folds_of,
    join,
    mean_and_reach,
    sex_of,
    summarise,
)


def predictions_of(rows):
    """Rows of (RAVDESS' actor, intensity, true, heard, probability of what was heard)."""
    probabilities = np.full((len(rows), 8), 0.0)
    for place, (_, _, _, heard, sure) in enumerate(rows):
        probabilities[place] = (1 - sure) / 7
        probabilities[place, heard] = sure
    columns = list(zip(*rows))
    clip_id = np.array([f"ravdess/{i}" for i in range(len(rows))])
    person = np.array([f"ravdess/{actor}" for actor in columns[0]])
    domain = np.full(len(rows), "ravdess")
    return Predictions(clip_id, domain, person, np.array(columns[2]), np.array(columns[1]), probabilities)


def test_folds_are_neighbours_and_share_nobody():
    people = [f"ravdess/{number:02d}" for number in range(1, 21)] * 3
    folds = folds_of(people, 5)
    assert folds[0] == ["ravdess/01", "ravdess/02", "ravdess/03", "ravdess/04"]
    assert folds[4] == ["ravdess/17", "ravdess/18", "ravdess/19", "ravdess/20"]
    assert sorted(person for fold in folds for person in fold) == sorted(set(people))
    assert folds_of(people, 0) == [[person] for person in sorted(set(people))]
    for count in (1, 21, -3):
        with pytest.raises(ConfigError, match="--folds: expected 2 to 20"):
            folds_of(people, count)


def test_every_fold_has_people_of_every_corpus_that_has_enough():
    people = [f"cremad/{n}" for n in range(1001, 1011)] + ["savee/DC", "savee/JE", "savee/JK", ""] + ["nemo/DC"]
    folds = folds_of(people, 5)
    assert [sum(name.startswith("cremad/") for name in fold) for fold in folds] == [2] * 5
    assert [sum(name.startswith("savee/") for name in fold) for fold in folds] == [1, 1, 1, 0, 0]
    assert sorted(name for fold in folds for name in fold) == sorted(set(people) - {""})


def test_corpora_are_left_out_one_at_a_time():
    corpus = ["nemo", "savee", "savee", "cremad"]
    assert corpora_of(corpus, ()) == [["cremad"], ["nemo"], ["savee"]]
    assert corpora_of(corpus, ("savee",)) == [["savee"]]
    for names, wanted in ((corpus, ("emodb",)), (["savee"] * 3, ())):
        with pytest.raises(ConfigError, match="--by corpus"):
            corpora_of(names, wanted)


def test_a_corpus_is_scored_by_its_own_emotions():
    neutral, calm, happy, surprised = 0, 1, 2, 7
    domain = np.array(["ravdess", "ravdess", "cremad", "cremad", "cremad"])
    emotion = np.array([neutral, calm, neutral, neutral, happy])
    heard = np.array([calm, calm, calm, surprised, surprised])
    probabilities = 0.6 * np.eye(8)[heard] + 0.05
    probabilities[4, happy] += 0.1
    person = np.array(["ravdess/1", "ravdess/2", "cremad/1", "cremad/1", "cremad/2"])
    summary = summarise(Predictions(person, domain, person, emotion, np.ones(5, int), probabilities))["by_corpus"]
    assert summary["ravdess"]["uar"] == summary["ravdess"]["uar_own"] == 0.5  # it has calm voices: calm is not neutral
    assert summary["cremad"]["uar"] == pytest.approx(0.25)  # one of two neutral ones, no happy one
    assert summary["cremad"]["uar_own"] == pytest.approx(1.0)  # surprised is none of its emotions
    assert (summary["cremad"]["clips"], summary["cremad"]["people"]) == (3, 2)


def test_recalls_by_hand():
    rows = [
        ("01", 1, 0, 0, 0.9),
        ("01", 1, 3, 3, 0.9),
        ("01", 2, 3, 4, 0.9),
        ("02", 1, 0, 2, 0.6),
        ("02", 2, 3, 3, 0.6),
    ]
    summary = summarise(predictions_of(rows))
    assert summary["uar"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert summary["accuracy"] == pytest.approx(3 / 5)
    assert summary["by_actor"] == pytest.approx({"ravdess/01": (1 + 1 / 2) / 2, "ravdess/02": 1 / 2})
    assert summary["mean_over_actors"] == pytest.approx(0.625)
    # two values, 0.75 and 0.5: deviation 0.1768, of the mean 0.125, times t(0.975, 1) = 12.706
    assert summary["interval_95"] == pytest.approx([0.625 - 12.706 * 0.125, 0.625 + 12.706 * 0.125], rel=1e-3)
    assert summary["by_sex"] == pytest.approx({"male": 0.75, "female": 0.5})
    assert summary["by_intensity"] == pytest.approx({"normal": 1.0, "strong": 1 / 2})  # neutral is in neither
    assert summary["by_emotion"]["sad"] == pytest.approx(2 / 3)
    assert np.array(summary["confusion"]).sum() == 5
    assert summary["confusion"][3][4] == 1


def test_the_sex_of_actors_is_known_of_ravdess_only():
    people = np.array(["ravdess/01", "ravdess/02", "crema-d/1001", "ravdess/anna", ""])
    assert sex_of(people).tolist() == ["male", "female", "", "", ""]


def test_calibration_by_hand():
    rows = [("01", 1, 0, 0, 0.95)] * 3 + [("01", 1, 0, 1, 0.95)] + [("01", 1, 0, 0, 0.55)] * 2
    rows += [("02", 1, 1, 1, 0.55)]  # a corpus with calm voices, so that calm is not counted as neutral
    curve = calibration(predictions_of(rows))
    assert curve["confidence"] == pytest.approx([0.55, 0.95])
    assert curve["share_right"] == pytest.approx([1.0, 0.75])
    assert curve["clips"] == [3, 4]
    assert curve["expected_error"] == pytest.approx((0.45 * 3 + 0.2 * 4) / 7)


def test_an_interval_needs_two():
    assert np.isnan(mean_and_reach([0.5])[1])
    assert mean_and_reach([0.5, 0.5]) == (0.5, 0.0)


def test_join_keeps_the_order():
    parts = [predictions_of([("01", 1, 0, 0, 0.9)]), predictions_of([("02", 2, 3, 3, 0.9)])]
    assert join(parts).person.tolist() == ["ravdess/01", "ravdess/02"]
    assert join(parts).uar == 1.0
