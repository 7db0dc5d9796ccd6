"""Builds shards in worker processes: collects progress, stops them, and reports a worker that dies."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from tfrecords_builder.processes import end_with_parent, quiet_start
from tfrecords_builder.shards import Shard, build_shard
from vfgan.config.data import BuildConfig
from vfgan.errors import MediaError

#: Called with (clips done, clips in all, clips rejected, seconds of footage done).
Progress = Callable[[int, int, int, float], None]


def run_shards(
    shards: list[Shard], config: BuildConfig, out: Path, *, workers: int, strict: bool, progress: Progress
) -> list[dict]:
    """Builds shards in this process (one worker) or in several.

    Returns:
        The description of each shard, in order.
    Raises:
        MediaError: with `strict`, a clip cannot be used; or a worker died; or the folder of an input disappeared.
        OutputError: a shard cannot be written.
    """
    counter = _Counter(sum(len(shard.clips) for shard in shards), progress)
    if workers <= 1 or len(shards) == 1:
        threads = len(os.sched_getaffinity(0))
        return [build_shard(shard, config, out, strict, counter.tick, threads) for shard in shards]
    context = multiprocessing.get_context("spawn")
    ticks, stop = context.Queue(), context.Event()
    executor = ProcessPoolExecutor(min(workers, len(shards)), context, _start_worker, (ticks, stop, out))
    try:
        with executor:
            try:
                # the longest first, so that none starts when the others are finished
                order = sorted(range(len(shards)), key=lambda index: -len(shards[index].clips))
                with quiet_start():
                    futures = {index: executor.submit(_work, shards[index], config, out, strict) for index in order}
                pending = set(futures.values())
                while pending:
                    finished, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                    counter.drain(ticks)
                    for future in finished:
                        future.result()
            except BaseException:
                stop.set()  # each worker finishes its clip and leaves no unfinished file
                executor.shutdown(cancel_futures=True)
                raise
        counter.drain(ticks)
        return [futures[index].result() for index in range(len(shards))]
    except BrokenProcessPool as error:
        raise MediaError(_obituary(out)) from error
    finally:
        for path in out.glob(".at-*"):
            path.unlink(missing_ok=True)


class _Counter:
    """Counts finished clips."""

    def __init__(self, total: int, progress: Progress):
        self._total, self._progress = total, progress
        self._done, self._rejected, self._seconds = 0, 0, 0.0

    def tick(self, what: str, value: str | float) -> None:
        """See `tfrecords_builder.shards.Tick`."""
        if what == "started":
            return
        self._done += 1
        self._rejected += what == "rejected"
        self._seconds += value
        self._progress(self._done, self._total, self._rejected, self._seconds)

    def drain(self, ticks) -> None:
        """Counts what the workers have sent."""
        while not ticks.empty():
            self.tick(*ticks.get())


def _obituary(out: Path) -> str:
    notes = [path.read_text(encoding="utf-8") for path in out.glob(".at-*")]
    clips = sorted(filter(None, notes))  # a worker that died while writing its note left it empty
    where = f"while it read {' or '.join(clips)}" if clips else "before its first clip"
    return (
        f"a worker process died {where}: it was killed, memory ran out, or the file crashes its decoder; run the same "
        "command again to resume; if that does not help, move the file away or use fewer --workers"
    )


_ticks = _stop = _note = None


def _start_worker(ticks, stop, out: Path) -> None:
    global _ticks, _stop, _note
    _ticks, _stop, _note = ticks, stop, out / f".at-{os.getpid()}"
    end_with_parent()


def _work(shard: Shard, config: BuildConfig, out: Path, strict: bool) -> dict:
    return build_shard(shard, config, out, strict, _tick)


def _tick(what: str, value: str | float) -> None:
    if _stop.is_set():
        raise CancelledError("the build was stopped")
    if what == "started":
        _note.write_text(value, encoding="utf-8")  # read only if this process dies
    else:
        _ticks.put((what, value))
