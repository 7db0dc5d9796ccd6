"""Corpora -> a data set: TFRecord shards, manifest.json, dataset.csv, rejected.csv, passed_over.csv.

The plan says which clip goes into which shard. It depends only on inputs and configuration, and a shard only on its
clips. So any number of workers gives the same bytes, and an interrupted build can resume.
"""

import contextlib
import fcntl
import functools
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfrecords_builder.clip import Clip, input_files
from tfrecords_builder.duplicates import NearDuplicates, Searching
from tfrecords_builder.inputs import gather_clips, parse_input
from tfrecords_builder.passed_over import PassedOver
from tfrecords_builder.shards import REJECTED_COLUMNS, ROW_COLUMNS, csv_text, plan_shards
from tfrecords_builder.splits import SPLITS, assign_splits
from tfrecords_builder.workers import Progress, run_shards
from vfgan.config.data import BuildConfig
from vfgan.config.serialise import to_dict
from vfgan.emotions import EMOTIONS
from vfgan.errors import ConfigError, OutputError, SchemaError
from vfgan.storage.files import check_writable, claim_folder, write_json, write_text
from vfgan.storage.remote import as_path, is_remote

if TYPE_CHECKING:
    from tfrecords_builder.on_beam import BeamRunner


def build(
    inputs: list[str],
    out: str | Path,
    config: BuildConfig | None = None,
    *,
    workers: int = 2,
    runner: "BeamRunner | None" = None,
    strict: bool = False,
    progress: Progress | None = None,
    searching: Searching | None = None,
) -> dict:
    """Builds a data set in `out`, or resumes a build that was interrupted.

    Args:
        inputs: see `tfrecords_builder.inputs.gather_clips`.
        out: folder of the data set; it and the inputs may lie on other machines (`vfgan.storage.remote`).
        config: what a record holds, and how clips are split.
        workers: processes on this machine.
        runner: Apache Beam runner that builds the shards instead.
        strict: stop at the first clip that cannot be used.
        progress: called as clips are finished; see `tfrecords_builder.workers.Progress`.
        searching: called during the search for near-duplicates; see `tfrecords_builder.duplicates.Searching`.
    Returns:
        The manifest, as in manifest.json.
    Raises:
        ConfigError, MediaError: the inputs cannot be used, or no clip could be.
        SchemaError: `out` holds a data set of another configuration or other inputs.
        OutputError: `out` cannot be written, or another build is writing there.
    """
    out, config = as_path(out), config or BuildConfig()
    for text in inputs:
        parse_input(text)  # fails before anything is written
    check_writable(out)
    with _only_one(out):
        _remove_leftovers(out)
        passed_over = PassedOver(out)
        clips = gather_clips(list(inputs), out / "unpacked", passed_over)
        alike = NearDuplicates(out / ".near-duplicates.json", searching or (lambda *_: None))
        split_of, basis_of = assign_splits(clips, config, alike if config.near_duplicates else lambda _: {})
        shards = plan_shards(clips, split_of, config)
        files = _stamps(clips)
        plan = {"config": to_dict(config), "files": files}
        claim_folder(out, ".plan.json", plan, "a data set of another plan")  # names a change instead of mixing it in
        run = runner.run_shards if runner else functools.partial(run_shards, workers=workers)
        done = run(shards, config, out, strict=strict, progress=progress or (lambda *_: None))
        _check_unchanged(files, clips, out)
        write_text(out / "passed_over.csv", csv_text(passed_over.rows(), ("file", "reason")))
        counts = dict(Counter(passed_over.reasons.values()))
        about = {"split_by": basis_of, "near_duplicates": alike.counts, "passed_over": counts}
        return _finish(out, config, about, done)


