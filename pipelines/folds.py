"""Runs the folds of a cross-validation, one after the other in this process or side by side in several."""

import dataclasses
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np

from tfrecords_builder.processes import end_with_parent, quiet_start
from vfgan.data.voice_set import Voices
from vfgan.errors import VfganError


@dataclasses.dataclass(frozen=True)
class Fold:
    """One training and its test."""

    seed: int
    number: int  #: from 1
    test: tuple[str, ...]  #: who is tested: people, as corpus/actor, or whole corpora by their names
    run: Path  #: folder of the training and its predictions

    @property
    def name(self) -> str:
        """Name of the fold in the progress bar."""
        return f"seed {self.seed} fold {self.number}"

    def tests(self, voices: Voices) -> np.ndarray:
        """Whom it is tested on: bool [clips]."""
        return np.isin(voices.person, self.test) | np.isin(voices.corpus, self.test)


#: Called with the fold, the steps that it has done, and its scores.
Progress = Callable[[Fold, int, dict], None]


def run_folds(
    train_fold: Callable[[Fold, Callable[[int, dict], None]], None],
    folds: list[Fold],
    workers: int,
    progress: Progress,
) -> Iterator[Fold]:
    """Yields each fold as soon as it is finished.

    Args:
        train_fold: trains one fold, reporting (steps, scores). With several workers it must be picklable.
        workers: number of processes with one thread each; 1 uses this process and all its threads.
    Raises:
        VfganError: a fold failed. The others stop with a checkpoint each and resume when called again.
    """
    if workers <= 1 or len(folds) <= 1:
        for fold in folds:
            train_fold(fold, lambda step, scores, fold=fold: progress(fold, step, scores))
            yield fold
        return
    context = multiprocessing.get_context("spawn")
    ticks, stop = context.Queue(), context.Event()
    executor = ProcessPoolExecutor(min(workers, len(folds)), context, _start_worker, (ticks, stop))
    with executor:
        try:
            with quiet_start():
                pending = {executor.submit(_work, train_fold, fold): fold for fold in folds}
            while pending:
                finished, _ = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
                while not ticks.empty():
                    progress(*ticks.get())
                for future in finished:
                    future.result()
                    yield pending.pop(future)
        except BaseException as error:
            stop.set()  # each worker ends with a checkpoint
            executor.shutdown(cancel_futures=True)
            if isinstance(error, BrokenProcessPool):
                raise VfganError(
                    "a worker process died: it was killed or memory ran out; run the same command again to resume, if "
                    "necessary with fewer --workers"
                ) from error
            raise


_ticks = _stop = None


def _start_worker(ticks, stop) -> None:
    global _ticks, _stop
    _ticks, _stop = ticks, stop
    end_with_parent()


def _work(train_fold, fold: Fold) -> None:
    def tick(step: int, scores: dict) -> None:
        if _stop.is_set():
            signal.raise_signal(signal.SIGTERM)  # the training loop then saves a checkpoint and ends
        _ticks.put((fold, step, scores))

    if _stop.is_set():  # the fold was already in the queue
        raise VfganError(f"stopped before {fold.name}: run the same command again to resume")
    train_fold(fold, tick)
