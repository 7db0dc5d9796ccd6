"""Folds one after the other, and side by side in processes."""

from pathlib import Path

import pytest

from pipelines.folds import Fold, run_folds
from vfgan.errors import ConfigError, VfganError

FOLDS = [Fold(1, number, (f"{number:02d}",), Path(f"fold-{number:02d}")) for number in (1, 2, 3)]


def train(fold, tick):
    tick(1, {"loss": float(fold.number)})
    tick(2, {})


def fail_at_second(fold, tick):
    if fold.number == 2:
        raise ConfigError("the second fails")


def test_one_worker_takes_one_after_the_other():
    told = []
    done = list(run_folds(train, FOLDS, 1, lambda fold, step, scores: told.append((fold.name, step, scores))))
    assert done == FOLDS
    assert told[:2] == [("seed 1 fold 1", 1, {"loss": 1.0}), ("seed 1 fold 1", 2, {})]
    assert [step for _, step, _ in told] == [1, 2] * 3


def test_a_fold_that_fails_ends_the_others():
    done = run_folds(fail_at_second, FOLDS, 1, lambda *_: None)
    assert next(done) == FOLDS[0]
    with pytest.raises(ConfigError, match="the second fails"):
        next(done)


@pytest.mark.slow
def test_two_workers_give_every_fold():
    told = []
    done = list(run_folds(train, FOLDS, 2, lambda fold, step, scores: told.append((fold.number, step))))
    assert sorted(fold.number for fold in done) == [1, 2, 3]
    assert set(told) <= {(number, step) for number in (1, 2, 3) for step in (1, 2)}
    with pytest.raises(VfganError, match="the second fails"):
        list(run_folds(fail_at_second, FOLDS, 2, lambda *_: None))