@contextlib.contextmanager
def _only_one(out: Path) -> Iterator[None]:
    """Holds the folder's lock. The system releases it however the process ends.

    Object stores have no locks. There, two builds of one plan write the same bytes, and another plan is refused.
    """
    if is_remote(out):
        yield
        return
    with open(out / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(f"{out}: another build is writing there; wait for it or choose another folder") from error
        yield


def _remove_leftovers(out: Path) -> None:
    """Removes the unfinished files of a build that was killed."""
    for found in (
        out.glob(".part-*"),
        out.glob(".at-*"),
        (out / "shards").glob(".part-*"),
        (out / "unpacked").rglob(".part-*"),
    ):
        for path in found:
            path.unlink(missing_ok=True)


def _stamps(clips: list[Clip]) -> dict[str, list[int] | None]:
    """Size and time stamp of every input file; None for a missing one."""
    paths = list(dict.fromkeys(path for clip in clips for path in input_files(clip)))
    with ThreadPoolExecutor(32) as requests:  # requests to other machines mostly wait
        return dict(zip(map(str, paths), requests.map(_stamp, paths)))


def _stamp(path: Path) -> list[int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None  # its clip is rejected with the reason
    return [stat.st_size, stat.st_mtime_ns]


def _check_unchanged(files: dict, clips: list[Clip], out: Path) -> None:
    """Raises a SchemaError if an input file changed during the build."""
    now = _stamps(clips)
    changed = sorted(path for path, stamp in files.items() if stamp and now[path] and now[path] != stamp)
    if changed:
        raise SchemaError(f"{changed[0]} changed while {out} was built from it: build into another folder")


def _finish(out: Path, config: BuildConfig, about: dict, shards: list[dict]) -> dict:
    """Writes the tables and the manifest."""
    from vfgan.data import schema

    rows = [row for shard in shards for row in shard["rows"]]
    rejected = [row for shard in shards for row in shard["rejected"]]
    write_text(out / "dataset.csv", csv_text(sorted(rows, key=lambda row: row["clip_id"]), ROW_COLUMNS))
    rejected.sort(key=lambda row: row["clip_id"])
    write_text(out / "rejected.csv", csv_text(rejected, REJECTED_COLUMNS))
    if not rows:
        reason = rejected[0]["reason"] if rejected else "there are no clips"
        raise ConfigError(f"{out}: not one clip could be used; the first: {reason}; see rejected.csv")
    manifest = {
        "schema_version": schema.VERSION,
        "schema": schema.field_table(),
        "config": to_dict(config),
        **about,
        "counts": _counts(rows),
        "clips": len(rows),
        "rejected": sum(not row["kept"] for row in rejected),
        "kept_in_part": sum(bool(row["kept"]) for row in rejected),
        "seconds_of_sound": round(sum(row["seconds"] for row in rows), 1),
        "faces": sum(row["faces"] for row in rows),
        "mfsc_statistics": _statistics([shard["sums"] for shard in shards if shard["split"] == "train"]),
        "shards": [{key: shard[key] for key in ("name", "split", "digest")} for shard in shards],
    }
    write_json(out / "manifest.json", manifest)
    return manifest


def _counts(rows: list[dict]) -> dict:
    """Counts clips by split, then by actor and by emotion."""
    counts = {}
    for split in SPLITS:
        mine = [row for row in rows if row["split"] == split]
        actors = sorted({row["actor"] for row in mine if row["actor"]})
        counts[split] = {
            "clips": len(mine),
            "faces": sum(row["faces"] for row in mine),
            "actor": {actor: sum(row["actor"] == actor for row in mine) for actor in actors},
            "emotion": {emotion: sum(row["emotion"] == emotion for row in mine) for emotion in EMOTIONS},
        }
    return counts


def _statistics(sums: list) -> dict | None:
    """Mean and deviation of each band and plane over the training split; None if it has no sound."""
    frames, total, squares = np.sum(np.asarray(sums), axis=0) if sums else np.zeros((3, 1, 1))
    if not frames.any():
        return None
    mean = total / frames
    deviation = np.sqrt(np.maximum(squares / frames - mean**2, 1e-8))
    return {"mean": np.round(mean, 6).tolist(), "deviation": np.round(deviation, 6).tolist()}
